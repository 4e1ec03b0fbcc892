"""What the approver decided at the end of each stage: signed words in a chain that is only appended to.

    PoC ──go-on──► evaluation ──go-on──► roll-out       back: to the stage before;  stop: to a new PoC

One file a decision, `approvals/<run name>/decisions/0001.json`; each holds the digest of the one before it:

    {"decision": {"number": 1, "project": "orders", "stage": "poc", "outcome": "go-on", "run": "orders-1a2b3c4d",
                  "verdict": "...", "report": "...", "by": "M. Sato", "reason": "...", "time": "...",
                  "previous": "..."},
     "signature": "..."}

Covers: who decided (the holder of the approver's key), on which verdict and report, in which order; any change of it; a
decision that was removed from the middle, moved, or taken from another project.
Does not cover: the end cut off, which `check_whole` finds with the audit log; whether the reason is a good one.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from cryptography.hazmat.primitives.asymmetric import ec

from appliance.core.audit_log import AuditLog
from appliance.core.errors import GateRefused, IntegrityError, SettingsError
from appliance.core.hashing import canonical_json, write_whole
from appliance.core.locking import locked
from appliance.core.purpose import Stage
from appliance.release.signing import open_signature, sign
from appliance.release.statement import Statement

Outcome = Literal["go-on", "back", "stop"]
STAGES: tuple[Stage, ...] = get_args(Stage)
FOLDER = "decisions"  # in the folder of a run's name below approvals/
NAME = "decision"  # in the signed statement: no bundle, report or approval bears it
ACTION = "decide"  # in the audit log
CONTENT = "decision.json"
FIRST = "0" * 64  # what stands before the first decision


@dataclass(frozen=True, slots=True)
class Decision:
    """What an approver signs at the end of a stage."""

    project: str  # the name of the run
    stage: Stage
    outcome: Outcome
    run: str
    verdict: str  # digest of the gates, their limits and what would ship
    report: str  # digest of the report's folder that was seen
    by: str
    reason: str
    time: str  # UTC, seconds
    number: int = 0  # from 1; given when it is appended
    previous: str = FIRST  # digest of the decision before it

    @property
    def digest(self) -> str:
        """The SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def content(self) -> bytes:
        """The canonical JSON, as it is signed."""
        return canonical_json(asdict(self)).encode()


@dataclass(frozen=True, slots=True)
class Signed:
    """A decision and the content of its signature."""

    decision: Decision
    signature: str


def opened(decisions: Sequence[Decision]) -> Stage:
    """Return the stage that a project has reached; the last decision counts."""
    return follows(decisions[-1].stage, decisions[-1].outcome) if decisions else STAGES[0]


def follows(stage: Stage, outcome: Outcome) -> Stage:
    """Return the stage that a project is in after a decision."""
    if outcome == "stop":
        return STAGES[0]
    place = STAGES.index(stage) + (1 if outcome == "go-on" else -1)
    return STAGES[max(0, min(place, len(STAGES) - 1))]


def check_open(stage: Stage, decisions: Sequence[Decision]) -> None:
    """Let no stage begin before the one before it ended with the word to go on.

    Raises:
        GateRefused: it is not open; says what was decided last, and what to do.
    """
    reached = opened(decisions)
    if STAGES.index(stage) <= STAGES.index(reached):
        return
    last = decisions[-1] if decisions else None
    before = STAGES[STAGES.index(stage) - 1]
    told = f"decision {last.number} ({last.stage}: {last.outcome}, by {last.by})" if last else "nothing was decided yet"
    raise GateRefused(
        f"the stage {stage} is not open: {told}; the project is in the stage {reached}",
        hint=f'end a run with stage = "{before}" in [purpose], then: '
        "appliance decide RUN go-on --key KEY --by NAME --reason WHY",
    )


def carried(stage: Stage, chain: Sequence[Signed]) -> tuple[Signed, ...]:
    """Return what a bundle of a stage carries: all up to the last decision on an earlier stage, which opened this one.

    What is decided later on the stage itself is about that bundle, and does not change it.
    """
    earlier = [place for place, each in enumerate(chain) if STAGES.index(each.decision.stage) < STAGES.index(stage)]
    return tuple(chain[: earlier[-1] + 1]) if earlier else ()


def check_chain(chain: Sequence[Signed], key: ec.EllipticCurvePublicKey, project: str) -> None:
    """Check every signature, and that each decision follows from the one before it.

    Raises:
        IntegrityError: names the number of the decision that does not.
    """
    previous = FIRST
    for number, each in enumerate(chain, start=1):
        decision = each.decision
        signed = open_signature(each.signature.encode(), key)
        if signed.name != NAME or signed.digests != {CONTENT: decision.digest}:
            raise _broken(f"decision {number} was changed since it was signed")
        if (decision.number, decision.previous, decision.project) != (number, previous, project):
            raise _broken(f"decision {number} does not follow from the one before it in the project {project}")
        previous = decision.digest


def read_decisions(folder: Path, key: ec.EllipticCurvePublicKey) -> tuple[Signed, ...]:
    """Return the decisions below the folder of a run's name, the oldest first; none where nothing was decided.

    Raises:
        IntegrityError: another key signed one, or one was changed, removed or moved.
    """
    chain = read_unchecked(folder)
    check_chain(chain, key, folder.name)
    return chain


def read_unchecked(folder: Path) -> tuple[Signed, ...]:
    """Return the decisions as they lie there, to be shown where nobody has named the key that checks them.

    Raises:
        IntegrityError: a file holds none.
    """
    files = sorted((folder / FOLDER).glob("*.json"))
    return tuple(parsed(file.read_text(encoding="utf-8")) for file in files)


def logged_decisions(audit_log: Path, project: str) -> int:
    """Return how many decisions of a project the audit log knows of.

    Raises:
        IntegrityError: the log was changed.
    """
    entries = AuditLog(audit_log).entries()
    ours = (each.details for each in entries if each.action == ACTION and each.details.get("project") == project)
    return max((int(details["number"]) for details in ours), default=0)


def check_whole(chain: Sequence[Signed], logged: int, project: str) -> None:
    """Refuse a chain whose end was cut off: the audit log knows of more decisions.

    Raises:
        IntegrityError: says how many there are, and how many the log knows.
    """
    if len(chain) < logged:
        raise IntegrityError(
            f"{project}: {len(chain)} decisions are there, and the audit log knows of {logged}",
            hint="put the missing file back; where none was ever written, decide once more",
        )


def append_decision(
    decision: Decision,
    key: ec.EllipticCurvePrivateKey,
    folder: Path,
    announce: Callable[[Decision], object] = lambda _: None,
) -> Signed:
    """Check that the stage is open, announce and sign a decision, and put it behind those before it.

    Raises:
        GateRefused: the stage that it is about is not open.
        IntegrityError: the decisions so far do not follow from each other, or another key signed them.
        SettingsError: no name, or no reason is given.
    """
    if not (decision.by.strip() and decision.reason.strip()):
        raise SettingsError("a decision needs a name and a reason", hint="--by 'M. Sato' --reason '...'")
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_suffix(".lock"), f"decisions in {folder}"):
        chain = read_decisions(folder, key.public_key())
        check_open(decision.stage, [each.decision for each in chain])
        last = chain[-1].decision.digest if chain else FIRST
        numbered = replace(decision, project=folder.name, number=len(chain) + 1, previous=last)
        announce(numbered)
        signature = sign(Statement(NAME, {CONTENT: numbered.digest}), key).decode()
        signed = Signed(numbered, signature)
        write_whole(target / f"{numbered.number:04}.json", canonical_json(asdict(signed)).encode())
    return signed


def parsed(text: str) -> Signed:
    """Return a signed decision from its JSON; nothing of it is checked.

    Raises:
        IntegrityError: it is none.
    """
    try:
        plain = json.loads(text)
        return from_plain(plain)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _broken("a decision cannot be read as one") from None


def from_plain(plain: Mapping[str, Any]) -> Signed:
    """Return a signed decision from plain values, as they stand in a report; nothing of it is checked."""
    return Signed(Decision(**plain["decision"]), str(plain["signature"]))


def _broken(what: str) -> IntegrityError:
    return IntegrityError(what, hint="keep the files as they are, and ask the approver and the security officer")
