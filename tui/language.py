"""The languages of the terminal UI: its own sentences in `locale/ja.po`, messages from below as everywhere else."""

from importlib.resources import files

from appliance.core.language import Language, message, read_catalogue, spoken
from appliance.core.languages import LanguageCode, language_code

__all__ = ["Language", "LanguageCode", "language", "language_code", "message", "read_catalogue"]


def language(code: LanguageCode) -> Language:
    """Return a language with the catalogue of the screens."""
    if code == "en":
        return Language("en", {})
    catalogue = files("tui").joinpath("locale", f"{code}.po").read_text(encoding="utf-8")
    return Language(code, dict(read_catalogue(catalogue)), spoken(code).messages)
