"""The rows of New run, each one question: what it is called, what was answered, which choices there are. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from appliance.core.run_file import Answers, Use
from tui.language import message
from tui.wording import Say, fit, size

LABEL = 24  # cells
How = Literal["heading", "file", "pick", "type", "column", "model"]
USES: Mapping[Use, str] = {
    "input": message("input: what the model is given"),
    "output": message("wanted output: what it should answer"),
    "text": message("text: searched for personal data"),
    "identifier": message("personal as a whole: replaced"),
    "drop": message("personal as a whole: does not leave"),
    "label": message("label: leaves as it is"),
    "leave": message("not read at all"),
}
SHORT_USES: Mapping[Use, str] = {
    "input": message("input"),
    "output": message("wanted output"),
    "text": message("text"),
    "identifier": message("personal"),
    "drop": message("personal, stays here"),
    "label": message("label"),
    "leave": message("not read"),
}
CHOICES: Mapping[str, Mapping[str, str]] = {
    "profile": {
        "fast": message("fast: rules and patterns"),
        "balanced": message("balanced: an English model, a Japanese dictionary"),
        "thorough": message("thorough: all that looks like a name, also wrongly"),
        "maximum": message("maximum: and GiNZA for Japanese, a tenth as fast"),
    },
    "kinds": {
        "direct": message("what identifies a person by itself"),
        "all": message("places, companies, dates, ages too"),
    },
    "review": {
        "person": message("a person decides on every finding"),
        "accept-all": message("everything that is found is replaced, unseen"),
    },
    "technique": {
        "placeholder": message("placeholder: <PERSON_K7QW>"),
        "surrogate": message("surrogate: another name of the same form"),
        "generalise": message("generalise: the month in place of the day"),
    },
    "task": {
        "line": message("one exact line"),
        "label": message("one of the labels that the examples show"),
        "json": message("JSON, judged field by field"),
        "text": message("free text, judged by its likeness"),
    },
    "variants": {
        "float,int8,int4": message("float, int8 and int4: the smallest good one is signed"),
        "float,int8": message("float and int8"),
        "float": message("float alone: large, exact"),
    },
}
TYPED: Mapping[str, tuple[str, type]] = {
    "name": (message("small letters, digits and -"), str),
    "instruction": (message("one short sentence; it is read with every line"), str),
    "audit_sample": (message("records drawn at random, to be read for what was missed"), int),
    "licence": (message("SPDX identifier that you accept, for instance Apache-2.0"), str),
    "max_tokens": (message("of a whole example; longer ones are left out"), int),
    "epochs": (message("times that every example is seen"), float),
    "rank": (message("of the adapter (LoRA): 8 to 64"), int),
}
LABELS: Mapping[str, str] = {
    "name": message("name of the run"),
    "file": message("source"),
    "id_column": message("ids of the records"),
    "profile": message("how to look"),
    "kinds": message("what to look for"),
    "review": message("who decides"),
    "audit_sample": message("sample to read"),
    "technique": message("replaced by"),
    "model": message("base model"),
    "licence": message("its licence"),
    "task": message("wanted answer"),
    "instruction": message("instruction"),
    "max_tokens": message("longest example"),
    "epochs": message("epochs"),
    "rank": message("rank"),
    "variants": message("variants"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the form."""

    key: str
    how: How
    label: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What the first look at the source has told so far."""

    found: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the source offers."""
        return tuple(self.found.get("columns", ()))


def form_rows(answers: Answers, look: Look, say: Say) -> Iterator[Row]:
    """Yield the rows in the order in which they are answered."""
    yield Row("", "heading", say("1 Data"))
    yield Row("file", "file", say(LABELS["file"]), answers.file or say("press Enter to pick a file"))
    for name in look.columns:
        answer = answers.columns.get(name)
        use = say(SHORT_USES[answer.use]) if answer else say(SHORT_USES["leave"])
        yield Row(name, "column", f"  {name}", f"{use} {answer.kind}".strip() if answer else use)
    if look.columns:
        yield Row("id_column", "pick", say(LABELS["id_column"]), answers.id_column or say("numbered"))
    yield from _section(say("2 Privacy"), ("profile", "kinds", "review", "audit_sample", "technique"), answers, say)
    yield Row("", "heading", say("3 Model"))
    yield Row("model", "model", say(LABELS["model"]), answers.model)
    yield from (_row(key, answers, say) for key in ("licence", "task", "instruction"))
    yield from _section(say("4 Budget"), ("max_tokens", "epochs", "rank", "variants"), answers, say)
    yield from _section(say("5 Name"), ("name",), answers, say)


def _section(heading: str, keys: tuple[str, ...], answers: Answers, say: Say) -> Iterator[Row]:
    yield Row("", "heading", heading)
    yield from (_row(key, answers, say) for key in keys)


def _row(key: str, answers: Answers, say: Say) -> Row:
    value = chosen(answers, key)
    told = say(CHOICES[key][value]) if value in CHOICES.get(key, {}) else value
    return Row(key, "pick" if key in CHOICES else "type", say(LABELS[key]), told)


def chosen(answers: Answers, key: str) -> str:
    """Return what was answered, as it stands in the choices."""
    value = getattr(answers, key)
    return ",".join(value) if isinstance(value, tuple) else str(value)


def line(row: Row) -> str:
    """Return a row as one line; its value may be cut off by the screen."""
    return row.label if row.how == "heading" else f"{fit(row.label, LABEL)} {row.value}"


def look_lines(row: Row, look: Look, say: Say) -> list[str]:
    """Return what the first look tells about the row under the cursor."""
    found = look.found
    if "error" in found:
        return [say(found["error"]), say(found["hint"])]
    if row.how == "column":
        return _column_lines(row.key, found, say)
    if not found:
        return [say("Pick a file: then you see what is in it.")]
    lines = ["  ".join(filter(None, (found["format"], found["encoding"], size(found["bytes"]))))]
    if "records" in found:
        more = "" if found["is_whole"] else "+"
        counts = {"records": f"{found['records']:,}{more}", "bad": f"{found['quarantined']:,}"}
        lines.append(say("{records} records, {bad} cannot be read", **counts))
    if "kinds" in found:
        kinds: dict[str, int] = {}
        for counted in found["kinds"].values():
            for kind, times in counted.items():
                kinds[kind] = kinds.get(kind, 0) + times
        told = ", ".join(f"{kind} {times}" for kind, times in sorted(kinds.items())) or say("nothing")
        lines.append(say("in the first {count}: {kinds}", count=found["looked_at"], kinds=told))
    else:
        lines.append(say("looking for personal data …"))
    return lines


def _column_lines(name: str, found: Mapping[str, Any], say: Say) -> list[str]:
    lines = []
    if "filled" in found:
        lines.append(say("filled {n} of {all}", n=f"{found['filled'].get(name, 0):,}", all=f"{found['records']:,}"))
        samples = " | ".join(sample.replace("\n", " ")[:60] for sample in found["samples"].get(name, ()))
        lines.append(say("for instance: {samples}", samples=samples))
    if "kinds" in found:
        counted = found["kinds"].get(name, {})
        told = ", ".join(f"{kind} {times}" for kind, times in counted.items()) or say("nothing")
        lines.append(say("in the first {count}: {kinds}", count=found["looked_at"], kinds=told))
    return lines or [say("looking …")]


def uses() -> tuple[Use, ...]:
    """Return what a column can be used for, in the order of the list."""
    return get_args(Use)
