"""What a person likes on screen: language, theme, plain characters; kept in one small TOML of the user's.

Covers: a file that is missing, wrong or not writable: the screens open all the same, with what is given otherwise.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from textual.theme import Theme

from appliance.core.languages import LanguageCode

HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#ffff00",
    secondary="#00ffff",
    accent="#ffff00",
    warning="#ffd700",
    error="#ff6060",
    success="#00ff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#202020",
    dark=True,
    variables={"border": "#ffffff", "text-muted": "#ffffff", "block-cursor-text-style": "reverse bold"},
)
# in the order of the key; the last takes the terminal's own colours
THEMES = ("textual-dark", "textual-light", HIGH_CONTRAST.name, "ansi-dark")


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person likes; "" where nothing was said."""

    language: LanguageCode | None = None  # None: as the locale says
    theme: str = ""
    is_ascii: bool = False


def preferences_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the file of this user."""
    config = environment.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(config) / "appliance" / "screen.toml"


def load_preferences(file: Path) -> Preferences:
    """Return what the file says; what it says wrongly is as if it were not said."""
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Preferences()
    language, theme = told.get("language"), told.get("theme")
    return Preferences(
        language if language in get_args(LanguageCode) else None,
        theme if theme in THEMES else "",
        told.get("ascii") is True,
    )


def save_preferences(file: Path, liked: Preferences) -> bool:
    """Write the file; return whether that was possible."""
    lines = ["# what appliance-tui shows, and how; its screen 8 writes this file"]
    if liked.language:
        lines.append(f'language = "{liked.language}"')
    if liked.theme:
        lines.append(f'theme = "{liked.theme}"')
    lines.append(f"ascii = {str(liked.is_ascii).lower()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError:
        return False
    return True
