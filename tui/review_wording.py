"""What the review screen says beside its pages. Pure."""

from appliance.core.sanitising import visible
from appliance.reviewing.session import Session
from tui.wording import Say


def document_line(session: Session, run_id: str, document: int, item: int | None, say: Say) -> str:
    """Return where the reviewer is and how much is open."""
    progress = session.progress
    items = session.corpus.items_of(document) if session.corpus.documents else range(0)
    first = say(
        "4 Review · {run} · document {number}/{count}",
        run=run_id,
        number=f"{document + 1:,}",
        count=f"{len(session.corpus.documents):,}",
    )
    if document in session.audit:
        first = f"{first} · {say('in the sample')}"
    place = f"{item - items.start + 1}/{len(items)}" if item is not None and item in items else f"-/{len(items)}"
    second = say(
        "finding {place} · {open} of {all} open · {marked} marked by reviewers",
        place=place,
        open=f"{progress.open:,}",
        all=f"{progress.items:,}",
        marked=f"{progress.marked:,}",
    )
    return f"{first}\n{second}"


def item_lines(session: Session, item: int | None, say: Say) -> str:
    """Return what is known of the current finding, and who decided what."""
    if item is None:
        return say("Nothing was found in this document. Read it; m marks what was missed, f says that it was read.")
    found = session.corpus.items[item]
    size = session.corpus.group_sizes[found.group]
    first = say(
        "{kind} {score} by {who} · same text: {equal} (A = all)",
        kind=found.kind,
        score=f"{found.score:.2f}",
        who=found.recognizers,
        equal=f"{size:,}",
    )
    verdicts = session.verdicts(item)
    words = {"accept": say("accepted"), "reject": say("rejected")}
    decided = " · ".join(f"{visible(by)}: {words[verdict]}" for by, verdict in verdicts.items())
    if decided:
        return f"{first}\n{decided}"
    declared = session.corpus.is_declared(item)
    second = (
        say("The settings declare this column personal; D accepts all such values.")
        if declared
        else say("not decided yet")
    )
    return f"{first}\n{second}"


def risk_line(session: Session, say: Say) -> str:
    """Return what the random sample and the agreement of reviewers allow to say so far."""
    residual, agreement = session.residual, session.agreement
    if residual.read:
        told = say(
            "Sample {read}/{drawn} read, missed in {missed}: at most {bound} of documents (95 %)",
            read=residual.read,
            drawn=residual.drawn,
            missed=residual.missed,
            bound=f"{residual.bound:.1%}",
        )
    else:
        told = say("Sample 0/{drawn} read: nothing can be said yet; s opens its next document", drawn=residual.drawn)
    if agreement.places:
        low, high = agreement.interval
        same = f"{agreement.same}/{agreement.places} ({low:.2f}-{high:.2f})"
        told = f"{told}\n{say('Agreement of reviewers {same}', same=same)}"
    return told
