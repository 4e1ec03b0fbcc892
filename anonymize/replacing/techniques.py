"""What is done with each kind of personal data: the operator's choice, checked before anything is replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from anonymize.errors import TechniqueError
from anonymize.kinds import NAME

Technique = Literal["placeholder", "surrogate", "generalise", "keep", "drop"]
DatePart = Literal["month", "year"]
TECHNIQUES: tuple[Technique, ...] = get_args(Technique)


@dataclass(frozen=True, slots=True)
class Techniques:
    """A technique for each kind; "drop" drops the whole record, "keep" leaves the value and still counts it.

    Raises:
        TechniqueError: a kind is not written in capitals, a technique is unknown, or a date part is.
    """

    by_kind: Mapping[str, Technique] = field(default_factory=dict)
    default: Technique = "placeholder"  # of the kinds that by_kind does not name
    dates_to: DatePart = "month"  # what a generalised date still tells

    def __post_init__(self) -> None:
        """Check the choice."""
        for kind, technique in self.by_kind.items():
            if not isinstance(kind, str) or not NAME.fullmatch(kind):
                raise TechniqueError(f"the kind {kind!r} is not written in capitals", "use for instance PERSON")
            _check(technique, f"the technique of {kind}")
        _check(self.default, "the technique of all other kinds")
        if self.dates_to not in get_args(DatePart):
            raise TechniqueError(f"dates cannot be generalised to {self.dates_to!r}", "use month or year")

    def of(self, kind: str) -> Technique:
        """Return the technique for a kind."""
        return self.by_kind.get(kind, self.default)

    def to_json(self) -> dict[str, Any]:
        """Return the choice as a plain dict, for the report and its digest."""
        return {"by_kind": dict(sorted(self.by_kind.items())), "default": self.default, "dates_to": self.dates_to}


def _check(technique: object, name: str) -> None:
    if technique not in TECHNIQUES:
        raise TechniqueError(f"{name} is {technique!r}", f"use one of {', '.join(TECHNIQUES)}")
