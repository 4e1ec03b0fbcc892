"""What was replaced, and by what: for the vault and for the search for leaks, never for the bundle."""

from dataclasses import dataclass

from anonymize.replacing.techniques import Technique


@dataclass(frozen=True, slots=True)
class Original:
    """One value and what stands for it."""

    placeholder: str  # or the surrogate, or what a generalised value still tells; "" where the record was dropped
    kind: str
    value: str  # as it was first seen
    technique: Technique = "placeholder"
    count: int = 1  # places
    is_certain: bool = True  # false where only models guessed it; of no use in the vault

    @property
    def is_reversible(self) -> bool:
        """Say whether the replacement stands for this value alone."""
        return self.technique in ("placeholder", "surrogate")
