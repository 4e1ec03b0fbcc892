"""Personal data in disguise: 21 transformations of 9 values, each in a sentence beside other text.

A disguised value counts as found when every visible character of it is covered by findings; a transformation that
leaves a value as it is (no dash to replace) counts like any other. Needs no folder.
"""

import base64
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from anonymize_suites.table import Row, share

from anonymize.detection.detector import Detector
from anonymize.detection.policy import Policy
from anonymize.recognizers.loading import import_without_torch
from anonymize.records import Quarantined, Record

Spans = Iterable[tuple[int, int]]

# value, what stands before it, what stands after it
VALUES = (
    ("taro.yamada@example.co.jp", "連絡先は", "まで。"),
    ("090-1234-5678", "電話番号：", "（日中）"),
    ("123456789018", "マイナンバー：", "。"),
    ("4111-1111-1111-1111", "Paid by card ", " today."),
    ("192.168.10.25", "Server ", " was restarted."),
    ("GB82WEST12345698765432", "Transfer to ", ", please."),
    ("00:1B:44:11:3A:B7", "MAC ", " replaced."),
    ("山田太郎", "氏名：", "、点検済み。"),
    ("John Whitfield", "Reported by Mr. ", ", pump leaking."),
)
_CYRILLIC = str.maketrans("aeopcxyiABEKMHOPCTX", "аеорсхуіАВЕКМНОРСТХ")
_GREEK = str.maketrans("aovpiABEZHIKMNOPTYX", "αονριΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_ODD_DASHES = str.maketrans("-", "‑")
_LONG_VOWEL_DASHES = str.maketrans("-", "ー")


def _full_width(value: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in value)


def _half_width(value: str) -> str:
    """Kanji have no half width: the name is written in half-width kana."""
    return "ﾔﾏﾀﾞ ﾀﾛｳ" if value == "山田太郎" else value


def _bold(value: str) -> str:
    def bold(char: str) -> str:
        if not char.isascii() or not char.isalnum():
            return char
        case = "DIGIT" if char.isdigit() else "CAPITAL" if char.isupper() else "SMALL"
        name = unicodedata.name(char).rpartition(" ")[2]
        return unicodedata.lookup(f"MATHEMATICAL BOLD {case} {name}")

    return "".join(map(bold, value))


def _between(mark: str) -> Callable[[str], str]:
    return mark.join


def _after_each(mark: str) -> Callable[[str], str]:
    return lambda value: "".join(char + mark for char in value)


def _newline_inside(value: str) -> str:
    middle = len(value) // 2
    return value[:middle] + "\n" + value[middle:]


def _base64(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _percent(value: str) -> str:
    return "".join(f"%{byte:02X}" for byte in value.encode())


TRANSFORMATIONS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("as it is", str),
    ("zero-width space", _between("\u200b")),
    ("zero-width joiner", _between("\u200d")),
    ("word joiner", _between("\u2060")),
    ("soft hyphen", _between("\u00ad")),
    ("bidi marks", lambda value: f"\u202d{value[:3]}\u200e{value[3:]}\u202c"),
    ("variation selectors", _between("\ufe0f")),
    ("tag characters", _between("\U000e0061")),
    ("full width", _full_width),
    ("half width", _half_width),
    ("mathematical bold", _bold),
    ("Cyrillic look-alikes", lambda value: value.translate(_CYRILLIC)),
    ("Greek look-alikes", lambda value: value.translate(_GREEK)),
    ("combining marks", _after_each("\u0301")),
    ("odd dashes", lambda value: value.translate(_ODD_DASHES)),
    ("long vowel dashes", lambda value: value.translate(_LONG_VOWEL_DASHES)),
    ("Arabic digits", lambda value: value.translate(_ARABIC_DIGITS)),
    ("newline inside", _newline_inside),
    ("HTML entities", lambda value: "".join(f"&#{ord(char)};" for char in value)),
    ("percent-encoding", _percent),
    ("base64", _base64),
)


def run(data: Path) -> Iterable[Row]:
    """Yield the share found by this library, and by presidio's engine for information."""
    del data
    texts = list(_disguised())
    yield _row("fully covered", texts, _detector_spans([text for _, text, _, _ in texts]), goal=0.95)
    yield _row("fully covered by presidio 2.2.366", texts, _presidio_spans([text for _, text, _, _ in texts]))


def _disguised() -> Iterator[tuple[str, str, int, int]]:
    """Yield (transformation, text, start, end)."""
    for name, transform in TRANSFORMATIONS:
        for value, before, after in VALUES:
            disguised = transform(value)
            yield name, before + disguised + after, len(before), len(before) + len(disguised)


def _row(
    measure: str, texts: Sequence[tuple[str, str, int, int]], found: list[Spans], goal: float | None = None
) -> Row:
    missed: dict[str, int] = {}
    for (name, text, start, end), spans in zip(texts, found, strict=True):
        covered = {at for first, last in spans for at in range(first, last)}
        if any(at not in covered and unicodedata.category(text[at]) != "Cf" for at in range(start, end)):
            missed[name] = missed.get(name, 0) + 1
    note = "missed: " + (", ".join(f"{name} {count}" for name, count in missed.items()) or "none")
    return share("disguises", measure, len(texts) - sum(missed.values()), len(texts), goal, note=note)


def _detector_spans(texts: Sequence[str]) -> list[Spans]:
    records = [Record(str(number), f"text {number}", {"text": text}) for number, text in enumerate(texts)]
    detector = Detector(Policy(identifier_kinds={}, text_columns=("text",)))
    found: list[Spans] = []
    # one record at a time: a value that was found plain in another record would be known
    for record in records:
        (outcome,) = detector.detect([record], _no_progress)
        assert not isinstance(outcome, Quarantined)
        found.append([(finding.span.start, finding.span.end) for finding in outcome[1]])
    return found


def _no_progress(done: int, total: int) -> None:
    del done, total


def _presidio_spans(texts: Sequence[str]) -> list[Spans]:
    """Presidio's own engine and pattern recognizers for English, without a model."""
    analyzer = import_without_torch("presidio_analyzer")
    no_model = import_without_torch("presidio_analyzer.nlp_engine.no_op_nlp_engine")
    engine = analyzer.AnalyzerEngine(nlp_engine=no_model.NoOpNlpEngine([{"lang_code": "en", "model_name": "none"}]))
    # the same recognizer with the list of public suffixes that it ships; presidio's asks the network for a newer one
    engine.registry.remove_recognizer("EmailRecognizer")
    engine.registry.add_recognizer(import_without_torch("anonymize.recognizers.presidio_patterns").OfflineEmail())
    return [[(result.start, result.end) for result in engine.analyze(text, "en")] for text in texts]
