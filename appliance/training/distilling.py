"""What a student learns from: the teacher's likelihoods of the next token beside the labels (Hinton et al. 2015,
arXiv 1503.02531).

Of the teacher the most likely tokens are known, and all others together as one more. Over these the divergence
KL(teacher || student) is taken: it is never more than that over the whole vocabulary (merging outcomes loses
information, Cover and Thomas, theorem 2.8.1), and 0 where the two agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import labelled_logits
from appliance.training.teaching import Lessons


@dataclass(frozen=True, slots=True)
class Distillation:
    """The loss of a student, to be given to `train`: a mixture of the teacher's word and the labels."""

    lessons: Lessons
    teacher_share: float  # of the loss, 0 to 1

    def __call__(self, model: Any, rows: Sequence[TokenRow]) -> tuple[torch.Tensor, int]:
        """Return the summed loss in nats, with gradient, and the number of labelled tokens.

        The teacher's part is multiplied by the square of the temperature, as its gradient shrinks by that.

        Raises:
            IntegrityError: the teacher was not asked about one of the rows.
        """
        logits, labels = labelled_logits(model, rows)
        told = functional.cross_entropy(logits, labels, reduction="sum")
        heard = self._divergence(logits, rows)
        return self.teacher_share * self.lessons.temperature**2 * heard + (1 - self.teacher_share) * told, len(labels)

    def divergence(self, model: Any, rows: Sequence[TokenRow], batch_size: int) -> float:
        """Return how far the student is from its teacher, nats a labelled token, without gradient."""
        model.eval()
        nats, tokens = 0.0, 0
        with torch.no_grad():
            for start in range(0, len(rows), batch_size):
                part = rows[start : start + batch_size]
                logits, labels = labelled_logits(model, part)
                nats, tokens = nats + float(self._divergence(logits, part)), tokens + len(labels)
        return nats / tokens

    def _divergence(self, logits: torch.Tensor, rows: Sequence[TokenRow]) -> torch.Tensor:
        ids, likelihoods = self.lessons.of(rows)
        return divergence(logits, ids.to(logits.device), likelihoods.to(logits.device), self.lessons.temperature)


def divergence(logits: torch.Tensor, ids: torch.Tensor, likelihoods: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return the summed KL(teacher || student), nats.

    Args:
        logits: of the student [places, vocabulary].
        ids: the tokens that the teacher found most likely [places, k].
        likelihoods: the teacher's log-likelihoods of these at the temperature [places, k].
        temperature: by which the student's logits are divided.
    """
    heard = with_others(likelihoods.float())
    scaled = logits / temperature
    others = scaled.scatter(1, ids, -torch.inf).logsumexp(1, keepdim=True)  # exact, where 1 - sum(p) would cancel
    said = torch.cat([scaled.gather(1, ids), others], 1) - scaled.logsumexp(1, keepdim=True)
    apart: torch.Tensor = torch.special.xlogy(heard, heard) - torch.where(heard > 0, heard * said, 0.0)
    return apart.sum()


def with_others(likelihoods: torch.Tensor) -> torch.Tensor:
    """Return the likelihoods [places, k + 1] of the known tokens and of all others together; each row adds up to 1.

    The log-likelihoods were rounded to 16 bits: what they add up to more than 1 is shared out.
    """
    known = likelihoods.exp()
    others = (1 - known.sum(1, keepdim=True)).clamp(min=0)
    whole = torch.cat([known, others], 1)
    return whole / whole.sum(1, keepdim=True)
