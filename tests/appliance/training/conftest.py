"""What the tests of training share: small rows, a plan, and one thread, so that bits can be compared."""

import pytest
import torch

from appliance.base_model.chat import TokenRow
from appliance.core.sections import TrainSettings
from appliance.training.plan import TrainPlan, TrainPoint


@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def row(number: int, length: int, labelled: int) -> TokenRow:
    """Return a row of plausible tokens that begins as all others do."""
    body = tuple(3 + (number * 7 + place) % 250 for place in range(length - 2))
    return TokenRow(str(number), (1, *body, 2), length - labelled)


@pytest.fixture
def uneven_rows() -> tuple[TokenRow, ...]:
    """Rows of very different lengths."""
    return tuple(row(number, length, 3 + number % 3) for number, length in enumerate((9, 40, 13, 25, 8, 31, 17, 10)))


@pytest.fixture
def small_plan() -> TrainPlan:
    """Eight steps on sixteen rows, with four held out."""
    settings = TrainSettings(
        epochs=2, batch_size=4, rank=4, alpha=8, learning_rate=5e-3, evaluate_every=3, checkpoint_every=2
    )
    rows = tuple(row(number, 10 + number % 7, 3) for number in range(20))
    return TrainPlan(rows[:16], rows[16:], settings, 7, "base")


@pytest.fixture
def make_curve():
    """Return a function that turns training losses and held-out losses by step into a curve."""

    def make(losses, held=None) -> list[TrainPoint]:
        return [
            TrainPoint(
                step=step,
                steps=len(losses),
                epoch=step / len(losses),
                loss=loss,
                valid_loss=(held or {}).get(step),
                learning_rate=1e-3,
                gradient_norm=1.0,
                weight_norm=1.0,
                tokens_per_second=100.0,
                rss_bytes=10**9,
                seconds_left=0.0,
                temperature=None,
            )
            for step, loss in enumerate(losses, start=1)
        ]

    return make
