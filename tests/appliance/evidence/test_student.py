"""What report, card and audit make of a student."""

from dataclasses import asdict

import pytest

from appliance.core.purpose import KpiSettings
from appliance.core.sections import GatesSettings, VerifySettings
from appliance.evaluation.decide import verdict_facts
from appliance.evaluation.gates import judge
from appliance.evaluation.kpi import kpi_facts
from appliance.evidence import dossier as names
from appliance.evidence.auditing import GATE_FACTS, audit
from appliance.evidence.bom import bill_of_materials
from appliance.evidence.cards import data_card, model_card
from appliance.evidence.page import page
from appliance.release.approval import verdict_digest

MEASURED = ("kind", "bytes", "nll", "nll_general", "exact_match", "wer", "score_change", "top1_agreement", "regression")
TAUGHT = {
    "kept": [0, 1, 5, 9],
    "layers": 30,
    "parameters": {"student": 99_000_000, "teacher": 134_515_008},
    "examples": 374,
    "held_out": 32,
    "steps": 72,
    "before": {"loss": 2.377, "divergence": 1.876},
    "after": {"loss": 0.911, "divergence": 0.652},
    "teacher_loss": 0.458,
    "settings": {"layers": 4, "top_k": 64},
}


@pytest.fixture
def with_student(sealed_facts):
    """Return a function: the nll of a small student -> all files of a run with it."""

    def make(nll: float) -> dict:
        files = dict(sealed_facts)
        said, lines = files[names.VARIANTS]["variants"], files[names.VARIANT_OUTCOMES]
        measured = {name: {key: each[key] for key in MEASURED} for name, each in said.items()}
        measured["student-int8"] = {**measured["float"], "kind": "int8", "bytes": 90, "nll": nll}
        files[names.VARIANT_OUTCOMES] = {**lines, "student-int8": lines["float"]}
        limits = VerifySettings.model_validate(files[names.GATES]["ships"]["settings"]["verify"])
        verdict = verdict_facts(measured, files[names.SCORES]["nll"], "line", limits)
        each = {name: {**measured[name], **verdict["variants"][name]} for name in measured}
        files[names.VARIANTS] = {"chosen": verdict["chosen"], "variants": each}
        files[names.DISTILLATION] = TAUGHT
        files[names.STUDENT_SAFETY] = {**files[names.SAFETY], "attacks": files[names.ATTACKS]}
        target = KpiSettings(target=0.7)
        kpi = kpi_facts(target, files[names.SCORES], files[names.VARIANTS])
        files[names.CARD] = {**files[names.CARD], "kpi": kpi}
        facts = {step: files[file] for step, file in GATE_FACTS.items() if file in files}
        old = files[names.GATES]
        gates = [asdict(gate) for gate in judge(facts, GatesSettings.model_validate(old["limits"]))]
        passed = all(gate["status"] != "refused" for gate in gates)
        digest = verdict_digest(gates, old["limits"], old["ships"])
        return {**files, names.GATES: {**old, "gates": gates, "passed": passed, "digest": digest}}

    return make


def _differing(dossier, of=None) -> list[str]:
    made = of or dossier
    texts = {f"report/report.{language}.html": page(made, language) for language in ("en", "ja")}
    texts |= {"report/data_card.md": data_card(made), "report/model_card.md": model_card(made)}
    found = audit(dossier, texts, bill_of_materials(made, {"numpy": "2.0"}))
    return [finding.what for finding in found if finding.result == "DIFFERS"]


@pytest.mark.parametrize(
    ("language", "ships", "stays"),
    [("en", "it is what ships", "No variant of the student ships"), ("ja", "出荷されるのはこの形式", "出荷されません")],
)
def test_the_report_tells_whether_the_student_ships(make_dossier, with_student, language, ships, stays):
    good, bad = (make_dossier(with_student(nll)) for nll in (0.51, 2.0))
    assert good.get(names.VARIANTS, "chosen") == "student-int8"
    assert ships in page(good, language)
    assert stays in page(bad, language)
    assert f'title="{names.DISTILLATION} /after/divergence">0.652</a>' in page(bad, language)
    assert f'title="{names.STUDENT_SAFETY} /extraction/excess/low"' in page(bad, language)


def test_the_card_tells_of_the_student_where_there_is_one(make_dossier, with_student, sealed_facts):
    assert "Student" not in model_card(make_dossier(sealed_facts))
    assert "4 of 30 layers, 99,000,000 parameters; it ships" in model_card(make_dossier(with_student(0.51)))
    assert "it does not ship" in model_card(make_dossier(with_student(2.0)))


@pytest.mark.parametrize("nll", [0.51, 2.0])
def test_an_audit_recomputes_the_attacks_on_a_student(make_dossier, with_student, nll):
    files = with_student(nll)
    assert _differing(make_dossier(files)) == []
    safety = files[names.STUDENT_SAFETY]
    excess = {**safety["extraction"], "excess": {**safety["extraction"]["excess"], "low": -0.9}}
    changed = make_dossier({**files, names.STUDENT_SAFETY: {**safety, "extraction": excess}})
    assert "attacks on the student" in _differing(changed)
