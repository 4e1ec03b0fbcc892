"""The errors a person can meet, grouped by who must act.

ApplianceError
├── SettingsError      2   the operator: a setting or an argument is wrong
├── InputError         3   the owner of the data: a source cannot be read
├── CustodyError       4   the privacy officer: personal data would leave its room
├── ResourceError      5   the administrator: memory, disk or a device is short
├── GateRefused        6   the approver: a measured limit is not kept
├── IntegrityError     7   the security officer: a digest or a signature does not match
├── WaitingForPerson  10   a reviewer: the run goes on after a decision
├── Busy              75   nobody: another worker holds the workspace
└── Interrupted      143   nobody: the run was stopped after a checkpoint

A message says what and where (file, row, setting), never the text of a record: personal data must not reach a log.
"""

from typing import ClassVar

OWN_BUG = 70  # EX_SOFTWARE of sysexits.h: an exception that is none of the above
INTERRUPTED_BY_KEYBOARD = 130


class ApplianceError(Exception):
    """A failure with a stable code, an exit status and the next step to take."""

    code: ClassVar[str] = "failed"
    exit_status: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SettingsError(ApplianceError):
    """A setting, argument or configuration file is wrong."""

    code = "settings"
    exit_status = 2


class InputError(ApplianceError):
    """A source of data or a base model cannot be read as declared."""

    code = "input"
    exit_status = 3


class CustodyError(ApplianceError):
    """Personal data was found where it must not be, or a step asked for a room that is closed to it."""

    code = "custody"
    exit_status = 4


class ResourceError(ApplianceError):
    """Memory, disk space or a device is missing."""

    code = "resources"
    exit_status = 5


class GateRefused(ApplianceError):
    """A measured quantity is outside of its declared limit."""

    code = "gate"
    exit_status = 6


class IntegrityError(ApplianceError):
    """A digest, a seal or a signature does not match."""

    code = "integrity"
    exit_status = 7


class WaitingForPerson(ApplianceError):
    """The run has ended until a person has decided; starting it again goes on."""

    code = "waiting"
    exit_status = 10


class Busy(ApplianceError):
    """Another worker holds the lock."""

    code = "busy"
    exit_status = 75


class Interrupted(ApplianceError):
    """The run was asked to stop and did so after a checkpoint."""

    code = "interrupted"
    exit_status = 143
