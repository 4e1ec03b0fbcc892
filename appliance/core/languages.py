"""The two languages that the appliance speaks, and which one a terminal asks for."""

import os
from collections.abc import Mapping
from typing import Literal

LanguageCode = Literal["en", "ja"]
OWN_VARIABLE = "APPLIANCE_LANG"  # what --lang sets, for this process and those that it starts
VARIABLES = (OWN_VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides, as in POSIX


def language_code(environment: Mapping[str, str] = os.environ) -> LanguageCode:
    """Return the language that the environment asks for; English where it asks for one that we do not speak."""
    locale = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    return "ja" if locale.lower().startswith("ja") else "en"
