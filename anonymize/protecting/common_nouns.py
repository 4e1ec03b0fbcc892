"""Whether a Japanese term is made of ordinary words: only such a term becomes vocabulary by being repeated.

The colleague who is named most often would otherwise be the one whose name is learnt, and left in the text.
Covers: names that Sudachi's dictionary knows as names or does not know (渡会, グエン).
Does not cover: a rare name that is cut into ordinary words (月見 + 里) and stands beside neither label nor honorific.
"""

from functools import cache
from typing import Any

_ORDINARY = frozenset({"普通名詞", "名詞的", "形状詞的", "一般", "数詞", "助数詞可能", "非自立可能", "サ変可能", "*"})
_PARTS = frozenset({"名詞", "接尾辞", "接頭辞", "動詞", "形状詞", "助詞", "補助記号", "記号"})


def is_ordinary(term: str) -> bool:
    """Say whether the dictionary knows every word of the term, and none of them as a name."""
    words = list(_tokenizer().tokenize(term))
    return bool(words) and all(not word.is_oov() and _is_ordinary_word(word.part_of_speech()) for word in words)


def _is_ordinary_word(part_of_speech: Any) -> bool:
    return part_of_speech[0] in _PARTS and part_of_speech[1] in _ORDINARY


@cache
def _tokenizer() -> Any:
    from sudachipy import SplitMode, dictionary  # noqa: PLC0415 half a second that only Japanese corpora need

    return dictionary.Dictionary().create(mode=SplitMode.C)
