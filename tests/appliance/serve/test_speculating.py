"""With guesses at several tokens, an answer is the one that is written token by token; both tell the same of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from appliance.core.errors import IntegrityError
from appliance.release.building import build
from appliance.release.installing import install, installed
from appliance.release.signing import PRIVATE_KEY_FILE, load_private_key
from appliance.serve.engine import Engine
from appliance.serve.jobs import Done, Event, Job, Order, Piece
from appliance.serve.searching import BETWEEN, RECORDS
from appliance.serve.speculating import Guessing
from quantize.decoding import Sampling

TEXTS = ["ポンプ ﾎﾟﾝﾌﾟ A-12 ポンプ", "PUMP A-12 PUMP A-12 leaks", "aaaa", "電話 内線 1234 へ 電話 内線"]
SCHEMA = {
    "type": "object",
    "properties": {
        "故障の種類": {"enum": ["漏れ", "異音"]},
        "machine": {"type": "integer", "minimum": 0, "maximum": 99},
    },
    "required": ["故障の種類", "machine"],
    "additionalProperties": False,
}
LONG = 60  # tokens: a random model repeats itself by then


@pytest.fixture(scope="module")
def home(tiny: Any, tmp_path_factory: pytest.TempPathFactory, facts: Any) -> Path:
    """The float variant, whose logits do not depend on how many tokens a step reads, with some records."""
    root = tmp_path_factory.mktemp("guesses")
    records = root / "records"
    lines = [{"id": text, "text": f"{text}{BETWEEN}{text.lower()}"} for text in TEXTS * 3]  # thrice: 3 / 4 are likely
    records.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    parts = {file.name: file for file in tiny.variants["float"].folder.iterdir()} | {RECORDS: records}
    (root / "bundle").mkdir()
    build(root / "bundle", parts, facts("1", "float"), load_private_key(tiny.key.with_name(PRIVATE_KEY_FILE)))
    install(root / "bundle", tiny.key, root / "home")
    return root / "home"


@pytest.fixture(scope="module")
def engines(home: Path) -> tuple[Engine, Engine]:
    """With guesses, and without."""
    return Engine(installed(home).verified, threads=1), Engine(installed(home).verified, threads=1, guesses=False)


def ask(engine: Engine, order: Order) -> tuple[list[Piece], Done]:
    events: list[Event] = []
    engine.admit(Job(order, events.append))
    engine.run()
    done = events[-1]
    assert isinstance(done, Done)
    return [event for event in events if isinstance(event, Piece)], done


def orders(engine: Engine, **wishes: Any) -> list[Order]:
    return [Order(tuple(engine.prompter.tokens(text)), LONG, **wishes) for text in TEXTS]


def assert_equal(engines: tuple[Engine, Engine], order: Order, plain: Order | None = None) -> Done:
    """Answers in pieces of one token each: equal pieces are equal tokens."""
    (pieces, done), (expected, end) = ask(engines[0], order), ask(engines[1], plain or order)
    assert [piece.text for piece in pieces] == [piece.text for piece in expected]
    assert (done.reason, done.new_tokens) == (end.reason, end.new_tokens)
    assert (end.drafted, end.accepted) == (0, 0)
    return done


@pytest.mark.parametrize("sampling", [None, Sampling(0.3, seed=3), Sampling(1.0, 0.9, seed=4), Sampling(3.0, seed=5)])
def test_greedy_and_drawn_answers_are_those_without_guesses(
    engines: tuple[Engine, Engine], sampling: Sampling | None
) -> None:
    done = [assert_equal(engines, order) for order in orders(engines[0], sampling=sampling)]
    drafted, accepted = sum(end.drafted for end in done), sum(end.accepted for end in done)
    assert drafted > 0  # else this test shows nothing
    assert accepted < drafted
    if sampling is None:
        assert accepted > LONG  # most of what a random model says is a repetition


def test_most_tokens_and_the_longest_row_are_kept(engines: tuple[Engine, Engine]) -> None:
    prompt = tuple(engines[0].prompter.tokens(TEXTS[2]))
    for most in (1, 2, 3, 7, 9_999):
        done = assert_equal(engines, Order(prompt, most))
        assert done.reason == "stop" or done.new_tokens == min(most, 512 - len(prompt))  # the model places 512


def test_a_stop_text_ends_the_answer_in_the_middle_of_a_draft(engines: tuple[Engine, Engine]) -> None:
    for order in orders(engines[0])[:2]:
        whole = "".join(piece.text for piece in ask(engines[1], order)[0])
        for at in range(0, len(whole) - 2, 9):
            assert_equal(engines, Order(order.prompt, LONG, stop=(whole[at : at + 2],)))


def test_probabilities_are_told_of_every_token(engines: tuple[Engine, Engine]) -> None:
    for order in orders(engines[0], alternatives=2):
        taken, expected = ([t for piece in ask(engine, order)[0] for t in piece.taken] for engine in engines)
        assert [each.token for each in taken] == [each.token for each in expected]
        assert [each.logprob for each in taken] == pytest.approx([each.logprob for each in expected], abs=1e-4)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_a_schema_makes_certain_is_written_in_few_steps(engines: tuple[Engine, Engine], seed: int) -> None:
    prompt = tuple(engines[0].prompter.tokens(TEXTS[1]))
    with_guesses, without = (
        Order(prompt, 80, Sampling(5.0, seed=seed), matcher=engine.grammars.of_schema(SCHEMA)) for engine in engines
    )
    done = assert_equal(engines, with_guesses, without)
    assert done.accepted > 20  # the names of the keys, which no other token can spell


def test_rows_that_write_together_are_answered_as_each_alone(engines: tuple[Engine, Engine]) -> None:
    together = engines[0].answer_orders(orders(engines[0]))
    assert together == [engines[1].answer_orders([order])[0] for order in orders(engines[1])]


def test_the_last_column_of_the_records_is_guessed(engines: tuple[Engine, Engine], home: Path) -> None:
    prompter = engines[0].prompter
    guessing = Guessing(prompter, (2,), installed(home).folder / RECORDS)
    drafter = guessing.of(tuple(prompter.tokens("?")))
    for token in prompter.tokenizer.encode("電話 内線 12").ids:
        drafter.take(token)
    assert prompter.text(drafter.draft(2)) == "34"


def test_a_prompt_is_known_in_lower_case_and_in_plain_letters(engines: tuple[Engine, Engine]) -> None:
    prompter = engines[0].prompter
    for text, begun, more in (("SEAL LEAKS", "seal ", "le"), ("ＰＨ６３９ 点検", "ph6", "39")):
        drafter = Guessing(prompter, (2,), None).of(tuple(prompter.tokens(text)))
        for token in prompter.tokenizer.encode(begun).ids:
            drafter.take(token)
        assert prompter.text(drafter.draft(2)) == more


def test_records_that_cannot_be_read_are_told(engines: tuple[Engine, Engine], tmp_path: Path) -> None:
    (tmp_path / "records").write_text("{", encoding="utf-8")
    with pytest.raises(IntegrityError, match="index"):
        Guessing(engines[0].prompter, (2,), tmp_path / "records")
