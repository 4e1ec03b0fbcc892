"""What can go wrong in this library; a message names places, ids and counts, never the text of a record.

AnonymizeError
├── SourceError      a source cannot be read as it was declared
├── DecisionError    a reviewer's file cannot be read, or contradicts the findings
│   └── OpenFindings some findings have not been decided
├── DetectionError   a recognizer failed or took too long; the record is quarantined
├── TechniqueError   the operator's choice of techniques is not one that can be carried out
├── KeyTooShort      the key of the pseudonyms is shorter than 32 bytes
├── VaultError       the vault cannot be read or written
│   └── WrongKey     the vault was sealed with another key, or was changed
└── CountError       records came in that neither went out nor were quarantined
"""


class AnonymizeError(Exception):
    """A failure and the next step to take."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SourceError(AnonymizeError):
    """A source cannot be read as it was declared."""


class DecisionError(AnonymizeError):
    """A reviewer's file cannot be read, or contradicts the findings."""


class OpenFindings(DecisionError):
    """Some findings have not been decided; `count` says how many."""

    def __init__(self, count: int, hint: str = "") -> None:
        super().__init__(f"{count} findings are not decided", hint)
        self.count = count


class DetectionError(AnonymizeError):
    """A recognizer failed or took too long."""


class CountError(AnonymizeError):
    """Records came in that neither went out nor were quarantined."""


class TechniqueError(AnonymizeError):
    """The operator's choice of techniques is not one that can be carried out."""


class KeyTooShort(AnonymizeError):
    """The key of the pseudonyms is shorter than 32 bytes."""


class VaultError(AnonymizeError):
    """The vault cannot be read or written."""


class WrongKey(VaultError):
    """The vault was sealed with another key, or was changed."""
