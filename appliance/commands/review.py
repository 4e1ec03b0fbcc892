"""`appliance review`: decide on findings without the terminal UI, by hand, by script or with a screen reader."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from anonymize.decisions import Place
from appliance import service
from appliance.commands.options import json_option, workspace_option
from appliance.core.errors import SettingsError
from appliance.core.telling import tell, tell_json
from appliance.core.workspace import Workspace
from appliance.reviewing.session import Marked, Session

VERDICTS = click.Choice(["accept", "reject"])
by_option = click.option("--by", default="", help="Who decides [this system's user].")


@click.group("review")
def command() -> None:
    """Decide on the findings of a run: status, list, decide, mark, read, undo."""


def _open(run_id: str, workspace: Workspace, by: str) -> Session:
    return service.review(service.find_run(workspace, run_id), workspace, by)


@command.command("status")
@click.argument("run_id", metavar="RUN")
@json_option
@workspace_option
def status(run_id: str, workspace: Workspace, *, as_json: bool) -> None:
    """Show how far the review of RUN is, how reviewers agree, and what risk the sample leaves."""
    session = _open(run_id, workspace, "")
    _tell(_status(session), as_json=as_json)


def _status(session: Session) -> dict[str, Any]:
    progress, agreement, residual = session.progress, session.agreement, session.residual
    low, high = agreement.interval
    return {
        "findings": progress.items,
        "decided": progress.decided,
        "open": progress.open,
        "marked": progress.marked,
        "open_kinds": dict(sorted(session.open_kinds.items())),
        "agreement": {"same": agreement.same, "samples": agreement.places, "low": low, "high": high},
        "missed": {
            "documents": residual.missed,
            "samples": residual.read,
            "drawn": residual.drawn,
            "high": residual.bound,
        },
    }


@command.command("list")
@click.argument("run_id", metavar="RUN")
@click.option("--all", "is_all", is_flag=True, help="Also what is decided.")
@click.option(
    "--text", "with_text", is_flag=True, help="Print the original text of each finding: it is not anonymized."
)
@json_option
@workspace_option
def listing(run_id: str, workspace: Workspace, *, is_all: bool, with_text: bool, as_json: bool) -> None:
    """List the findings of RUN that wait for a decision, one a line."""
    session = _open(run_id, workspace, "")
    for number in range(len(session.corpus.items)):
        line = session.line(number)
        if is_all or line is None:
            told = _item(session, number, verdict=line["verdict"] if line else "", with_text=with_text)
            tell_json(told) if as_json else tell("\t".join(map(str, told.values())))


def _item(session: Session, number: int, *, verdict: str, with_text: bool) -> dict[str, Any]:
    item = session.corpus.items[number]
    told: dict[str, Any] = {
        **dict(zip(("record_id", "column", "start", "end", "kind"), session.place(number), strict=True)),
        "score": round(item.score, 3),
        "recognizers": item.recognizers,
        "equal": session.corpus.group_sizes[item.group],
        "verdict": verdict,
    }
    return {**told, "text": session.corpus.value(number)} if with_text else told


@command.command("decide")
@click.argument("run_id", metavar="RUN")
@click.argument("verdict", type=VERDICTS)
@click.option("--record", "record_id", help="The id of the record.")
@click.option("--column", help="Its column.")
@click.option("--start", type=int, help="The first character of the finding.")
@click.option("--end", type=int, help="The character after its last.")
@click.option("--kind", help="The kind of the finding.")
@click.option("--equal", "is_equal", is_flag=True, help="Decide on every finding with the same text and kind.")
@click.option("--declared", is_flag=True, help="Decide on what stands in columns that the settings declare personal.")
@click.option(
    "--from", "source", type=click.File(encoding="utf-8"), help="Places as `list --json` prints them; - reads stdin."
)
@click.option("--reason", default="", help="Why; no personal data.")
@by_option
@json_option
@workspace_option
def decide(  # noqa: PLR0913 options of a command line
    run_id: str, verdict: Any, workspace: Workspace, *, by: str, as_json: bool, reason: str, is_equal: bool,
    declared: bool, source: Any, **place: Any,
) -> None:  # fmt: skip
    """Accept or reject findings of RUN: one place, all equal ones, all declared ones, or those of a file."""
    session = _open(run_id, workspace, by)
    items = session.declared() if declared else [session.item_at(each) for each in _places(source, place)]
    if is_equal:
        items = sorted({equal for item in items for equal in session.corpus.equal_items(item)})
    _tell({"decided": session.decide(items, verdict, reason), **_left(session)}, as_json=as_json)


def _places(source: Any, place: dict[str, Any]) -> Iterator[Place]:
    if source is None:
        yield _place(place)
        return
    for number, line in enumerate(source, start=1):
        try:
            yield _place(json.loads(line))
        except (ValueError, AttributeError):
            name = "stdin" if source is sys.stdin else source.name
            raise SettingsError(f"{name}: line {number} is not a JSON object") from None


def _place(told: dict[str, Any]) -> Place:
    keys = ("record_id", "column", "start", "end", "kind")
    missing = [key for key in keys if told.get(key) is None]
    if missing:
        raise SettingsError(f"a place needs {', '.join(keys)}; {missing[0]} is missing", hint="or give --from FILE")
    return (told["record_id"], told["column"], told["start"], told["end"], told["kind"])


@command.command("mark")
@click.argument("run_id", metavar="RUN")
@click.option("--record", "record_id", required=True, help="The id of the record.")
@click.option("--column", required=True, help="Its column.")
@click.option("--start", type=int, required=True, help="The first character of what was missed.")
@click.option("--end", type=int, required=True, help="The character after its last.")
@click.option("--kind", required=True, help="What it is: PERSON, EMPLOYEE_ID ...")
@by_option
@json_option
@workspace_option
def mark(run_id: str, record_id: str, workspace: Workspace, *, by: str, as_json: bool, **place: Any) -> None:
    """Mark what the detectors missed; its text is then replaced in every document of RUN."""
    session = _open(run_id, workspace, by)
    document, missed = session.document_of(record_id), Marked(**place)
    text = session.corpus.columns(document).get(missed.column, "")
    if not 0 <= missed.start < missed.end <= len(text):
        raise SettingsError(
            "that place lies outside of the column's text", hint="start and end count characters from 0"
        )
    session.mark(document, [missed])
    places, documents = session.corpus.occurrences(text[missed.start : missed.end])
    _tell({"marked": 1, "places": places, "documents": documents, **_left(session)}, as_json=as_json)


@command.command("read")
@click.argument("run_id", metavar="RUN")
@click.argument("record_id", metavar="RECORD", required=False)
@by_option
@json_option
@workspace_option
def read(run_id: str, record_id: str | None, workspace: Workspace, *, by: str, as_json: bool) -> None:
    """Say that RECORD was read as a whole for what was missed; without RECORD, print the next one of the sample."""
    session = _open(run_id, workspace, by)
    if record_id is not None:
        session.confirm_read(session.document_of(record_id))
        _tell(_status(session)["missed"], as_json=as_json)
        return
    document = next((number for number in session.audit if not session.has_been_read(number)), None)
    if document is None:
        raise SettingsError("every record of the sample has been read", hint="appliance review status RUN")
    told = {"record_id": session.corpus.documents[document].id, "columns": session.corpus.columns(document)}
    if as_json:
        tell_json(told)
        return
    tell(str(told["record_id"]))
    for name, text in session.corpus.columns(document).items():
        tell(f"{name}: {text}")


@command.command("undo")
@click.argument("run_id", metavar="RUN")
@by_option
@json_option
@workspace_option
def undo(run_id: str, workspace: Workspace, *, by: str, as_json: bool) -> None:
    """Take back your newest decision on RUN, with all places that it settled."""
    session = _open(run_id, workspace, by)
    undone = session.undo()
    _tell({"undone": undone is not None, **_left(session)}, as_json=as_json)


def _left(session: Session) -> dict[str, int]:
    return {"open": session.progress.open, "findings": session.progress.items}


def _tell(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        tell_json(told)
        return
    for key, value in told.items():
        shown = (
            ", ".join(f"{name} {_figure(number)}" for name, number in value.items())
            if isinstance(value, dict)
            else value
        )
        tell(f"{key:<12} {shown}")


def _figure(number: Any) -> str:
    return f"{number:.3f}" if isinstance(number, float) else str(number)
