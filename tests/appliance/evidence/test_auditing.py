import copy
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.evaluation.sample_curve import sample_facts
from appliance.evidence import dossier as names
from appliance.evidence.auditing import Finding, audit, differing_parts, differing_texts
from appliance.evidence.bom import bill_of_materials
from appliance.evidence.cards import data_card, model_card
from appliance.evidence.page import page
from appliance.release.approval import APPROVAL, NAME, Approval, SignedApproval, verdict_digest
from appliance.release.overriding import override_facts
from appliance.release.signing import key_id, public_pem, sign
from appliance.release.statement import Statement

RECOMPUTED = (names.SCORES, names.SAFETY, names.GATES)


def _made(dossier):
    texts = {f"report/report.{language}.html": page(dossier, language) for language in ("en", "ja")}
    texts |= {"report/data_card.md": data_card(dossier), "report/model_card.md": model_card(dossier)}
    return texts, bill_of_materials(dossier, {"numpy": "2.0"})


def _differing(dossier, texts, bill) -> list[str]:
    return [finding.what for finding in audit(dossier, texts, bill) if finding.result == "DIFFERS"]


def _numbers(value: Any, place: tuple = ()) -> Iterator[tuple]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(inner, (*place, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place


def _changed(files: dict, file: str, place: tuple) -> dict:
    changed = copy.deepcopy(files)
    at = changed[file]
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] += 1 if isinstance(at[place[-1]], int) else 0.01
    return changed


def test_an_untouched_report_is_the_same_and_what_cannot_be_recomputed_is_told(make_dossier, sealed_facts):
    dossier = make_dossier(sealed_facts)
    found = list(audit(dossier, *_made(dossier)))
    assert [finding.result for finding in found] == ["same"] * 16 + ["cannot"] * 9


@pytest.mark.parametrize("file", RECOMPUTED)
def test_every_changed_number_is_found_even_where_all_pages_are_written_anew(make_dossier, sealed_facts, file):
    untold = {names.SCORES: {"nll"}, names.SAFETY: {"originals"}, names.GATES: set()}[file]
    places = [place for place in _numbers(sealed_facts[file]) if place[0] not in untold]
    assert len(places) > 15
    for place in places[:: max(1, len(places) // 8)]:
        dossier = make_dossier(_changed(sealed_facts, file, place))
        assert _differing(dossier, *_made(dossier)), place


@pytest.mark.parametrize(
    ("file", "place"),
    [
        (names.RESIDUAL, ("share_at_most",)),
        (names.RESIDUAL, ("records_with_misses",)),
        (names.VARIANTS, ("variants", "int4", "retention")),
        (names.VARIANTS, ("variants", "float", "exact_match", "low")),
        (names.SAFETY, ("originals", "said")),
        (names.SCORES, ("nll", "base")),
        (names.CARD, ("business", "results", "break_even_month")),
        (names.CARD, ("business", "figures", "joules_per_request")),
        (names.COST, ("requests", "seconds", "value")),
        (names.CARD, ("kpi", "judged", 0, "score", "low")),
        (names.DECISIONS, ("decisions", 1, "decision", "number")),
        (names.CARD, ("business", "sensitivity", "minutes_after", 1)),
        (names.COMPARISON, ("wins",)),
        (names.VARIANTS, ("variants", "int4", "score_change", "low")),
        (names.OUTCOMES, ("lines", "adapted", 3, "hit")),
        (names.VARIANT_OUTCOMES, ("int4", 3, "hit")),
        (names.ATTACKS, ("reference", "members", 5)),  # one whose place in the order changes with it
        (names.CHANGES, ("answers", "gained")),
        (names.SAMPLES, ("points", 1, "worth", 4)),
        (names.SAMPLES, ("gain_of_twice", "low")),
        (names.SAMPLES, ("curve", 12, "error")),
        (names.CHANGES, ("movement", "modules", 1, "update")),
        (names.CHANGES, ("movement", "layers", 0, "ratio")),
        (names.EXAMPLES, ("differences", 0, "distance")),
    ],
)
def test_what_other_numbers_follow_from_cannot_be_changed_alone(make_dossier, sealed_facts, file, place):
    dossier = make_dossier(_changed(sealed_facts, file, place))
    assert _differing(dossier, *_made(dossier))


def test_another_choice_of_variant_is_found(make_dossier, sealed_facts):
    sealed_facts[names.VARIANTS]["chosen"] = "float"
    dossier = make_dossier(sealed_facts)
    assert "retention and choice of a variant" in _differing(dossier, *_made(dossier))


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("nll", 1.5),
        ("nll_general", 3.5),
        ("passed", False),
        ("reasons", [{"code": "nothing-learnt", "of": "", "values": {}}]),
        ("kind", "int8"),
        ("gates", []),
    ],
)
def test_a_verdict_that_a_variant_does_not_earn_is_found(make_dossier, sealed_facts, change, value):
    sealed_facts[names.VARIANTS]["variants"]["int4"][change] = value
    dossier = make_dossier(sealed_facts)
    assert "retention and choice of a variant" in _differing(dossier, *_made(dossier))


def test_another_limit_of_the_variants_than_was_judged_by_is_found(make_dossier, sealed_facts):
    sealed_facts[names.GATES]["ships"]["settings"]["verify"]["min_retention_int4"] = 0.999
    dossier = make_dossier(sealed_facts)
    assert "retention and choice of a variant" in _differing(dossier, *_made(dossier))


def test_a_curve_whose_last_point_is_not_the_evaluation_is_found(make_dossier, sealed_facts):
    points = [{key: each[key] for key in ("examples", "worth")} for each in sealed_facts[names.SAMPLES]["points"]]
    points[-1]["worth"] = [1.0] * 95
    sealed_facts[names.SAMPLES] = sample_facts(points, 7)
    dossier = make_dossier(sealed_facts)
    assert _differing(dossier, *_made(dossier)) == ["sample efficiency"]


def test_one_digit_changed_in_a_page_is_found(make_dossier, sealed_facts):
    dossier = make_dossier(sealed_facts)
    texts, bill = _made(dossier)
    name = "report/report.ja.html"
    digit = next(at for at, sign in enumerate(texts[name]) if sign == "7")
    texts[name] = f"{texts[name][:digit]}8{texts[name][digit + 1 :]}"
    found = {finding.what: finding for finding in audit(dossier, texts, bill)}
    assert found["pages and cards"].detail == name
    assert _differing(dossier, texts, bill) == ["pages and cards"]


def test_a_page_that_no_facts_give_is_found(make_dossier, sealed_facts):
    dossier = make_dossier(sealed_facts)
    texts, bill = _made(dossier)
    assert _differing(dossier, {**texts, "report/report.fr.html": "x"}, bill) == ["pages and cards"]


def test_a_changed_metric_of_the_bill_is_found(make_dossier, sealed_facts):
    dossier = make_dossier(sealed_facts)
    texts, bill = _made(dossier)
    other = json.loads(json.dumps(bill))
    other["metadata"]["component"]["modelCard"]["quantitativeAnalysis"]["performanceMetrics"][0]["value"] = "0.99"
    assert _differing(dossier, texts, other) == ["bill of materials"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("decisions", 0, "decision", "outcome"), "go-on"),
        (("decisions", 1, "decision", "reason"), "another"),
        (("decisions", 1, "decision", "verdict"), "e" * 64),
        (("project",), "line-4"),
        (("stage",), "roll-out"),
    ],
)
def test_a_changed_decision_or_a_stage_that_it_does_not_open_is_found(make_dossier, sealed_facts, place, value):
    at = sealed_facts[names.DECISIONS]
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    dossier = make_dossier(sealed_facts)
    assert "stage and decisions" in _differing(dossier, *_made(dossier))


def test_a_decision_that_was_taken_out_is_found(make_dossier, sealed_facts):
    del sealed_facts[names.DECISIONS]["decisions"][0]
    dossier = make_dossier(sealed_facts)
    assert _differing(dossier, *_made(dossier)) == ["stage and decisions"]


def test_a_decision_by_another_key_is_found(make_dossier, sealed_facts):
    other = ec.derive_private_key(42, ec.SECP256R1()).public_key()
    sealed_facts[names.DECISIONS]["approver_key"] = public_pem(other)
    dossier = make_dossier(sealed_facts)
    assert _differing(dossier, *_made(dossier)) == ["stage and decisions"]


@pytest.mark.parametrize("file", names.FILES)
def test_a_changed_number_of_any_file_is_found_in_the_pages_that_were_made_from_it(make_dossier, sealed_facts, file):
    texts, _ = _made(make_dossier(sealed_facts))
    place = next(_numbers(sealed_facts[file]))
    changed = make_dossier(_changed(sealed_facts, file, place))
    assert {"report/report.en.html", "report/report.ja.html"} <= set(differing_texts(changed, texts))


@pytest.mark.parametrize("name", ["report.en.html", "report.ja.html", "data_card.md", "model_card.md"])
def test_a_flipped_digit_anywhere_in_a_page_or_a_card_is_found(make_dossier, sealed_facts, name):
    dossier = make_dossier(sealed_facts)
    texts, _ = _made(dossier)
    whole = texts[f"report/{name}"]
    digits = [at for at, sign in enumerate(whole) if sign.isascii() and sign.isdigit()]
    for at in (digits[0], digits[len(digits) // 2], digits[-1]):
        texts[f"report/{name}"] = f"{whole[:at]}{(int(whole[at]) + 1) % 10}{whole[at + 1 :]}"
        assert list(differing_texts(dossier, texts)) == [f"report/{name}"]


@pytest.mark.parametrize(
    "change",
    [
        ("Apache-2.0", "Apache-1.0"),
        ("ab" * 32, "ac" * 32),
        ("405 examples", "406 examples"),
        ('"version": "2.0"', '"version": "3.0"'),
        ("urn:uuid:", "urn:uuid:0"),
    ],
)
def test_whatever_of_the_bill_follows_from_the_run_cannot_be_changed(make_dossier, sealed_facts, change):
    dossier = make_dossier(sealed_facts)
    text = json.dumps(bill_of_materials(dossier, {"numpy": "2.0"}))
    assert list(differing_parts(dossier, json.loads(text))) == []
    assert change[0] in text
    assert list(differing_parts(dossier, json.loads(text.replace(*change, 1))))


def test_decisions_of_another_project_are_found(make_dossier, sealed_facts):
    sealed_facts[names.CARD]["name"] = "pumps"
    dossier = make_dossier(sealed_facts)
    assert _differing(dossier, *_made(dossier)) == ["stage and decisions"]


@pytest.fixture
def overridden_facts(sealed_facts):
    """Return a function: the key that signs -> files of a run whose gain refuses, and that somebody let through."""

    def make(key):
        judged = sealed_facts[names.GATES]
        judged["gates"][0]["status"], judged["passed"] = "refused", False
        judged["digest"] = verdict_digest(judged["gates"], judged["limits"], judged["ships"])
        word = Approval(judged["digest"], (judged["gates"][0]["name"],), "佐藤", "一週間", "2026-11-24T09:00:00Z")
        statement = Statement(NAME, {APPROVAL: hashlib.sha256(word.content).hexdigest()})
        signed = SignedApproval(word, sign(statement, key).decode())
        judged["override"] = override_facts(signed, key.public_key())
        return sealed_facts

    return make


def _word(dossier, approver=None) -> Finding:
    return next(found for found in audit(dossier, *_made(dossier), approver) if found.what == "override of the verdict")


def test_the_word_that_overrides_a_verdict_is_held_against_the_approvers_key(make_dossier, overridden_facts):
    own, other = (ec.derive_private_key(secret, ec.SECP256R1()) for secret in (4713, 4714))
    dossier = make_dossier(overridden_facts(own))
    assert _word(dossier, own.public_key()) == Finding("override of the verdict", "same")
    unknown = _word(dossier)
    assert unknown.result == "cannot"
    assert f"{key_id(own.public_key())}, which is unknown here: give --approver-key" in unknown.detail
    assert _word(dossier, other.public_key()).result == "DIFFERS"


ANOTHER = public_pem(ec.derive_private_key(4715, ec.SECP256R1()).public_key())
ALTERED = [
    ("reason", "一年"),
    ("by", "鈴木"),
    ("signature", "{}"),
    ("approver_key", ANOTHER),
    ("gates", []),
    (None, None),
]


@pytest.mark.parametrize(("place", "value"), ALTERED)
def test_an_altered_or_missing_word_is_found_with_and_without_the_key(make_dossier, overridden_facts, place, value):
    own = ec.derive_private_key(4713, ec.SECP256R1())
    files = overridden_facts(own)
    if place:
        files[names.GATES]["override"][place] = value
    else:
        files[names.GATES]["override"] = None
    dossier = make_dossier(files)
    is_about_key = place == "approver_key"  # who knows the right one does not look at the one that is carried
    assert _word(dossier, own.public_key()).result == ("same" if is_about_key else "DIFFERS")
    assert _word(dossier).result == "DIFFERS"


def test_decisions_are_held_against_the_approvers_key(make_dossier, sealed_facts):
    dossier = make_dossier(sealed_facts)
    own, other = (ec.derive_private_key(secret, ec.SECP256R1()).public_key() for secret in (4711, 4712))
    told = {
        name: next(each for each in audit(dossier, *_made(dossier), key) if each.what == "stage and decisions")
        for name, key in (("own", own), ("other", other), ("none", None))
    }
    assert [told[name].result for name in ("own", "other", "none")] == ["same", "DIFFERS", "same"]
    assert (told["own"].detail, "which is unknown here" in told["none"].detail) == ("", True)
