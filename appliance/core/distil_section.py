"""The section of a run's TOML file that asks for a smaller student of the adapted model."""

from pydantic import Field

from appliance.core.section import Section
from appliance.core.sections import TrainSettings

STUDENT = "student-"  # begins the names of its variants


class DistilSettings(Section):
    """A student: the adapted model with fewer of its layers, taught by the whole one. Left out, none is made.

    It is exported in the schemes of [export], and ships where it keeps the limits of [verify].
    """

    layers: int = Field(default=24, ge=1)  # that are kept: those that turn the state of a token most
    epochs: float = Field(default=2.0, gt=0)
    learning_rate: float = Field(default=1e-3, gt=0)
    rank: int = Field(default=64, ge=1)  # of the adapter by which the student learns; it is merged before the export
    alpha: float = Field(default=128.0, gt=0)
    top_k: int = Field(default=64, ge=1)  # tokens of each answer's place whose likelihood is kept of the teacher
    temperature: float = Field(default=1.0, gt=0)  # both distributions are flattened by it; 1 leaves them as they are
    teacher_share: float = Field(default=0.5, ge=0, le=1)  # of the loss; the rest are the labels
    training: TrainSettings | None = (
        None  # always what [train] says; batch, device, seed and the rest are taken from it
    )


def is_student(variant: str | None) -> bool:
    """Say whether a variant is one of the student's; None is no variant."""
    return variant is not None and variant.startswith(STUDENT)
