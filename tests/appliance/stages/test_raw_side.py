"""From a source to clean records, through the four steps that may see raw text."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from appliance.core.cipher import load_key
from appliance.core.errors import CustodyError, InputError, SettingsError, WaitingForPerson
from appliance.core.events import EventLog
from appliance.core.runner import run_steps
from appliance.core.settings import parse_settings
from appliance.core.store import Artifact, Store
from appliance.pipeline import works
from appliance.release.publishing import own_keys

ROWS = [
    {
        "id": "1",
        "text": "担当：佐藤 健一 090-1234-5678",
        "who": "佐藤 健一",
        "class": "leak",
        "boss": "Chloe Fairweather",
    },
    {"id": "2", "text": "Mr Fairweather called about P-922", "who": "", "class": "noise", "boss": ""},
    {"id": "3", "text": "佐藤さんがE487を確認, ask Chloe", "who": "", "class": "leak", "boss": ""},
]
COLUMNS = {
    "text": {"role": "text"},
    "who": {"role": "identifier", "kind": "PERSON"},
    "class": {"role": "label"},
    "boss": {"role": "drop", "kind": "PERSON"},
}
Clean = Callable[..., tuple[list[dict[str, Any]], dict[str, Artifact]]]


@pytest.fixture
def clean(tmp_path: Path) -> Clean:
    """Return a function: sections of settings -> clean columns by record, and the artifacts."""
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS))

    def run(workspace: str = "w", **sections: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Artifact]]:
        ingest = {"file": "rows.jsonl", "id_column": "id", "columns": COLUMNS, **sections.pop("ingest", {})}
        raw = {
            "run": {"name": "raw"},
            "ingest": {key: value for key, value in ingest.items() if value is not None},
            "detect": {"profile": "fast", **sections.pop("detect", {})},
            "review": {"policy": "accept-all", **sections.pop("review", {})},
            "prepare": {"input": "text", "output": "class"},
            **sections,
        }
        settings = parse_settings(raw, where="test", folder=tmp_path)
        root = tmp_path / workspace
        store = Store(root)
        load_key(root / "vault" / "pseudonym-key")
        planned = works(settings, own_keys(root / "keys")[0], root / "vault" / "pseudonym-key")
        steps = ("ingest", "detect", "review", "anonymize", "residual")
        raw_side = [work for work in planned if work.step.name in steps]
        sealed = run_steps(raw_side, store, EventLog(tmp_path / "events"), lambda: False, lambda artifact: None)
        lines = sealed["anonymize"].read_lines("clean.jsonl")
        return [line["columns"] for line in lines], sealed

    return run


def test_what_a_dropped_column_holds_is_replaced_elsewhere_and_the_column_does_not_leave(clean: Clean) -> None:
    columns, _ = clean()
    assert [sorted(record) for record in columns] == [["class", "text", "who"]] * 3
    text = json.dumps(columns, ensure_ascii=False)
    assert not any(word in text for word in ("Fairweather", "Chloe", "佐藤", "090-1234"))
    assert [record["class"] for record in columns] == ["leak", "noise", "leak"]
    assert "P-922" in columns[1]["text"]
    assert "E487" in columns[2]["text"]


def test_an_audit_of_the_drawn_clean_records_bounds_what_remains(clean: Clean, tmp_path: Path) -> None:
    _, sealed = clean(residual={"audit": "audit.jsonl"})
    facts = sealed["residual"].facts
    assert (facts["read"], facts["drawn"], facts["share_at_most"]) == (0, 3, 1.0)
    assert facts["share_at_most_if_nothing_is_missed"] == pytest.approx(1 - 0.05 ** (1 / 3))
    to_audit = list(sealed["residual"].read_lines("to_audit.jsonl"))
    assert "Fairweather" not in json.dumps(to_audit)
    assert to_audit[0]["replaced"]["PHONE_NUMBER"] == 1
    lines = [{"record_id": line["record_id"], "digest": line["digest"], "by": "mk", "missed": {}} for line in to_audit]
    (tmp_path / "audit.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    _, again = clean(residual={"audit": "audit.jsonl"})
    assert again["residual"].facts["share_at_most"] == pytest.approx(1 - 0.05 ** (1 / 3))
    assert again["anonymize"].digest == sealed["anonymize"].digest
    lines[0]["digest"] = lines[1]["digest"]
    (tmp_path / "audit.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(InputError, match="another clean text"):
        clean(residual={"audit": "audit.jsonl"})


def test_equal_values_have_one_placeholder_in_every_record(clean: Clean) -> None:
    columns, _ = clean()
    assert columns[0]["who"] in columns[0]["text"]
    assert columns[0]["who"].startswith("<PERSON_")


@pytest.mark.parametrize(
    ("technique", "check"),
    [
        ("surrogate", lambda text: "090" in text and "5678" not in text and "<PHONE" not in text),
        ("keep", lambda text: "090-1234-5678" in text),
        ("placeholder", lambda text: "<PHONE_NUMBER_" in text),
    ],
)
def test_each_kind_is_treated_by_its_technique(clean: Clean, technique: str, check: Callable[[str], bool]) -> None:
    columns, _ = clean(anonymize={"techniques": {"PHONE_NUMBER": technique}})
    assert check(columns[0]["text"])


def test_a_record_with_a_kind_that_is_dropped_is_accounted_for(clean: Clean) -> None:
    columns, sealed = clean(anonymize={"techniques": {"PHONE_NUMBER": "drop"}})
    assert len(columns) == 2
    records = sealed["anonymize"].read_json("anonymization_report.json")["records"]
    assert (records["in"], records["out"], records["dropped"]) == (3, 2, 1)


def test_the_same_key_gives_the_same_clean_records_in_another_workspace_and_another_key_others(
    clean: Clean, tmp_path: Path
) -> None:
    _, first = clean("one")
    (tmp_path / "two" / "vault").mkdir(parents=True, mode=0o700)
    key = tmp_path / "two" / "vault" / "pseudonym-key"
    key.write_bytes((tmp_path / "one" / "vault" / "pseudonym-key").read_bytes())
    key.chmod(0o600)
    _, second = clean("two")
    _, third = clean("three")
    assert first["anonymize"].digest == second["anonymize"].digest
    assert first["anonymize"].digest != third["anonymize"].digest


def test_a_span_that_a_reviewer_marks_once_is_replaced_everywhere(clean: Clean, tmp_path: Path) -> None:
    with pytest.raises(WaitingForPerson):
        clean(review={"policy": "person", "decisions": "decisions.jsonl"})
    _, sealed = clean("found")
    found = [finding for line in sealed["detect"].read_lines("findings.jsonl") for finding in line["findings"]]
    keys = ("record_id", "column", "start", "end", "kind")
    decided = [{**{key: each[key] for key in keys}, "verdict": "accept", "by": "AB"} for each in found]
    mark = {"record_id": "2", "column": "text", "start": 28, "end": 33, "kind": "EMPLOYEE_ID", "verdict": "accept"}
    lines = [*decided, {**mark, "by": "AB"}]
    (tmp_path / "decisions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    another = {"id": "4", "text": "P-922 again", "who": "", "class": "leak", "boss": ""}
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*ROWS, another]))
    columns, _ = clean(review={"policy": "person", "decisions": "decisions.jsonl"})
    assert "P-922" not in json.dumps(columns)


def test_a_label_that_holds_a_replaced_value_stops_the_run(clean: Clean, tmp_path: Path) -> None:
    rows = [*ROWS[:2], {**ROWS[2], "class": "Fairweather"}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(CustodyError, match="column class"):
        clean()


def test_a_folder_of_documents_is_a_source_and_file_names_are_searched(clean: Clean, tmp_path: Path) -> None:
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "Chloe_Fairweather.txt").write_text("Mr Fairweather rang", encoding="utf-8")
    (tmp_path / "mails" / "メモ.txt").write_text("佐藤様より電話", encoding="cp932")
    source = {"file": "mails", "id_column": "", "columns": {"text": {"role": "text"}, "file_name": {"role": "text"}}}
    columns, _ = clean(ingest=source, prepare={"input": "text", "output": "file_name"})
    assert "Fairweather" not in json.dumps(columns)
    assert columns[1]["text"].endswith("様より電話")


def test_a_database_is_a_source_and_is_read_anew_while_equal_records_repeat_nothing(
    clean: Clean, tmp_path: Path
) -> None:
    file = tmp_path / "orders.db"
    with sqlite3.connect(file) as database:
        database.execute('create table orders (id, "text", who, class, boss)')
        database.executemany("insert into orders values (?, ?, ?, ?, ?)", [tuple(row.values()) for row in ROWS])
    database.close()
    source = {"file": None, "database": f"sqlite:///{file}", "table": "orders"}
    columns, first = clean(ingest=source)
    _, second = clean(ingest=source)
    assert len(columns) == 3
    assert first["anonymize"].key == second["anonymize"].key


def test_own_identifier_forms_are_found_by_their_own_kind(clean: Clean, tmp_path: Path) -> None:
    form = {"kind": "TICKET_NUMBER", "description": "TK- and 5 digits", "pattern": "TK-[0-9]{5}"}
    (tmp_path / "forms.json").write_text(json.dumps([form]))
    (tmp_path / "rows.jsonl").write_text(json.dumps({**ROWS[1], "text": "票番号TK-12345を参照"}))
    columns, _ = clean(detect={"id_forms": "forms.json", "own_kinds": ["TICKET_NUMBER"]})
    assert columns[0]["text"].startswith("票番号<TICKET_NUMBER_")


@pytest.mark.parametrize(
    ("sections", "says"),
    [
        ({"ingest": {"database": "postgresql://sato:geheim@db/x", "file": None}}, "holds a password"),
        ({"ingest": {"database": "sqlite:////x.db"}}, "either file or database"),
        ({"anonymize": {"techniques": {"PERSN": "keep"}}}, "did you mean 'PERSON'"),
        ({"detect": {"kinds": ["PERSON", "TEL"]}}, "'TEL' is no kind"),
    ],
)
def test_a_wrong_setting_is_refused_and_a_password_is_not_repeated(
    clean: Clean, sections: dict[str, Any], says: str
) -> None:
    with pytest.raises(SettingsError, match=says) as refused:
        clean(**sections)
    assert "geheim" not in str(refused.value)


def test_forms_that_are_no_forms_are_refused(clean: Clean, tmp_path: Path) -> None:
    (tmp_path / "forms.json").write_text("[1]")
    with pytest.raises(InputError, match="no list of identifier forms"):
        clean(detect={"id_forms": "forms.json"})


def test_an_id_that_holds_personal_data_stops_the_run_and_is_not_told(clean: Clean, tmp_path: Path) -> None:
    rows = [ROWS[0], {**ROWS[1], "id": "orla.quimby@corp.jp"}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(CustodyError, match="1 records hold personal data; the first is that of record 2") as refused:
        clean()
    assert "quimby" not in str(refused.value)


def test_each_value_of_an_identifier_cell_is_found_elsewhere(clean: Clean, tmp_path: Path) -> None:
    rows = [
        {**ROWS[0], "text": "-", "who": "佐々木 未来; Orla Quimby"},
        {**ROWS[1], "text": "未来 and quimby came, 佐々木未来 left"},
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    columns, _ = clean()
    first, second = columns[0]["who"].split("; ")
    assert first != second
    assert not any(word in columns[1]["text"].lower() for word in ("未来", "quimby", "佐々木"))


def test_no_event_and_no_seal_names_a_file_of_a_folder(clean: Clean, tmp_path: Path) -> None:
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "a.txt").write_text("Mr Fairweather rang", encoding="utf-8")
    (tmp_path / "mails" / "Orla_Quimby_medical.zip").write_bytes(b"PK")
    source = {"file": "mails", "id_column": "", "columns": {"text": {"role": "text"}, "file_name": {"role": "text"}}}
    clean(ingest=source, prepare={"input": "text", "output": "file_name"})
    told = (tmp_path / "events").read_text(encoding="utf-8")
    assert "1 parts are quarantined" in told
    seals = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "w").rglob("*.json"))
    assert "Quimby" not in told + seals


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://sato:geheim@db/x",
        "postgresql://sato:ge/heim@db/x",
        "postgresql://db/x?user=sato&password=geheim",
        "postgresql://sato:@db/x",
    ],
)
def test_a_password_in_any_place_of_the_url_is_refused(clean: Clean, url: str) -> None:
    with pytest.raises(SettingsError, match="holds a password") as refused:
        clean(ingest={"database": url, "file": None, "table": "orders"})
    assert "heim" not in str(refused.value)


def test_the_place_of_a_word_list_and_the_progress_change_no_artifact(clean: Clean, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder / "vault").mkdir(parents=True, mode=0o700)
        (tmp_path / folder / "vault" / "pseudonym-key").write_bytes(bytes(64))
        (tmp_path / folder / "vault" / "pseudonym-key").chmod(0o600)
        (tmp_path / folder / "words.txt").write_text("点検\n", encoding="utf-8")
    _, first = clean("one", detect={"vocabulary_file": "one/words.txt", "batch_size": 7})
    _, second = clean("two", detect={"vocabulary_file": "two/words.txt"})
    assert first["anonymize"].digest == second["anonymize"].digest


def test_nothing_unproven_outlives_the_step(clean: Clean, tmp_path: Path) -> None:
    clean()
    kept = {file.suffix for file in (tmp_path / "w" / "vault" / "pseudonyms").iterdir()}
    assert kept == {".vault"}
    (tmp_path / "w" / "vault" / "pseudonyms" / "killed.unproven").write_bytes(b"x")
    Store(tmp_path / "w").sweep()
    assert {file.suffix for file in (tmp_path / "w" / "vault" / "pseudonyms").iterdir()} == {".vault"}


def test_a_word_list_in_another_encoding_is_told(clean: Clean, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("点検", encoding="cp932")
    with pytest.raises(InputError, match="cannot be read as UTF-8"):
        clean(detect={"vocabulary_file": "words.txt"})
