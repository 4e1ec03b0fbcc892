"""What every section of a run's TOML file is: frozen, and strict about its keys."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A frozen section that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)
