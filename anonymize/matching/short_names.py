"""Tell a name of two letters (Bo Xu, Li Wei) from the many other things that have two letters.

Covers: Latin names written with a capital and a small letter.
Does not cover: XU and xu in running text, and names that are ordinary words too (An, Do, My).
"""

_NO_NAMES = frozenset(
    """
    am an as at be by do go he if in is it me my no of oh ok on or so to up us we
    co dr jr mr ms mt sr st ah hz kg nm pa wh lh rh op pm re vs
    """.split()  # noqa: SIM905 - one word a line would fill a screen
)


def is_short_name(word: str) -> bool:
    """Say whether a word is two letters, a capital and a small one, that may be a name."""
    if len(word) != 2 or not word.isalpha():
        return False
    return word[0].isupper() and word[1].islower() and word.casefold() not in _NO_NAMES
