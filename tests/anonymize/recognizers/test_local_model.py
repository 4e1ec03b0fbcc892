import json
import random
from pathlib import Path

import numpy
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from anonymize.errors import DetectionError, SourceError
from anonymize.recognizers.local_model import LocalModel, folder_digest

WORDS = ["[UNK]", "pump", "Sato", "Ken", "田中", "Osaka"]
LABELS = ["O", "B-PER", "I-PER", "B-LOC"]
LABEL_OF_WORD = {"Sato": "B-PER", "田中": "B-PER", "Ken": "I-PER", "Osaka": "B-LOC"}


def network(folder: Path, *, width: int = len(LABELS), positions: int = 512) -> Path:
    """Write a network that looks each word's label up in a table: random scores, the right label highest."""
    folder.mkdir()
    chance = random.Random(5)
    table = numpy.array([[chance.random() for _ in range(width)] for _ in WORDS], dtype=numpy.float32)
    for row, word in enumerate(WORDS):
        table[row, LABELS.index(LABEL_OF_WORD.get(word, "O"))] += 5
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["logits"])],
        "tagger",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "tokens", width])],
        [numpy_helper.from_array(table, "table")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(folder / "model.onnx"))
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"id2label": dict(enumerate(LABELS)), "max_position_embeddings": positions}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def loaded(folder: Path) -> LocalModel:
    return LocalModel(folder, folder_digest(folder), {"PER": "PERSON"})


def found(model: LocalModel, text: str) -> list[tuple[str, str]]:
    return [(guess.kind, text[guess.start : guess.end]) for guess in model.find([text])[0]]


def test_the_labels_that_are_mapped_are_found_with_their_place_and_score(tmp_path: Path) -> None:
    model = loaded(network(tmp_path / "model"))
    assert found(model, "pump Sato Ken pump 田中 Osaka") == [("PERSON", "Sato Ken"), ("PERSON", "田中")]
    (guess,) = model.find(["pump 田中"])[0]
    assert 0.9 < guess.score <= 1
    assert (guess.recognizer, guess.strength) == ("local-model", "guess")


def test_a_name_that_begins_beside_another_is_its_own(tmp_path: Path) -> None:
    assert found(loaded(network(tmp_path / "model")), "Sato Sato Ken") == [("PERSON", "Sato"), ("PERSON", "Sato Ken")]


def test_text_longer_than_a_window_is_read_to_its_end(tmp_path: Path) -> None:
    model = loaded(network(tmp_path / "model", positions=16))
    text = " ".join(["pump", "pump", "Sato", "Ken", "pump"] * 40)
    assert found(model, text) == [("PERSON", "Sato Ken")] * 40


def test_a_folder_with_another_digest_is_refused(tmp_path: Path) -> None:
    folder = network(tmp_path / "model")
    agreed = folder_digest(folder)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SourceError, match="agreed upon") as refused:
        LocalModel(folder, agreed, {})
    assert refused.value.hint


def test_a_folder_that_holds_a_link_or_nothing_has_no_digest(tmp_path: Path) -> None:
    folder = network(tmp_path / "model")
    (folder / "more").symlink_to(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="link"):
        folder_digest(folder)
    with pytest.raises(SourceError, match="no folder"):
        folder_digest(tmp_path / "empty")


def test_a_name_or_content_that_changes_changes_the_digest(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "a").write_text("1", encoding="utf-8")
    first = folder_digest(folder)
    (folder / "a").rename(folder / "b")
    assert folder_digest(folder) != first


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("no model", encoding="utf-8")
    with pytest.raises(SourceError, match="neither"):
        LocalModel(tmp_path, folder_digest(tmp_path), {})


def test_a_network_whose_labels_are_not_those_of_its_configuration_fails_closed(tmp_path: Path) -> None:
    model = loaded(network(tmp_path / "model", width=len(LABELS) + 1))
    with pytest.raises(DetectionError):
        model.find(["pump"])
