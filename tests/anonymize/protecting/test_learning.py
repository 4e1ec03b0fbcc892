from pathlib import Path

import pytest

from anonymize.protecting.counting import BoundedCounts
from anonymize.protecting.learning import learn_vocabulary, read_own_words
from anonymize.records import Record


def learnt(*texts: str) -> tuple[frozenset[str], frozenset[str]]:
    vocabulary = learn_vocabulary((Record(str(n), "", {"text": text}) for n, text in enumerate(texts)), "", ("text",))
    return vocabulary.words, vocabulary.shouted


def test_words_that_the_texts_write_small_are_learnt_without_a_vocabulary_column() -> None:
    words, _ = learnt("replace the grommet now", "the old grommet is worn")
    assert "grommet" in words


def test_a_name_that_is_written_with_a_capital_as_often_is_not_learnt() -> None:
    words, _ = learnt("ask wells about it", "told wells today", "told Wells about it", "then Wells came back")
    assert "wells" not in words


def test_a_given_name_is_not_learnt_however_often_it_is_written_small() -> None:
    words, _ = learnt(*["ask garry about it"] * 5)
    assert "garry" not in words
    assert "about" in words


def test_words_of_lines_in_capitals_hold_for_such_lines_only() -> None:
    words, shouted = learnt(*["REPLACE GROMMET ON FLANGE"] * 3)
    assert "grommet" in shouted
    assert "grommet" not in words


def test_a_word_that_only_begins_with_a_capital_among_capitals_is_not_learnt() -> None:
    _, shouted = learnt(*["REPLACE GROMMET FOR Okafor TODAY"] * 4)
    assert "okafor" not in shouted
    assert "grommet" in shouted


def test_japanese_terms_are_learnt_by_frequency() -> None:
    words, _ = learnt(*["スクレーパの刃先が欠損"] * 5)
    assert {"スクレーパ", "刃先", "欠損"} <= words


def test_japanese_names_are_not_learnt_from_text() -> None:
    words, _ = learnt(*["佐藤が交換"] * 6, *["マクドナルド様より連絡"] * 6)
    assert not {"佐藤", "マクドナルド"} & words


def test_an_only_text_column_that_is_named_as_vocabulary_teaches_as_text() -> None:
    records = [
        Record(str(n), "", {"text": text}) for n, text in enumerate(["ask Okafor to check", "told Okafor to wait"])
    ]
    assert "okafor" not in learn_vocabulary(records, "text", ("text",)).words


def test_the_operators_own_words_are_taken_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("Wells  # a product\n\nﾎﾟﾝﾌﾟ\n", encoding="utf-8")
    assert read_own_words(file) == {"wells", "ポンプ"}
    assert "wells" in learn_vocabulary([], "", ("text",), read_own_words(file)).words


def test_counts_of_ever_new_words_stay_bounded_and_keep_the_frequent_one() -> None:
    counts = BoundedCounts(limit=100)
    for number in range(5_000):
        counts.update([f"word{number}", "pump"])
    assert len(counts) <= 100
    assert counts["pump"] > 4_000
    assert "pump" in counts.at_least(2)


def test_a_word_is_never_counted_too_often() -> None:
    counts = BoundedCounts(limit=2)
    counts.update(["a", "b", "c", "a"])
    assert counts["a"] <= 2
    assert counts["x" * 41] == 0


@pytest.mark.parametrize("name", ["渡会", "勅使河原", "月見里", "チャン", "グエン", "サントス"])
def test_the_name_of_a_colleague_is_never_learnt_by_being_repeated(name: str) -> None:
    records = [Record(str(number), "", {"text": f"{name}がポンプを点検 {number}"}) for number in range(60)]
    assert name.casefold() not in learn_vocabulary(records, "", ("text",)).words


@pytest.mark.parametrize("term", ["軸受温度", "ガスケット", "制御盤"])
def test_a_term_of_ordinary_words_is_learnt_by_being_repeated(term: str) -> None:
    records = [Record(str(number), "", {"text": f"{term}を点検 {number}"}) for number in range(60)]
    assert term in learn_vocabulary(records, "", ("text",)).words
