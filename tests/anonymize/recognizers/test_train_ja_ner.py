import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from anonymize.recognizers.local_model import LocalModel, folder_digest

SCRIPTS = Path(__file__).parents[3] / "scripts"
SURNAMES = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "山本")
SENTENCES = ("{}がポンプを点検した。", "昨日{}から連絡。", "軸受は{}が交換。", "{}に報告した。", "担当は{}。")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    sys.path.insert(0, str(SCRIPTS))
    try:
        spec = importlib.util.spec_from_file_location("train_ja_ner", SCRIPTS / "train_ja_ner.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules["train_ja_ner"] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(SCRIPTS))
    return module


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    lines = []
    for number, name in enumerate(SURNAMES):
        for part, sentence in enumerate(SENTENCES):
            start = sentence.index("{")
            span = {"start": start, "end": start + len(name), "label": "人名"}
            lines.append(json.dumps({"id": f"d{number}-{part}", "text": sentence.format(name), "spans": [span]}))
    (folder / "tickets.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_pipeline_is_trained_scored_and_usable_as_a_local_model(
    script: ModuleType, data: Path, tmp_path: Path
) -> None:
    assert script.main(["--data", str(data), "--out", str(tmp_path), "--epochs", "2", "--seed", "3"]) == 0
    card = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    assert card["sha256"] == folder_digest(tmp_path / "model")
    assert card["data_sha256"] == {"data": folder_digest(data)}
    assert card["texts"]["learnt"] + card["texts"]["held_out"] == 30
    assert len(card["losses"]) == 2
    assert set(card["held_out_scores"]["PERSON"]) == {"wanted", "precision", "recall", "f1", "f1_interval"}
    model = LocalModel(tmp_path / "model", card["sha256"], {"PERSON": "PERSON"})
    assert len(model.find(["佐藤がポンプを点検した。", "弁"])) == 2


def test_documents_are_never_parted_between_learning_and_scoring(script: ModuleType, data: Path) -> None:
    learnt, kept = script.held_out(script.read_folder(data, script.KINDS), 0.4, 3)
    assert learnt
    assert kept
    assert not {text.document for text in learnt} & {text.document for text in kept}


def test_spans_follow_the_text_when_it_is_folded(script: ModuleType, tmp_path: Path) -> None:
    line = {"id": "a-1", "text": "㈱ﾊﾟｰﾙの佐藤", "spans": [{"start": 6, "end": 8, "label": "人名"}]}
    (tmp_path / "a.jsonl").write_text(json.dumps(line), encoding="utf-8")
    (text,) = script.read_folder(tmp_path, script.KINDS)
    ((start, end, kind),) = text.entities
    assert (text.text[start:end], kind) == ("佐藤", "PERSON")


@pytest.mark.slow
def test_what_is_learnt_is_found_again(script: ModuleType, data: Path) -> None:
    texts = script.read_folder(data, script.KINDS)
    model = script.new_pipeline(["PERSON"], "")
    losses = list(script.train(model, texts, epochs=40, seed=1, is_over=lambda: False))
    assert losses[-1] < losses[0]
    assert script.scores(model, texts, ["PERSON"])["PERSON"]["recall"] > 0.9


def test_training_ends_when_its_time_is_over(script: ModuleType, data: Path) -> None:
    texts = script.read_folder(data, script.KINDS)
    model = script.new_pipeline(["PERSON"], "")
    losses = list(script.train(model, texts, epochs=50, seed=1, is_over=lambda: True))
    assert len(losses) == 1
