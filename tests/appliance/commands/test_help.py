"""`--help` of every command in both languages: no text of ours is left in English, no line is too wide."""

import re
from collections.abc import Iterator
from importlib import import_module

import click
import pytest

import tui.__main__ as screens
from appliance.__main__ import COMMANDS, appliance, main
from appliance.core.help_texts import paragraphs
from appliance.core.language import spoken
from appliance.core.languages import OWN_VARIABLE
from appliance.core.wrapping import cells
from tui.language import language

WIDTH = 78  # click's, on a terminal of 80
JAPANESE = re.compile(r"[ぁ-んァ-ン一-龯]")


@pytest.fixture(autouse=True)
def no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(OWN_VARIABLE, "")  # what --lang sets is taken back
    monkeypatch.setenv("COLUMNS", "80")


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield (), appliance
    for name in COMMANDS:
        yield from inside((name,), import_module(f"appliance.commands.{name.replace('-', '_')}").command)


def inside(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from inside((*path, name), inner)


ALL = list(commands())


def texts(command: click.Command) -> list[str]:
    told = [each.help for each in command.params if isinstance(each, click.Option) and each.help]
    return [*paragraphs(command.help), *told]


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_no_text_of_a_command_or_option_is_left_in_english() -> None:
    serving = import_module("appliance.serve.__main__").serve
    ours = [text for _, command in [*ALL, ((), serving)] for text in texts(command)]
    untranslated = {text for text in [*ours, *COMMANDS.values()] if not JAPANESE.search(spoken("ja").say(text))}
    untranslated |= {text for text in texts(screens.command) if not JAPANESE.search(language("ja").say(text))}
    assert untranslated == set()
    assert len(ours) > 150


@pytest.mark.parametrize("path", [path for path, _ in ALL], ids=lambda path: " ".join(path) or "appliance")
def test_each_page_is_japanese_and_fits_the_terminal(path: tuple[str, ...], capsys) -> None:
    page = shown(capsys, "--lang", "ja", *path, "--help")
    lines = page.splitlines()
    assert lines[0].startswith(f"使い方：{' '.join(('appliance', *path))} [OPTIONS]")
    assert max(map(cells, lines)) <= WIDTH
    assert "この説明を表示して終わります。" in page
    assert not re.search(r"Show this|Options:|Commands:|Usage:|\[required\]|\[default", page)


@pytest.mark.parametrize("path", [path for path, _ in ALL], ids=lambda path: " ".join(path) or "appliance")
def test_the_english_page_is_click_s_own(path: tuple[str, ...], capsys) -> None:
    page = shown(capsys, *path, "--help")
    assert page.startswith(f"Usage: {' '.join(('appliance', *path))} [OPTIONS]")
    assert not JAPANESE.search(page)


@pytest.mark.parametrize("order", [("--help", "--lang", "ja"), ("--lang", "ja", "--help"), ("--lang=ja", "--help")])
def test_the_language_counts_wherever_it_stands(order: tuple[str, ...], capsys) -> None:
    assert "言語［LC_ALL、LC_MESSAGES、LANG のとおり］。" in shown(capsys, *order)


def test_the_locale_chooses_and_the_option_overrides_it(capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert shown(capsys, "cost", "--help").startswith("使い方：")
    assert "［既定値：20、x>=5］" in shown(capsys, "cost", "--help")
    assert shown(capsys, "--lang", "en", "cost", "--help").startswith("Usage: ")


def test_the_terminal_ui_explains_itself_in_japanese(capsys) -> None:
    with pytest.raises(SystemExit):
        screens.speaking(screens.command, screens._Context)(["--help", "--lang", "ja"], prog_name="appliance-tui")
    page = capsys.readouterr().out
    assert "監査者向け：すべてを表示し、何も変更しません。" in "".join(page.split())
    assert max(map(cells, page.splitlines())) <= WIDTH


def test_the_stages_of_the_terminal_ui_are_those_of_the_command() -> None:
    (of_install,) = (each for each in dict(ALL)[("install",)].params if each.name == "stage")
    assert tuple(of_install.type.choices) == screens.STAGES


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("bogus",), "エラー：'bogus' というコマンドはありません。"),
        (("run", "--bogus"), "エラー：'--bogus' というオプションはありません。"),
        (("run",), "エラー：引数 'CONFIG' がありません。"),
        (("decide", "x", "maybe"), "'maybe' は 'go-on', 'back', 'stop' のどれでもありません。"),
    ],
)
def test_a_wrong_call_is_told_in_japanese(arguments: tuple[str, ...], told: str, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "ja", *arguments])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
