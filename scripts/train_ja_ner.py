"""Train a Japanese tagger of names on labelled text of your own: a plug-in for the anonymizer.

    uv run python scripts/train_ja_ner.py --data FOLDER --out FOLDER [--labels LABELS.json] [--vectors ja_ginza]
        [--audits FOLDER] [--held-out 0.2] [--epochs 12] [--minutes 20] [--seed 7]

--data and --audits hold *.jsonl files, one text a line, spans half-open in code points:
    {"id": "w17-3", "text": "担当の佐藤が確認", "spans": [{"start": 3, "end": 5, "label": "PERSON"}]}
Audits are texts whose spans a reviewer has confirmed; all of them are learnt from. Of the data, whole documents (the
part of the id before its last "-") are held out, and no setting is chosen by their score.
LABELS.json maps the data's labels to kinds; a label that it does not name is not learnt.

Written: OUT/model (a spaCy pipeline folder) and OUT/card.json (digest of the model, digests of the data, scores with
95 % intervals). A stop (Ctrl-C, SIGTERM, the end of the minutes) ends the training after the current batch, and what
has been learnt so far is scored and saved.
"""

import argparse
import bisect
import hashlib
import json
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anonymize_suites.table import bootstrap

from anonymize.matching.folding import fold
from anonymize.recognizers.loading import import_without_torch
from anonymize.recognizers.local_model import folder_digest

WIDTH, DEPTH, ROWS = 128, 4, 5_000  # of the network: a CPU learns some thousand sentences in half an hour
OPTIMIZER = {"learn_rate": 0.001, "L2": 0.01, "L2_is_weight_decay": True, "grad_clip": 1.0, "use_averages": True}
DROPOUT = 0.2
FIRST_BATCH, LAST_BATCH, GROWTH = 200, 2_000, 1.002  # words
KINDS = {
    "PERSON": "PERSON",
    "人名": "PERSON",
    "ORGANIZATION": "ORGANIZATION",
    "ORG": "ORGANIZATION",
    "法人名": "ORGANIZATION",
    "政治的組織名": "ORGANIZATION",
    "その他の組織名": "ORGANIZATION",
    "LOCATION": "LOCATION",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "地名": "LOCATION",
    "施設名": "LOCATION",
}
Entity = tuple[int, int, str]  # start, end, kind


@dataclass(frozen=True, slots=True)
class Labelled:
    """One folded text and its entities in it."""

    document: str
    text: str
    entities: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was right in one text, for one kind: the whole span and its kind."""

    right: int
    found: int
    wanted: int


def read_folder(folder: Path, kinds: Mapping[str, str]) -> list[Labelled]:
    """Return the labelled texts of every *.jsonl file of a folder, folded as the anonymizer folds them."""
    texts: list[Labelled] = []
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            texts.extend(_labelled(json.loads(line), kinds) for line in lines if line.strip())
    if not texts:
        raise SystemExit(f"{folder} holds no *.jsonl file with texts")
    return texts


def held_out(texts: Sequence[Labelled], share: float, seed: int) -> tuple[list[Labelled], list[Labelled]]:
    """Part the texts by document into those to learn from and those to score with; order and size play no part."""

    def is_held_out(text: Labelled) -> bool:
        digest = hashlib.sha256(f"{seed}\0{text.document}".encode()).digest()
        return int.from_bytes(digest[:8]) < share * 2**64

    return [text for text in texts if not is_held_out(text)], [text for text in texts if is_held_out(text)]


def new_pipeline(kinds: Sequence[str], vectors: str) -> Any:
    """Return an untrained pipeline: Sudachi's short units, a convolutional network, transitions."""
    spacy = import_without_torch("spacy")
    model = spacy.blank("ja")
    if vectors:
        sys.modules["spacy.training.initialize"].load_vectors_into_model(model, vectors, add_strings=True)
    network = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
        "tok2vec": {
            "@architectures": "spacy.HashEmbedCNN.v2",
            "width": WIDTH,
            "depth": DEPTH,
            "embed_size": ROWS,
            "window_size": 1,
            "maxout_pieces": 3,
            "subword_features": True,
            "pretrained_vectors": True if vectors else None,
        },
    }
    tagger = model.add_pipe("ner", config={"model": network})
    for kind in sorted(set(kinds)):
        tagger.add_label(kind)
    return model


def train(
    model: Any, texts: Sequence[Labelled], *, epochs: int, seed: int, is_over: Callable[[], bool]
) -> Iterator[float]:
    """Learn, and yield the loss of each epoch; when it is over, end with the averaged weights."""
    spacy = import_without_torch("spacy")
    spacy.util.fix_random_seed(seed)
    order = random.Random(seed)
    examples = list(_examples(model, texts))
    optimizer = model.initialize(lambda: examples[:100], sgd=sys.modules["thinc.api"].Adam(**OPTIMIZER))
    sizes = _batch_sizes()
    for _ in range(epochs):
        order.shuffle(examples)
        losses: dict[str, float] = {}
        for batch in sys.modules["spacy.training.batchers"].minibatch_by_words(examples, size=sizes):
            model.update(batch, drop=DROPOUT, sgd=optimizer, losses=losses)
            if is_over():
                break
        yield losses.get("ner", 0.0)
        if is_over():
            break
    _keep_averages(model, optimizer)


def scores(model: Any, texts: Sequence[Labelled], kinds: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return for each kind precision, recall and F1 of whole spans, with the interval of F1 over texts."""
    found = [
        {(entity.start_char, entity.end_char, entity.label_) for entity in document.ents}
        for document in model.pipe([text.text for text in texts])
    ]
    table: dict[str, dict[str, Any]] = {}
    for kind in sorted(set(kinds)):
        counts = [_counts(text, spans, kind) for text, spans in zip(texts, found, strict=True)]
        wanted, right = sum(each.wanted for each in counts), sum(each.right for each in counts)
        seen = sum(each.found for each in counts)
        table[kind] = {
            "wanted": wanted,
            "precision": right / seen if seen else 0.0,
            "recall": right / wanted if wanted else 0.0,
            "f1": _f1(counts),
            "f1_interval": bootstrap(counts, _f1) if wanted else None,
        }
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, train, score, save."""
    options = _options(arguments)
    kinds = json.loads(options.labels.read_text(encoding="utf-8")) if options.labels else KINDS
    learnt, kept = held_out(read_folder(options.data, kinds), options.held_out, options.seed)
    audits = read_folder(options.audits, kinds) if options.audits else []
    present = sorted({kind for text in [*learnt, *audits] for *_, kind in text.entities})
    model = new_pipeline(present, options.vectors)
    losses = []
    with _until(options.minutes) as is_over:
        learning = train(model, [*learnt, *audits], epochs=options.epochs, seed=options.seed, is_over=is_over)
        for loss in learning:
            losses.append(round(float(loss), 1))
            print(f"epoch {len(losses)}: loss {loss:.0f}", file=sys.stderr, flush=True)
    folder = options.out / "model"
    model.to_disk(folder)
    card = {
        "sha256": folder_digest(folder),
        "kinds": present,
        "texts": {"learnt": len(learnt), "audits": len(audits), "held_out": len(kept)},
        "data_sha256": {
            str(name): folder_digest(path)
            for name, path in (("data", options.data), ("audits", options.audits))
            if path
        },
        "seed": options.seed,
        "vectors": options.vectors,
        "losses": losses,
        "held_out_scores": scores(model, kept, present),
    }
    (options.out / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(card, indent=2, ensure_ascii=False))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with labelled *.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="folder for model and card")
    parser.add_argument("--audits", type=Path, help="folder with texts whose spans a reviewer confirmed")
    parser.add_argument("--labels", type=Path, help="JSON: label -> kind")
    parser.add_argument("--vectors", default="", help="installed pipeline whose word vectors are used")
    parser.add_argument("--held-out", type=float, default=0.2, help="share of the documents to score with")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=60.0, help="end after so many")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(arguments)


def _labelled(line: Mapping[str, Any], kinds: Mapping[str, str]) -> Labelled:
    folded = fold(line["text"])
    starts = folded.starts or tuple(range(len(folded.text)))
    entities = [
        (bisect.bisect_left(starts, span["start"]), bisect.bisect_left(starts, span["end"]), kinds[span["label"]])
        for span in line["spans"]
        if span["label"] in kinds
    ]
    return Labelled(str(line["id"]).rpartition("-")[0] or str(line["id"]), folded.text, _disjoint(entities))


def _disjoint(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """Of entities that share a character, the longest is learnt."""
    kept: list[Entity] = []
    for start, end, kind in sorted(entities, key=lambda entity: entity[0] - entity[1]):
        if start < end and all(end <= other[0] or other[1] <= start for other in kept):
            kept.append((start, end, kind))
    return tuple(sorted(kept))


def _examples(model: Any, texts: Sequence[Labelled]) -> Iterator[Any]:
    """A span that cuts a word in two is left open: neither name nor ordinary word."""
    training = sys.modules["spacy.training"]
    for text in texts:
        document = model.make_doc(text.text)
        tags = training.offsets_to_biluo_tags(document, text.entities)
        yield training.Example.from_dict(document, {"entities": tags})


def _batch_sizes() -> Iterator[int]:
    size = float(FIRST_BATCH)
    while True:
        yield int(size)
        size = min(size * GROWTH, LAST_BATCH)


def _keep_averages(model: Any, optimizer: Any) -> None:
    """The average of the weights over all steps scores higher than the last of them."""
    for node in model.get_pipe("ner").model.walk():
        for name in node.param_names:
            average = optimizer.averages.get((node.id, name))
            if average is not None:
                node.set_param(name, average)


def _counts(text: Labelled, spans: set[Entity], kind: str) -> Counts:
    wanted = {entity for entity in text.entities if entity[2] == kind}
    seen = {entity for entity in spans if entity[2] == kind}
    return Counts(len(wanted & seen), len(seen), len(wanted))


def _f1(counts: Sequence[Counts]) -> float:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(right=each.right, both=each.found + each.wanted)
    return 2 * total["right"] / total["both"] if total["both"] else 0.0


@contextmanager
def _until(minutes: float) -> Iterator[Callable[[], bool]]:
    """Give a question: is the time over, or has someone asked to stop?"""
    end = time.monotonic() + 60 * minutes
    stops: list[int] = []
    before = {
        number: signal.signal(number, lambda received, _frame: stops.append(received))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda: bool(stops) or time.monotonic() > end
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
