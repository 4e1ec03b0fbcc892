"""The screens by their numbers, as the top line and the number keys name them, and where each one is."""

from importlib import import_module
from typing import cast

from tui.language import message

TITLES: dict[int, str] = {
    1: message("Runs"),
    2: message("New run"),
    3: message("Intake"),
    4: message("Review"),
    5: message("Train"),
    6: message("Compare"),
    7: message("Export"),
    8: message("Doctor"),
}
# over 1, the list of runs; imported when it is opened, for the first paint needs none of them
MODULES: dict[int, tuple[str, str]] = {
    2: ("new_run", "NewRunScreen"),
    3: ("intake", "IntakeScreen"),
    4: ("review", "ReviewScreen"),
    5: ("train", "TrainScreen"),
    6: ("compare", "CompareScreen"),
    7: ("export", "ExportScreen"),
    8: ("doctor", "DoctorScreen"),
}
OF_A_RUN = frozenset({4, 5, 6, 7})


def screen_class(number: int) -> type:
    """Return the class of a screen; those of a run take the run behind the context."""
    module, name = MODULES[number]
    return cast("type", getattr(import_module(f"tui.screens.{module}"), name))
