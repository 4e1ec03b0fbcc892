"""Writes docs/reference-*.md from the registries: keys, settings, every action beside its command.

uv run python scripts/make_reference.py          writes them
uv run python scripts/make_reference.py --check  ends with 1 where one is not current
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from appliance.core.settings import Settings
from tui.language import language
from tui.registry import COMMANDS, SECTIONS, bindings

DOCS = Path(__file__).parents[1] / "docs"
HEAD = "Written by `scripts/make_reference.py`; do not edit."


def keys_page() -> str:
    """Return the keys of every screen, in both languages."""
    say = language("ja").say
    lines = ["# Keys", "", HEAD, ""]
    for title, owners in SECTIONS.items():
        lines += [f"## {title}", "", "| key | does | 動作 | id |", "|---|---|---|---|"]
        for owner in owners:
            for binding in bindings(owner):
                keys = " ".join(f"`{key}`" for key in binding.key.split(","))
                lines.append(f"| {keys} | {binding.description} | {say(binding.description)} | {binding.id} |")
        lines.append("")
    return "\n".join(lines)


def actions_page() -> str:
    """Return every action of the screens beside the command that does the same."""
    lines = ["# Every action as a command", "", HEAD, "All commands take `--json`.", ""]
    lines += ["| screen | action | key | command |", "|---|---|---|---|"]
    for title, owners in SECTIONS.items():
        for owner in owners:
            for binding in bindings(owner):
                command = COMMANDS.get(binding.id or "")
                if command:
                    key = binding.key.split(",")[0]
                    told = "; ".join(f"`{part.strip()}`" for part in command.split(";"))
                    lines.append(f"| {title} | {binding.description} | `{key}` | {told} |")
    return "\n".join([*lines, ""])


def settings_page() -> str:
    """Return every key of a run's TOML with its type and default."""
    lines = [
        "# Settings of a run",
        "",
        HEAD,
        "What each key means stands in `appliance/core/sections.py` and `appliance/core/purpose.py`.",
        "",
    ]
    for name, field in Settings.model_fields.items():
        section = next(part for part in (field.annotation, *get_args(field.annotation)) if _is_section(part))
        lines += _table(name, section)
        for key, inner in section.model_fields.items():
            lines += [
                line
                for part in get_args(inner.annotation)
                if _is_section(part)
                for line in _table(f"{name}.{key}", part)
            ]
    return "\n".join(lines)


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _table(name: str, section: type[BaseModel]) -> list[str]:
    head = ["| key | type | default |", "|---|---|---|"]
    return [f"## [{name}]", "", (section.__doc__ or "").strip(), "", *head, *_rows(section), ""]


def _rows(section: type[BaseModel]) -> Iterator[str]:
    for key, field in section.model_fields.items():
        default = "needed" if field.is_required() else f"`{_shown(field.get_default(call_default_factory=True))}`"
        yield f"| `{key}` | {_kind(field.annotation)} | {default} |"


def _shown(value: Any) -> str:
    return repr(value).replace("|", "\\|")


def _kind(annotation: Any) -> str:
    """Return a type in words that a person who writes TOML knows."""
    if annotation is None or annotation is type(None):
        return "nothing"
    arguments = get_args(annotation)
    if not arguments:
        return getattr(annotation, "__name__", str(annotation))
    if str(get_origin(annotation)) == "typing.Literal":
        return ", ".join(f"`{value}`" for value in arguments) if len(arguments) < 10 else "a kind"
    kinds = dict.fromkeys(_kind(argument) for argument in arguments if argument is not Ellipsis)
    name = getattr(get_origin(annotation), "__name__", "")
    joined = " or ".join(kinds)
    return f"list of {joined}" if name == "tuple" else f"table: {joined}" if name == "dict" else joined


PAGES = {"reference-keys.md": keys_page, "reference-actions.md": actions_page, "reference-settings.md": settings_page}


def main(arguments: list[str]) -> int:
    """Write the pages, or check them."""
    stale = [name for name, page in PAGES.items() if not _is_current(DOCS / name, page())]
    if "--check" in arguments:
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
    return 0


def _is_current(file: Path, page: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == page


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
