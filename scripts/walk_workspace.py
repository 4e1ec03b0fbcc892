"""A workspace with a run in every state, as workers leave it: for the recorded walk and the benchmark of the screens.

The texts are invented. Scores and variants of the finished run are those of the demo (README, 2026-11-24); its slices,
gates, pairs and business case are invented: they show where such figures stand.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from appliance.core.events import EventLog
from appliance.core.purpose import BusinessSettings
from appliance.core.reasons import OVERRIDE_HINT, Reason, reason, told
from appliance.core.sections import IntakeSettings, RunSettings
from appliance.core.settings import ModelSettings, parse_settings
from appliance.core.store import Recipe, Store
from appliance.core.workspace import RunFolder, Workspace
from appliance.evaluation.business import business_facts
from appliance.pipeline import STEPS
from appliance.release.building import build
from appliance.release.manifest import BaseModelFacts, BundleFacts, Prompt
from appliance.release.publishing import REPORT, own_keys
from appliance.release.signing import load_private_key
from appliance.reviewing.choices import COMPARISON_FILE, KEY_FILE, PAIRS_FILE

RUN_SETTINGS: dict[str, Any] = {
    "ingest": {
        "file": "orders.csv",
        "id_column": "order",
        "columns": {
            "text": {"role": "text"},
            "answer": {"role": "text"},
            "who": {"role": "identifier", "kind": "PERSON"},
        },
    },
    "prepare": {"input": "text", "output": "answer"},
}
ROWS = (
    (
        "3月2日、担当の田中太郎が①号機の軸受け温度85℃を確認。\n連絡先 03-1234-5678、社員番号 A-10293。",
        "軸受け交換", "田中太郎",
    ),
    ("Mr Fairweather called about pump P-922; call him back: 020 7946 0018.", "call back", ""),
    ("佐藤さんがE487を確認。田中太郎へ引き継ぎ。", "確認", "佐藤 健一"),
)  # fmt: skip
VALUES = (
    ("田中太郎", "PERSON", 0.90, "ner-ja"), ("03-1234-5678", "PHONE_NUMBER", 0.92, "pattern"),
    ("Fairweather", "PERSON", 0.70, "title"), ("020 7946 0018", "PHONE_NUMBER", 0.75, "phonenumbers"),
    ("佐藤", "PERSON", 0.85, "jp-honorific"),
)  # fmt: skip


def _score(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high, "samples": 95}


def _variant(
    size: int, speeds: tuple[float, float], top1: float, score: dict[str, float], *, kept: float
) -> dict[str, Any]:
    return {
        "bytes": size, "prefill_tokens_per_second": speeds[0], "decode_tokens_per_second": speeds[1],
        "top1_agreement": top1, "same_answers": _score(top1, top1 - 0.04, min(1.0, top1 + 0.02)),
        "general_perplexity": 1.0 + (1.0 - top1) / 2, "exact_match": score, "retention": kept, "passed": True,
        "reasons": [],
    }  # fmt: skip


def _contenders(samples: int, *exact: tuple[float, float, float]) -> dict[str, Any]:
    wer = (_score(2.192, 1.969, 2.442), _score(0.113, 0.077, 0.153), _score(0.196, 0.123, 0.288))
    names = ("base", "dictionary", "adapted")
    return {
        name: {"exact_match": {**_score(*score), "samples": samples}, "wer": errors}
        for name, score, errors in zip(names, exact, wer, strict=True)
    }


def _gain(against: str, where: str, samples: int, ends: tuple[float, float, float]) -> dict[str, Any]:
    value, low, high = ends
    return {"against": against, "slice": where, "value": value, "low": low, "high": high, "samples": samples}


def _gate(name: str, status: str, value: float | None, limit: float | None, *reasons: Reason) -> dict[str, Any]:
    return {"name": name, "status": status, "value": value, "limit": limit, "reasons": reasons}


EXACT = _score(0.568, 0.468, 0.663)
OWNER = BusinessSettings(
    currency="JPY", source="the head of maintenance", requests_per_month=9000, minutes_before=3, minutes_after=1,
    wage_per_hour=2400, machine_cost=900_000, project_cost=2_000_000, running_per_month=15_000, watts=60,
    seconds_per_request=2, price_per_kwh=31,
)  # fmt: skip
COST = {
    "requests": {"seconds": {"value": 0.9}, "joules": None},
    "training": {"seconds": 134.0, "joules": None},
}
LIMITS = [
    _gate("gain", "passed", 0.468, 0.0),
    _gate("variant", "passed", None, None),
    _gate("regression", "passed", 1.214, 1.5),
    _gate("exposure", "passed", 3.1, 5.0),
    _gate("membership", "passed", 0.571, 0.75),
    _gate("true-positives", "not tested", None, 0.05, reason("few-others", others=95, needed=100)),
    _gate("extraction", "passed", 0.0, 0.15),
    _gate("originals", "passed", 0, 0),
    _gate("residual", "not tested", None, None, reason("residual-open", read=0, drawn=60)),
    _gate("legal-class", "passed", 412, None),
]
MEMORISED = reason("canaries", planted=32, trained=32, value=9.2, low=8.1, high=10.0, samples=16, bits=13.3, first=3)
PURPOSE = {
    "task": "Normalise work orders for the planners of line 3 / 作業指示の正規化",
    "target": "six lines in ten right to the letter, by the end of May",
    "budget": "two weeks of one person",
    "decided_by": "M. Sato",
    "kpi": {"measure": "exact_match", "target": 0.6},
}
KPI = {
    "measure": "exact_match", "target": 0.6, "against": "baseline", "less_is_better": False,
    "judged": [
        {"of": "adapted", "score": EXACT, "judged": "open"},
        {"of": "dictionary", "score": _score(0.705, 0.607, 0.788), "judged": "reached"},
        {"of": "int4", "score": _score(0.589, 0.489, 0.683), "judged": "open"},
    ],
}  # fmt: skip
FACTS: dict[str, dict[str, Any]] = {
    "ingest": {"records": 966, "quarantined": 2},
    "detect": {"quarantined": 0, "findings": {"EMPLOYEE_ID": 212, "PERSON": 431, "PHONE_NUMBER": 188}},
    "anonymize": {"records": 966, "dropped": 0, "leaks": 0, "originals": 412},
    "prepare": {"train": 762, "test": 95, "duplicates": 14},
    "train": {
        "steps": 200,
        "seconds": 134.0,
        "tokens_per_second": 2408.0,
        "peak_bytes": 4_400_000_000,
        "valid_loss": 0.512,
    },
    "evaluate": {
        "kind": "line",
        "scores": _contenders(95, (0.0, 0.0, 0.039), (0.705, 0.607, 0.788), (0.568, 0.468, 0.663)),
        "unseen": _contenders(31, (0.0, 0.0, 0.11), (0.29, 0.161, 0.466), (0.355, 0.211, 0.53)),
        "slices": {
            "unseen words": _contenders(31, (0.0, 0.0, 0.11), (0.29, 0.161, 0.466), (0.355, 0.211, 0.53)),
            "en": _contenders(95, (0.0, 0.0, 0.039), (0.705, 0.607, 0.788), (0.568, 0.468, 0.663)),
            "short": _contenders(49, (0.0, 0.0, 0.073), (0.816, 0.686, 0.9), (0.694, 0.555, 0.805)),
            "long": _contenders(46, (0.0, 0.0, 0.077), (0.587, 0.443, 0.717), (0.435, 0.302, 0.578)),
        },
        "gains": [
            _gain("base", "all", 95, (0.568, 0.474, 0.663)),
            _gain("dictionary", "all", 95, (-0.137, -0.232, -0.042)),
            _gain("base", "unseen words", 31, (0.355, 0.194, 0.516)),
            _gain("dictionary", "unseen words", 31, (0.065, -0.129, 0.258)),
        ],
    },
    "verify": {
        "variants": {
            "float": _variant(540_000_000, (846, 43), 1.0, EXACT, kept=1.0),
            "int8": _variant(154_000_000, (708, 95), 0.991, EXACT, kept=1.0),
            "int4": _variant(122_000_000, (672, 123), 0.861, _score(0.589, 0.489, 0.683), kept=0.998),
        },
        "chosen": "int4",
    },
    "gates": {"passed": True, "digest": "ab" * 32, "override": None, "gates": LIMITS},
    "report": {"business": business_facts(OWNER, COST), "kpi": KPI},
    "bundle": {"name": "orders", "version": "1", "folder": "orders-1", "bytes": 126_000_000, "key_id": "f8669cb51cb3"},
}
ANSWERS = (
    ("REPL HYD PMP #3 OIL LEAK", "replace hydraulic pump 3, oil leak", "replace hydraulic pmp #3 oil leak"),
    ("①号ｺﾝﾍﾞﾔ ﾍﾞﾙﾄ蛇行 調整", "1号コンベヤのベルト蛇行を調整", "①号コンベヤ ベルト蛇行 調整"),
    ("C/O HOSE BOOM CYL LH", "change out boom cylinder hose, left hand", "change out hose boom cylinder lh"),
)
CHECKS = [
    ("risk.files", "pass", "only known kinds of files, by name and by content", ""),
    ("provenance.origin", "pass", "the SHA-256 of 1 files are those that the operator brought", ""),
    ("licence.text", "fail", "no licence text came with the model", "put the licence's text beside the model"),
    ("licence.use", "pass", "neither Apache-2.0 by its name nor its text forbids commercial use", ""),
    ("portability.grid", "told", "Q4_1: carries 4-bit error", ""),
]
PASSED = [
    (name, "told" if result == "told" else "pass", found, "") for name, result, found, _ in CHECKS[:2] + CHECKS[3:]
]


def _open_run(workspace: Workspace, run_id: str, settings: str, steps: Sequence[str]) -> tuple[RunFolder, EventLog]:
    run = workspace.run(run_id)
    run.folder.mkdir(parents=True)
    run.settings.write_text(settings, encoding="utf-8")
    if len(steps) > 1:
        _report(workspace, f"{run_id.rpartition('-')[0]}-{'ab' * 4}", PASSED)
    log = EventLog(run.events)
    log.append("run_started", name=run_id.rpartition("-")[0], steps=list(steps))
    return run, log


def _settings(name: str, **sections: Any) -> str:
    settings = {"run": {"name": name}, **RUN_SETTINGS, **sections}
    return parse_settings(settings, where="walk", folder=Path("/data")).frozen()


def _finish(log: EventLog, step: str, digest: str = "ab" * 32) -> None:
    log.append("step_started", step=step)
    log.append("step_finished", step=step, reused=False, seconds=1.2, digest=digest, facts=FACTS.get(step, {}))


def finished_run(workspace: Workspace, approver_key: Path | None = None) -> RunFolder:
    """Write a run that came to its end, with a bundle that can be verified."""
    gates = {"gates": {"approver_key": str(approver_key)}} if approver_key else {}
    run, log = _open_run(workspace, "orders-8f36d97b", _settings("orders", purpose=PURPOSE, **gates), STEPS)
    for step in STEPS:
        _finish(log, step, _seal_pairs(workspace) if step == "compare" else "ab" * 32)
    log.append("run_finished", seconds=219.0)
    folder = workspace.bundles / "orders-1"
    folder.mkdir(parents=True)
    graph = workspace.root / "graph"
    graph.write_bytes(b"graph")
    facts = BundleFacts(
        name="orders", version="1", variant="int4", licence="Apache-2.0",
        base_model=BaseModelFacts(name="smollm2-135m", sha256="b1" * 32, licence="Apache-2.0"),
        prompt=Prompt(prefix="", suffix="\n", stop_ids=(2,)),
    )  # fmt: skip
    build(folder, {"model.onnx": graph}, facts, load_private_key(own_keys(workspace.keys)[0]))
    graph.unlink()
    return run


def _seal_pairs(workspace: Workspace) -> str:
    """Seal what the compare step draws: the adapted model's answer is A in every other pair."""
    store, recipe = Store(workspace.root), Recipe("compare", "clean", {}, {}, {}, "walk")
    draft, key, pairs = store.draft(recipe), {}, []
    for number, (prompt, ours, theirs) in enumerate(ANSWERS * 10):
        name, said = f"p{number}", (ours, theirs) if number % 2 else (theirs, ours)
        pairs.append({"pair": name, "prompt": prompt, "A": said[0], "B": said[1]})
        key[name] = "A" if number % 2 else "B"
    draft.write_lines(PAIRS_FILE, pairs)
    draft.write_json(KEY_FILE, key)
    draft.write_json(COMPARISON_FILE, {"against": "dictionary"})
    return store.seal(recipe, draft, {}).digest


def refused_run(workspace: Workspace) -> RunFolder:
    """Write a run whose verdict refuses: the model has learnt planted secrets by heart."""
    gates = [
        gate if gate["name"] != "exposure" else _gate("exposure", "refused", 10.0, 5.0, MEMORISED) for gate in LIMITS
    ]
    run, log = _open_run(workspace, "mails-en-0139dd04", _settings("mails-en"), STEPS)
    for step in STEPS[:-1]:
        facts = {**FACTS.get(step, {}), **({"passed": False, "gates": gates} if step == "gates" else {})}
        log.append("step_started", step=step)
        log.append("step_finished", step=step, reused=False, seconds=1.2, digest="ef" * 32, facts=facts)
    log.append("step_started", step="bundle")
    message = f"the adapted model may not ship: {told([MEMORISED], 'en')}"
    log.append("failed", code="gate", exit_status=6, message=message, hint=OVERRIDE_HINT)
    return run


def training_run(workspace: Workspace, points: int = 124, of: int = 200) -> RunFolder:
    """Write a run in the middle of its training; whoever holds its lock is its worker."""
    run, log = _open_run(workspace, "tickets-ja-0142aa01", _settings("tickets-ja"), STEPS)
    for step in STEPS[: STEPS.index("train")]:
        _finish(log, step)
    log.append("step_started", step="train")
    log.append("note", level="info", message="planned: 4.5 of 24.2 GB memory, 77 s, 0.20 GB of disk")
    for step in range(1, points + 1):
        loss = 0.42 + 2.1 / (1 + step / 6) + 0.05 * ((step * 7919) % 13 - 6) / 6
        log.append(
            "trained", step=step, steps=of, epoch=step / of * 3, loss=loss,
            valid_loss=0.5 + 1.9 / (1 + step / 7) if step % 20 == 0 else None, learning_rate=1.2e-3 * (1 - step / of),
            gradient_norm=0.8, tokens_per_second=408.0 + (step * 31) % 17, rss_bytes=4_400_000_000,
            seconds_left=(of - step) * 1.6,
        )  # fmt: skip
    log.append("progress", step="train", done=points, total=of, unit="steps")
    log.append("note", level="info", message=f"checkpoint {points // 10 * 10} saved")
    return run


def waiting_run(workspace: Workspace, documents: int = 300) -> RunFolder:
    """Write a run whose findings wait for a reviewer; its records are sealed and encrypted as a worker does it."""
    run, log = _open_run(workspace, "maint-logs-0141bb02", _settings("maint-logs"), STEPS)
    _finish(log, "intake")
    store = Store(workspace.root)
    records, findings = [], []
    for number in range(documents):
        text, answer, who = ROWS[number % len(ROWS)]
        columns = {"text": text, "answer": answer, "who": who}
        records.append({"id": f"WO-{number + 1:05d}", "place": f"row {number + 2}", "columns": columns})
        findings.append({"id": f"WO-{number + 1:05d}", "findings": list(_found(f"WO-{number + 1:05d}", columns))})
    for step, name, lines in (("ingest", "records.jsonl", records), ("detect", "findings.jsonl", findings)):
        recipe = Recipe(step, "raw", {}, {"walk": documents}, {}, "walk")
        draft = store.draft(recipe)
        draft.write_lines(name, lines)
        draft.write_json("columns.json", RUN_SETTINGS["ingest"]["columns"])
        _finish(log, step, store.seal(recipe, draft, {}).digest)
    found = sum(len(line["findings"]) for line in findings)
    log.append("step_started", step="review")
    log.append(
        "waiting", message=f"{found:,} findings wait for a reviewer's decisions", hint="appliance review list RUN"
    )
    return run


def _found(record_id: str, columns: dict[str, str]) -> Any:
    for column, text in columns.items():
        for value, kind, score, recognizer in VALUES:
            start = text.find(value)
            if start >= 0 and column != "answer":
                place = {"record_id": record_id, "column": column, "start": start, "end": start + len(value)}
                yield {**place, "kind": kind, "score": score, "recognizer": recognizer, "is_certain": True}


def refused_model(workspace: Workspace) -> RunFolder:
    """Write the intake of a base model that was refused, with its report."""
    intake = IntakeSettings(path="/models/plant-1b", source="the maker's DVD")
    settings = ModelSettings(run=RunSettings(name="plant-1b"), intake=intake).frozen()
    run, log = _open_run(workspace, "plant-1b-0140cc03", settings, ["intake"])
    _finish(log, "intake", "cd" * 32)
    log.append(
        "failed", code="gate", exit_status=6, message="the base model is refused: licence.text", hint="see its report"
    )
    _report(workspace, f"plant-1b-{'cd' * 4}", CHECKS)
    return run


def _report(workspace: Workspace, name: str, checks: list[tuple[str, str, str, str]]) -> None:
    folder = workspace.models / name
    folder.mkdir(parents=True)
    blank = {"waived_by": "", "because": ""}
    told = [{"name": n, "result": r, "found": f, "do": d, **blank} for n, r, f, d in checks]
    (folder / REPORT).write_text(json.dumps({"checks": told}), encoding="utf-8")
