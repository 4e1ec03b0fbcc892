"""Keys that are typed through a Japanese input method, and the names of keys."""

from typing import Any

import pytest
from textual.binding import Binding
from textual.pilot import Pilot

from appliance.core.workspace import Workspace
from tui.registry import BINDING_OWNERS
from tui.screens.confirm import ConfirmScreen
from tui.screens.localized import folded_key, is_japanese

BOUND = BINDING_OWNERS
TAKEN = {"ctrl+s", "ctrl+q", "ctrl+a", "ctrl+b", "ctrl+j", "ctrl+m", "ctrl+h", "ctrl+i"}  # terminals, tmux, screen


@pytest.mark.parametrize("owner", BOUND)
def test_every_binding_has_an_id_and_no_key_collides_with_the_terminal(owner: Any) -> None:
    for binding in owner.BINDINGS:
        assert isinstance(binding, Binding)
        assert binding.id
        assert not set(binding.key.split(",")) & TAKEN


@pytest.mark.parametrize("owner", BOUND)
def test_every_letter_has_an_alternative_that_no_input_method_swallows(owner: Any) -> None:
    for binding in owner.BINDINGS:
        assert any(len(key) > 1 and key not in ("slash", "question_mark", "space") for key in binding.key.split(","))


def test_ids_are_unique_within_a_screen() -> None:
    for owner in BOUND:
        ids = [binding.id for binding in owner.BINDINGS]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("typed", "key"), [("ｓ", "s"), ("？", "question_mark"), ("／", "slash"), ("s", ""), ("あ", "")]
)
def test_full_width_letters_stand_for_their_keys(typed: str, key: str) -> None:
    assert folded_key(typed) == key


@pytest.mark.parametrize(("typed", "is_kana"), [("あ", True), ("ｶ", True), ("承", True), ("s", False), ("", False)])
def test_kana_and_kanji_are_recognised(typed: str, is_kana: bool) -> None:
    assert is_japanese(typed) == is_kana


def test_a_full_width_key_does_what_the_key_does(four_runs: Workspace, drive) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("ｓ")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ConfirmScreen)

    drive(four_runs, scene)


def test_kana_are_answered_with_advice(four_runs: Workspace, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("あ")
        await shown(pilot, "キー操作のため IME")

    drive(four_runs, scene, lang="ja")
