"""Draws pairs of answers for a blind comparison by a person, and counts what the person chose. Clean.

The run does not wait for the choices; they may come later, and the run is then started again.
"""

from collections.abc import Mapping
from dataclasses import asdict

from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import CompareSettings
from appliance.core.store import Artifact, Draft
from appliance.core.tasks import JUDGED
from appliance.evaluation.blind import draw_pairs
from appliance.reviewing.choices import COMPARISON_FILE, KEY_FILE, PAIRS_FILE, read_choices, tally
from appliance.stages.evaluate import ANSWERS
from appliance.training.task import read_task

COMPARISON = COMPARISON_FILE


def run(inputs: Mapping[str, Artifact], settings: CompareSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the pairs, their key, and the win rate.

    Raises:
        InputError: the file of choices is not about these pairs.
    """
    task = read_task(inputs["prepare"])
    prompts = {example.id: example.prompt for example in task.test}
    against = JUDGED[task.kind].baseline if settings.against == "baseline" else settings.against
    answers = list(inputs["evaluate"].read_lines(ANSWERS))
    pairs, key = draw_pairs(answers, prompts, against, settings.pairs, settings.seed)
    file = settings.choices
    text = file.read_text(encoding="utf-8") if file and file.exists() else ""
    choices = read_choices(text, key, str(file))
    facts = {"against": against, "pairs": len(pairs), **tally(choices, key)}
    draft.write_lines(PAIRS_FILE, map(asdict, pairs))
    draft.write_json(KEY_FILE, key)
    draft.write_json(COMPARISON, facts)
    if file and len(choices) < len(pairs):
        reporter.note(f"{len(choices)} of {len(pairs)} pairs are chosen: appliance compare shows the rest")
    return facts
