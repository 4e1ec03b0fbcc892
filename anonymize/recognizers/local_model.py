"""A company's own tagger as one more recognizer: a folder on this machine, named by path and by digest.

Covers: a spaCy pipeline folder (`config.cfg`), and a token-classification network in ONNX (`model.onnx`,
`tokenizer.json`, `config.json` with `id2label`). A folder that is not the one that was agreed upon, byte for byte, is
refused, as is one that holds a link. Long text is read in overlapping windows.
Does not cover: whether the model is any good; measure it on labelled text of your own.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from anonymize.errors import DetectionError, SourceError
from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.loading import import_without_torch

MAX_TOKENS = 512  # of one window, where the model's own configuration names no smaller number
OVERLAP = 64  # tokens that neighbouring windows share: an entity at an edge is whole in one of them
_CHUNK = 1 << 20


class _Tagger(Protocol):
    def find(self, texts: Sequence[str], labels: Mapping[str, str], name: str) -> list[list[Guess]]: ...


class LocalModel:
    """A tagger from a folder; `labels` says which kind each label of the model stands for, case-sensitively."""

    def __init__(self, path: Path, sha256: str, labels: Mapping[str, str], *, name: str = "local-model") -> None:
        """Load the folder; SourceError where it is not the one that `sha256` names or is no such model."""
        digest = folder_digest(path)
        if digest != sha256.lower():
            raise SourceError(
                f"{path} has the digest {digest}, not the one that was agreed upon",
                hint="set the digest of the folder that you have checked, or restore that folder",
            )
        self.name = name
        self._labels = dict(labels)
        self._tagger = _tagger_of(path)

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text."""
        return self._tagger.find(texts, self._labels, self.name)


def folder_digest(folder: Path) -> str:
    """Return the SHA-256 over the sorted relative paths and contents of a folder's files.

    SourceError where the folder is missing or empty, or holds a link (its target could change unseen).
    """
    paths = sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix())
    if any(path.is_symlink() for path in paths):
        raise SourceError(f"{folder} holds a link", hint="copy the files themselves into the folder")
    files = [path for path in paths if path.is_file()]
    if not files:
        raise SourceError(f"{folder} is no folder with files", hint="name the folder of the model")
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(folder).as_posix()}\0{_file_digest(path)}\n".encode())
    return whole.hexdigest()


def _file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _tagger_of(folder: Path) -> _Tagger:
    if (folder / "config.cfg").is_file():
        return _SpacyPipeline(folder)
    if all((folder / name).is_file() for name in ("model.onnx", "tokenizer.json", "config.json")):
        return _OnnxTagger(folder)
    raise SourceError(
        f"{folder} is neither a spaCy pipeline nor a token classifier in ONNX",
        hint="it needs config.cfg, or model.onnx with tokenizer.json and config.json",
    )


class _SpacyPipeline:
    def __init__(self, folder: Path) -> None:
        self._models = import_without_torch("anonymize.recognizers.spacy_models")
        self._model = self._models.load(str(folder))

    def find(self, texts: Sequence[str], labels: Mapping[str, str], name: str) -> list[list[Guess]]:
        documents = self._models.read(self._model, texts)
        return [list(self._models.entities(document, labels, name)) for document in documents]


@dataclass(slots=True)
class _Token:
    """One token of a text: its place, and the label of the window that sees most on both of its sides."""

    start: int
    end: int
    label: str
    score: float
    margin: int  # tokens between it and the nearer edge of its window


class _OnnxTagger:
    def __init__(self, folder: Path) -> None:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read at import; else the runtime reports to its maker
        import onnxruntime  # noqa: PLC0415 - only where a company has such a model
        from tokenizers import Tokenizer  # noqa: PLC0415

        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self._names = {int(at): label for at, label in config["id2label"].items()}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the work is spread over processes
        model = folder / "model.onnx"
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._inputs = [wanted.name for wanted in self._session.get_inputs()]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        length = min(MAX_TOKENS, int(config.get("max_position_embeddings", MAX_TOKENS)))
        self._tokenizer.enable_truncation(length, stride=min(OVERLAP, length // 4))

    def find(self, texts: Sequence[str], labels: Mapping[str, str], name: str) -> list[list[Guess]]:
        return [list(_entities(text, self._tokens(text), labels, name)) for text in texts]

    def _tokens(self, text: str) -> list[_Token]:
        whole = self._tokenizer.encode(text)
        best: dict[int, _Token] = {}
        for window in (whole, *whole.overflowing):
            for token in self._read(window):
                known = best.get(token.start)
                if known is None or token.margin > known.margin:
                    best[token.start] = token
        return [best[start] for start in sorted(best)]

    def _read(self, window: Any) -> Iterator[_Token]:
        import numpy  # noqa: PLC0415 - comes with onnxruntime

        values = {"input_ids": window.ids, "attention_mask": window.attention_mask, "token_type_ids": window.type_ids}
        feed = {name: numpy.asarray([values[name]], dtype=numpy.int64) for name in self._inputs}
        logits = self._session.run(None, feed)[0][0]
        if logits.shape != (len(window.ids), len(self._names)) or not numpy.isfinite(logits).all():
            raise DetectionError("the local model gave no label for some tokens")
        grown = numpy.exp(logits - logits.max(axis=-1, keepdims=True))
        shares = grown / grown.sum(axis=-1, keepdims=True)
        last = len(window.ids) - 1
        for at, ((start, end), special) in enumerate(zip(window.offsets, window.special_tokens_mask, strict=True)):
            if special or start == end:
                continue
            label = int(shares[at].argmax())
            yield _Token(start, end, self._names[label], float(shares[at][label]), min(at, last - at))


def _entities(text: str, tokens: Sequence[_Token], labels: Mapping[str, str], name: str) -> Iterator[Guess]:
    """Join neighbouring tokens of one label (B-PER, I-PER or PER); the score is that of the weakest token."""
    entity: list[_Token] = []
    for token in [*tokens, _Token(len(text), len(text), "O", 1.0, 0)]:
        if entity and not _goes_on(text, entity[-1], token):
            yield from _guess(text, entity, labels, name)
            entity = []
        if _plain(token.label) in labels:
            entity.append(token)


def _goes_on(text: str, last: _Token, token: _Token) -> bool:
    is_near = not text[last.end : token.start].strip()
    return is_near and _plain(token.label) == _plain(last.label) and not token.label.startswith("B-")


def _guess(text: str, entity: Sequence[_Token], labels: Mapping[str, str], name: str) -> Iterator[Guess]:
    start, end = entity[0].start, entity[-1].end
    while start < end and text[start].isspace():  # a token of a sentence-piece model holds the space before it
        start += 1
    if start < end:
        yield Guess(start, end, labels[_plain(entity[0].label)], min(each.score for each in entity), name, "guess")


def _plain(label: str) -> str:
    return label[2:] if label[:2] in {"B-", "I-", "E-", "S-", "L-", "U-"} else label
