"""What is looked for, and where: the operator's choice, as plain values that can be sent to a worker process."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from anonymize.kinds import DIRECT_KINDS

# fast: rules and patterns; balanced: and a small English model, and names of the Japanese dictionary; thorough: and a
# larger model, and all that looks like a proper noun in Japanese; maximum: and GiNZA, at twenty times the cost
Profile = Literal["fast", "balanced", "thorough", "maximum"]


@dataclass(frozen=True, slots=True)
class LocalModelChoice:
    """A model of the operator's own: its folder, the SHA-256 that it must have, and what its labels mean."""

    path: str
    sha256: str
    labels: Mapping[str, str]  # the model's label → kind


@dataclass(frozen=True, slots=True)
class Policy:
    """What is looked for, and where."""

    identifier_kinds: Mapping[str, str]  # column -> kind; the whole value is the finding
    text_columns: tuple[str, ...]
    threshold: float = 0.4  # findings below it are not reported
    batch_size: int = 256  # records between two reports of progress
    vocabulary_column: str = ""  # its words veto a guess of a model; "": those that the texts repeat
    kinds: tuple[str, ...] = DIRECT_KINDS  # of KNOWN_KINDS, or of an operator's own recognizer
    profile: Profile = "balanced"
    workers: int = 1  # processes; the findings are the same for any number
    id_forms: tuple[Mapping[str, Any], ...] = ()  # the company's own identifiers, as id_forms.py writes them to JSON
    local_models: tuple[LocalModelChoice, ...] = ()
    presidio_kinds: tuple[str, ...] = ()  # further kinds that presidio has patterns for: "UK_NHS"
    text_seconds: float = 5.0  # of CPU for one recognizer and one window of text; a millisecond is usual
    stall_seconds: float = 600.0  # of wall time for one shard of records; then its process is ended

    @property
    def wanted_kinds(self) -> frozenset[str]:
        """Return the kinds whose findings are reported."""
        return frozenset(self.kinds) | frozenset(self.presidio_kinds)
