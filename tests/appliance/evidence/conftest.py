"""A dossier whose numbers follow from each other, as those of a run do; no model is needed."""

import json
from dataclasses import asdict, replace
from functools import cache
from itertools import cycle, islice

import numpy
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from anonymize.proportions import upper_bound
from appliance.core.hashing import digest_of
from appliance.core.purpose import BusinessSettings, KpiSettings
from appliance.core.sections import GatesSettings, VerifySettings
from appliance.core.tasks import JUDGED
from appliance.evaluation.business import business_facts
from appliance.evaluation.decide import verdict_facts
from appliance.evaluation.differences import count_changes, distance
from appliance.evaluation.exposure import exposures
from appliance.evaluation.gates import judge
from appliance.evaluation.kpi import kpi_facts
from appliance.evaluation.measures import MEASURES
from appliance.evaluation.membership import membership
from appliance.evaluation.outcomes import score_outcomes, score_variant, worth
from appliance.evaluation.sample_curve import sample_facts
from appliance.evaluation.scores import wilson
from appliance.evaluation.shares import compare
from appliance.evidence import dossier as names
from appliance.evidence.dossier import Dossier
from appliance.release.approval import verdict_digest
from appliance.release.deciding import CONTENT, FIRST, NAME, Decision, Signed
from appliance.release.signing import public_pem, sign
from appliance.release.statement import Statement
from appliance.stages.gates import NO_LIMITS
from appliance.training.moved import Moved, movement_facts

LIMITS = VerifySettings(max_score_loss=0.2)
SHARES = ((0.02, 1), (0.6, 2), (0.7, 3))  # right lines of base, baseline and adapted model, and a seed
ANSWERS = {  # wanted, and what is said where a line is wrong
    "line": (["replace the left front pump now"], ["replace left pump"]),
    "label": (["high", "low", "高"], ["low", "The severity is low.", ""]),
    "json": (['{"machine": "P-1", "故障": "漏れ"}'], ['{"machine": "P-1"}', "P-1 漏れ"]),
    "text": (["ポンプの軸受けを交換した", "replaced the bearing"], ["ポンプ交換", "bearing"]),
}
COST = {
    "asked": True,
    "on": "target",
    "requests": {
        "machine": "A processor <b>",
        "cores": 2,
        "model": "orders 1 (int8)",
        "seconds": {"value": 1.5, "low": 1.2, "high": 1.9, "samples": 20},
        "joules": {"value": 42.0, "low": 40.0, "high": 45.0, "samples": 20},
        "energy": "measured",
    },
    "training": {"seconds": 7200.0, "joules": None, "energy": "no counter"},
}


def _lines(kind: str, share: float, seed: int) -> list[dict]:
    wanted, wrong = (list(islice(cycle(texts), 95)) for texts in ANSWERS[kind])
    hits = numpy.random.default_rng(seed).random(95) < share
    said = [right if hit else other for right, other, hit in zip(wanted, wrong, hits, strict=True)]
    return MEASURES[kind].judge(said, wanted, wanted)


def _worth(share: float, chance: numpy.random.Generator) -> list[float]:
    return [float(hit) for hit in chance.random(95) < share]


def _variant(name: str, size: int, nll: float, outcomes: dict, lines: list) -> dict:
    return {
        "kind": name,
        "bytes": size,
        "nll": nll,
        "nll_general": 3.0 + nll / 100,
        **score_variant(outcomes, lines),
        "top1_agreement": 0.99,
        "regression": {"value": 1.2, "low": 1.1, "high": 1.3, "samples": 8},
    }


def _verdict_of_variants(outcomes: dict, variants: dict) -> dict:
    measured = {
        name: _variant(name, size, nll, outcomes, variants[name])
        for name, size, nll in (("float", 540, 0.5), ("int4", 122, 0.51))
    }
    judged = verdict_facts(measured, {"base": 5.0, "adapted": 0.5}, outcomes["kind"], LIMITS)
    return {**judged, "variants": {name: {**measured[name], **judged["variants"][name]} for name in measured}}


def make_files(kind: str = "line") -> dict:
    """Return the JSON of every file of a task of one kind by its name in a bundle."""
    chance = numpy.random.default_rng(8)
    outcomes = {
        "kind": kind,
        "lines": {
            who: _lines(kind, share, seed) for who, (share, seed) in zip(JUDGED[kind].contenders, SHARES, strict=True)
        },
        "slices": {
            "unseen words": list(range(0, 95, 2)),
            "en": list(range(90)),
            "ja": [90, 91, 92, 93, 94],
            "none": [],
        },
        "seed": 7,
        "min_gain": 0.0,
    }
    variants = {"float": outcomes["lines"]["adapted"], "int4": _lines(kind, 0.68, 4)}
    attacks = {
        name: {"members": list(chance.normal(0.1, 1, 95)), "others": list(chance.normal(0, 1, 127))}
        for name in ("reference", "loss", "min-k")
    }
    planted = [(copies, copies, int(rank)) for copies in (0, 16) for rank in chance.integers(1, 10_001, 16)]
    files = {
        names.CARD: {
            "name": "ライン-3 <b>",
            "stage": "evaluation",
            "task": "Normalise work orders",
            "target": "",
            "budget": "",
            "decided_by": "佐藤",
            "intended_use": "",
            "not_intended": "safety decisions",
            "business": business_facts(
                BusinessSettings(
                    currency="円",
                    source="佐藤, 2026 budget",
                    requests_per_month=2000,
                    minutes_before=3,
                    minutes_after=1,
                    wage_per_hour=3000,
                    machine_cost=400_000,
                    project_cost=900_000,
                    running_per_month=20_000,
                    price_per_machine_hour=100,
                    price_per_kwh=30,
                ),
                COST,
            ),
        },
        names.INTAKE: {
            "received": {"model.gguf": "ab" * 32},
            "source": "package",
            "licence": {"accepted": "Apache-2.0"},
            "measured": {"parameters": 134_515_008, "architecture": "LlamaForCausalLM"},
            "grid": {"note": "Q4_1: carries 4-bit error"},
            "checks": [
                {"name": "provenance.origin", "result": "waived", "found": "{missing.bin} is not in the list"},
                {"name": "licence.text", "result": "fail", "found": "LICENSE: the text is no licence known here"},
                {"name": "risk.files", "result": "pass", "found": "only known kinds of files"},
            ],
        },
        names.ANONYMIZATION: {
            "records": {"in": 500, "out": 498, "quarantined": 2, "dropped": 0},
            "accepted_by_kind": {"PERSON": 1112, "PHONE_NUMBER": 684},
            "accepted_by_technique": {"placeholder": 1796},
        },
        names.RESIDUAL: {
            "legal_class": "kamei-kakou",
            "drawn": 100,
            "read": 100,
            "records_with_misses": 0,
            "share_at_most": upper_bound(0, 100),
            "share_at_most_if_nothing_is_missed": upper_bound(0, 100),
            "records_for_the_wished_bound": 299,
            "wished_bound": 0.01,
            "kinds": [{"kind": "PERSON", "replaced": 220, "missed": 0, "recall": 1.0, "recall_at_least": 0.986}],
            "not_tested": ["later records"],
        },
        names.DATA: {
            "train": 405,
            "test": 95,
            "duplicates": 0,
            "near_duplicates": 0,
            "canaries": 256,
            "languages": {"en": 480, "ja": 20},
            "prompt_characters": [3, 20, 30, 40, 90],
        },
        names.CURVE: [
            {"step": step, "loss": 5 / step, "valid_loss": 5.5 / step if step % 3 == 0 else None}
            for step in range(1, 40)
        ],
        names.OUTCOMES: outcomes,
        names.SCORES: {**score_outcomes(outcomes), "nll": {"base": 5.0, "adapted": 0.5}},
        names.ATTACKS: attacks,
        names.COMPARISON: {
            "against": JUDGED[kind].baseline,
            "pairs": 30,
            "wins": 18,
            "losses": 8,
            "ties": 4,
            "win_rate": asdict(wilson(18, 26)),
        },
        names.CHANGES: {
            "answers": {
                **count_changes(worth(outcomes, "base"), worth(outcomes, "adapted")),
                "differing": 90,
                "distances": [0.1, 0.4, 0.6, 0.8, 1.0],
            },
            "movement": movement_facts([Moved(layer, name, 0.5, 20.0 + layer) for layer in (0, 1) for name in "qv"]),
            "training": {
                "examples": 373,
                "languages": {"en": 360, "ja": 13},
                "placeholders": {"PERSON": 12},
                "prompt_lengths": [{"from": 3, "to": 11, "count": 200}, {"from": 12, "to": 20, "count": 173}],
                "near_duplicates": {"similarity": 0.7, "examples": 20, "largest_group": 4},
                "nearest": {"likeness": [0.2, 0.6, 0.7, 0.8, 0.99], "fence": 0.3, "outliers": 2},
            },
        },
        names.SAMPLES: sample_facts(
            [
                *(
                    {"examples": size, "worth": _worth(share, chance)}
                    for size, share in ((47, 0.3), (93, 0.5), (187, 0.6))
                ),
                {"examples": 373, "worth": worth(outcomes, "adapted")},
            ],
            7,
        ),
        names.EXAMPLES: {
            "differences": [
                {
                    "id": "WO-1",
                    "input": "①号機 <軸受け>",
                    "expected": "軸受け交換",
                    "base": "Sure!",
                    "adapted": "軸受け点検",
                    "distance": distance("Sure!", "軸受け点検"),
                    "nearest": [{"id": "WO-2", "input": "2号機", "expected": "軸受け交換", "likeness": 0.81}],
                }
            ],
            "outliers": [{"id": "WO-9", "input": "?", "expected": "nothing & none", "likeness": 0.21}],
        },
        names.SAFETY: {
            "canaries": exposures(planted, 10_000),
            "membership": membership(attacks),
            "extraction": asdict(compare([True] * 30 + [False] * 70, [True] * 28 + [False] * 67)),
            "originals": {"watched": 276, "said": 0, "answers": 290, "said_by_the_base_too": 1},
        },
        names.VARIANTS: _verdict_of_variants(outcomes, variants),
        names.VARIANT_OUTCOMES: variants,
    }
    target = KpiSettings(target=0.7)
    files[names.CARD]["kpi"] = kpi_facts(target, files[names.SCORES], files[names.VARIANTS])
    return {**files, names.GATES: _verdict(files), names.DECISIONS: _decided(), names.COST: COST}


def _decided() -> dict:
    """A PoC that was sent back, and one that may go on."""
    key = ec.derive_private_key(4711, ec.SECP256R1())
    seen = {"project": "ライン-3 <b>", "stage": "poc", "run": "ライン-3-1a", "verdict": "c" * 64, "report": "d" * 64}
    chain: list = []
    for outcome, reason in (("back", "95 lines are few"), ("go-on", "目標に届く見込み <b>")):
        previous = chain[-1].decision.digest if chain else FIRST
        decision = Decision(**seen, outcome=outcome, by="佐藤", reason=reason, time="2026-11-24T09:00:00Z")
        numbered = replace(decision, number=len(chain) + 1, previous=previous)
        chain.append(Signed(numbered, sign(Statement(NAME, {CONTENT: numbered.digest}), key).decode()))
    decisions = [asdict(each) for each in chain]
    pem = public_pem(key.public_key())
    return {"stage": "evaluation", "project": "ライン-3 <b>", "approver_key": pem, "decisions": decisions}


def _verdict(files: dict) -> dict:
    steps = {
        "evaluate": names.SCORES,
        "verify": names.VARIANTS,
        "anonymize": names.ANONYMIZATION,
        "probe": names.SAFETY,
        "residual": names.RESIDUAL,
    }
    settings = GatesSettings()
    gates = [asdict(gate) for gate in judge({step: files[name] for step, name in steps.items()}, settings)]
    limits = settings.model_dump(mode="json", exclude=NO_LIMITS)
    passed = all(gate["status"] != "refused" for gate in gates)
    ships = {"artifacts": {"export": digest_of("weights")}, "settings": {"bundle": {"index_columns": ["text"]}}}
    ships["settings"]["verify"] = LIMITS.model_dump(mode="json", exclude={"general_text"})
    digest = verdict_digest(gates, limits, ships)
    return {"passed": passed, "gates": gates, "limits": limits, "ships": ships, "digest": digest, "override": None}


@cache
def _written(kind: str = "line") -> str:
    return json.dumps(make_files(kind))


@pytest.fixture
def make_dossier():
    """Return a function: files -> dossier, as it is after they were written and read again."""

    def make(files: dict) -> Dossier:
        plain = json.loads(json.dumps(files))
        return Dossier(plain, {name: digest_of(content) for name, content in plain.items()})

    return make


@pytest.fixture
def sealed_facts() -> dict:
    """The files of a run that passes."""
    return json.loads(_written())


@pytest.fixture(params=JUDGED)
def facts_of_a_kind(request) -> dict:
    """The files of a run that passes, of every kind of task."""
    return json.loads(_written(request.param))
