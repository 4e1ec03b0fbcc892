"""What a person likes on screen is kept, and never keeps the screens from opening."""

import pytest

from tui.preferences import Preferences, load_preferences, preferences_file, save_preferences


@pytest.mark.parametrize("liked", [Preferences(), Preferences("ja", "high-contrast", is_ascii=True)])
def test_what_was_kept_is_liked_again(tmp_path, liked: Preferences) -> None:
    file = tmp_path / "config" / "screen.toml"
    assert save_preferences(file, liked)
    assert load_preferences(file) == liked


@pytest.mark.parametrize("text", ["", "language = 'xx'", "theme = 3", "[", "ascii = 'yes'"])
def test_what_is_said_wrongly_is_as_if_it_were_not_said(tmp_path, text: str) -> None:
    (tmp_path / "screen.toml").write_text(text, encoding="utf-8")
    assert load_preferences(tmp_path / "screen.toml") == Preferences()
    assert load_preferences(tmp_path / "none.toml") == Preferences()


def test_a_place_that_cannot_be_written_is_told(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    assert not save_preferences(tmp_path / "file" / "screen.toml", Preferences())
    assert preferences_file({"XDG_CONFIG_HOME": "/c"}).as_posix() == "/c/appliance/screen.toml"
