"""Both languages are complete, and no key's label is cut off on 80 columns."""

import ast
from importlib.resources import files
from pathlib import Path

import pytest
from rich.cells import cell_len

import tui
from appliance.core.languages import language_code
from tui.language import language, read_catalogue

TRANSLATING = {"say", "message"}


def sentences_in_the_code() -> set[str]:
    """Every string that is handed to say() or message() anywhere in the UI."""
    return sentences_of("*.py")


def sentences_of(pattern: str) -> set[str]:
    """Every such string in the files of this name."""
    found = set()
    for file in Path(tui.__file__).parent.rglob(pattern):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in TRANSLATING:
                    found.add(node.args[0].value)
    return found


def test_every_sentence_has_a_japanese_text_and_no_text_is_left_over() -> None:
    assert set(language("ja").sentences) == sentences_in_the_code()
    assert all(language("ja").sentences.values())


def test_a_translation_keeps_the_places_for_values() -> None:
    for english, japanese in language("ja").sentences.items():
        assert {part.split("}")[0] for part in english.split("{")[1:]} == {
            part.split("}")[0] for part in japanese.split("{")[1:]
        }, english


@pytest.mark.parametrize("word", ["checkpoint", "LoRA", "loss", "ETA"])
def test_words_of_the_field_are_not_translated(word: str) -> None:
    assert all(word in japanese for english, japanese in language("ja").sentences.items() if word in english.split())


@pytest.mark.parametrize("code", ["en", "ja"])
@pytest.mark.parametrize(
    ("words", "cells"),
    [
        (("planned", "running", "waiting", "stopped", "interrupted", "failed", "done"), 11),
        (("step",), 9),
        (("state",), 11),
        (("progress", "result"), 10),
        (("reused", "failed"), 7),
        (("size",), 8),
        (("kept",), 6),
        (("samples",), 9),
    ],
)
def test_a_label_fits_its_column(code: str, words: tuple[str, ...], cells: int) -> None:
    assert all(cell_len(language(code).say(word)) <= cells for word in words)


@pytest.mark.parametrize("code", ["en", "ja"])
def test_advice_fits_one_line_of_a_small_terminal(code: str) -> None:
    said = [language(code).say(sentence) for sentence in sentences_of("compare_wording.py")]
    assert max(map(cell_len, said)) <= 78
    assert len(said) > 20


def test_values_are_made_safe_and_braces_in_them_stay() -> None:
    assert language("en").say("It failed: {message}", message="\x1b[2J {status}") == "It failed: ␛[2J {status}"


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"LC_ALL": "ja_JP.UTF-8", "LANG": "en_US.UTF-8"}, "ja"),
        ({"LC_ALL": "", "LC_MESSAGES": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_chooses_the_language(environment: dict[str, str], code: str) -> None:
    assert language_code(environment) == code


def test_a_string_of_the_catalogue_may_go_on_over_several_lines() -> None:
    catalogue = '# note\nmsgid ""\nmsgstr "header"\n\nmsgid "a "\n"b"\nmsgstr "\\"い\\" "\n"ろ"\n'
    assert dict(read_catalogue(catalogue)) == {"a b": '"い" ろ'}


def test_a_sentence_stands_in_the_catalogue_once() -> None:
    text = files("tui").joinpath("locale", "ja.po").read_text(encoding="utf-8")
    entries = [english for english, _ in read_catalogue(text)]
    assert len(entries) == len(set(entries))
