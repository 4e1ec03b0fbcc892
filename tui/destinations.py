"""The screens by their numbers, as the top line and the number keys name them."""

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
