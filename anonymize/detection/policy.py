"""What is looked for, and where: the operator's choice, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass

from anonymize.kinds import DIRECT_KINDS


@dataclass(frozen=True, slots=True)
class Policy:
    """What is looked for, and where."""

    identifier_kinds: Mapping[str, str]  # column -> kind; the whole value is the finding
    text_columns: tuple[str, ...]
    threshold: float = 0.4  # findings below it are not reported
    batch_size: int = 256  # texts that a model reads at a time
    vocabulary_column: str = ""  # its words veto a guess of a model; "" knows no words
    kinds: tuple[str, ...] = DIRECT_KINDS  # of KNOWN_KINDS, or of an operator's own recognizer
