"""The very rows of a training, for those who repeat it or go on from it."""

from appliance.base_model.chat import TokenRow
from appliance.base_model.loading import load_tokenizer
from appliance.base_model.locating import model_folder
from appliance.core.store import Artifact
from appliance.training.canaries import read_canaries
from appliance.training.examples import tokenize_all
from appliance.training.task import CANARIES, ROWS, read_task


def learnt_rows(
    intake: Artifact, prepared: Artifact, trained: Artifact
) -> tuple[tuple[TokenRow, ...], tuple[TokenRow, ...]]:
    """Return the rows that were trained on, canaries among them, and those held out for the curve, in their order."""
    task, learnt = read_task(prepared), trained.read_json(ROWS)
    copies = (copy for canary in read_canaries(prepared.folder / CANARIES) for copy in canary.copies())
    tokenizer = load_tokenizer(model_folder(intake))
    tokenized = tokenize_all((*task.train, *copies), tokenizer, task.instruction, task.max_tokens)
    rows = {row.id: row for row in tokenized.rows}
    inside, outside = (tuple(rows[name] for name in learnt[side]) for side in ("trained", "held_out"))
    return inside, outside
