"""A dossier whose numbers follow from each other, as those of a run do; no model is needed."""

import json
from dataclasses import asdict, replace
from functools import cache

import numpy
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from anonymize.proportions import upper_bound
from appliance.core.hashing import digest_of
from appliance.core.purpose import BusinessSettings, KpiSettings
from appliance.core.sections import GatesSettings
from appliance.evaluation.business import business_facts
from appliance.evaluation.exposure import exposures
from appliance.evaluation.gates import judge, verdict_digest
from appliance.evaluation.kpi import kpi_facts
from appliance.evaluation.membership import membership
from appliance.evaluation.outcomes import score_outcomes
from appliance.evaluation.scores import wilson
from appliance.evaluation.shares import compare
from appliance.evidence import dossier as names
from appliance.evidence.dossier import Dossier
from appliance.release.deciding import CONTENT, FIRST, NAME, Decision, Signed
from appliance.release.signing import public_pem, sign
from appliance.release.statement import Statement

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


def _hits(share: float, chance: numpy.random.Generator) -> list[int]:
    return [int(hit) for hit in chance.random(95) < share]


def _variant(size: int, nll: float, chosen_hits: int) -> dict:
    score = asdict(compare([True] * chosen_hits + [False] * (95 - chosen_hits), [True]).trained)
    return {
        "bytes": size,
        "nll": nll,
        "exact_match": score,
        "retention": (5.0 - nll) / (5.0 - 0.5),
        "top1_agreement": 0.99,
        "regression": {"value": 1.2, "low": 1.1, "high": 1.3, "samples": 8},
        "passed": True,
        "reasons": [],
    }


def make_files() -> dict:
    """Return the JSON of every file by its name in a bundle."""
    chance = numpy.random.default_rng(8)
    outcomes = {
        "hits": {name: _hits(share, chance) for name, share in (("base", 0.02), ("dictionary", 0.6), ("adapted", 0.7))},
        "word_errors": {
            name: [[int(each), 6] for each in chance.integers(0, 3, 95)] for name in ("base", "dictionary", "adapted")
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
            "grid": {"note": "Q4_1"},
            "checks": [{"name": "provenance.origin", "result": "waived"}, {"name": "risk.files", "result": "pass"}],
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
            "against": "dictionary",
            "pairs": 30,
            "wins": 18,
            "losses": 8,
            "ties": 4,
            "win_rate": asdict(wilson(18, 26)),
        },
        names.SAFETY: {
            "canaries": exposures(planted, 10_000),
            "membership": membership(attacks),
            "extraction": asdict(compare([True] * 30 + [False] * 70, [True] * 28 + [False] * 67)),
            "originals": {"watched": 276, "said": 0, "answers": 290, "said_by_the_base_too": 1},
        },
        names.VARIANTS: {
            "chosen": "int4",
            "variants": {"float": _variant(540, 0.5, 66), "int4": _variant(122, 0.51, 65)},
        },
    }
    target = KpiSettings(target=0.7)
    files[names.CARD]["kpi"] = kpi_facts(target, files[names.SCORES], files[names.VARIANTS])
    return {**files, names.GATES: _verdict(files), names.DECISIONS: _decided(), names.COST: COST}


def _decided() -> dict:
    """A PoC that was sent back, and one that may go on."""
    key = ec.derive_private_key(4711, ec.SECP256R1())
    seen = {"project": "ライン-3", "stage": "poc", "run": "ライン-3-1a2b3c4d", "verdict": "c" * 64, "report": "d" * 64}
    chain: list = []
    for outcome, reason in (("back", "95 lines are few"), ("go-on", "目標に届く見込み <b>")):
        previous = chain[-1].decision.digest if chain else FIRST
        decision = Decision(**seen, outcome=outcome, by="佐藤", reason=reason, time="2026-11-24T09:00:00Z")
        numbered = replace(decision, number=len(chain) + 1, previous=previous)
        chain.append(Signed(numbered, sign(Statement(NAME, {CONTENT: numbered.digest}), key).decode()))
    decisions = [asdict(each) for each in chain]
    pem = public_pem(key.public_key())
    return {"stage": "evaluation", "project": "ライン-3", "approver_key": pem, "decisions": decisions}


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
    limits = settings.model_dump(mode="json", exclude={"approver_key", "signing_key", "approvals", "shipping", "stage"})
    passed = all(gate["status"] != "refused" for gate in gates)
    ships = {"artifacts": {"export": digest_of("weights")}, "settings": {"bundle": {"index_columns": ["text"]}}}
    digest = verdict_digest(gates, limits, ships)
    return {"passed": passed, "gates": gates, "limits": limits, "ships": ships, "digest": digest, "override": None}


@cache
def _written() -> str:
    return json.dumps(make_files())


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
