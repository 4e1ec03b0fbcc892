"""Turns a finished English message into another language: finds the template it was made from, and keeps its values.

A message is made where something happens, is written to logs, events and JSON in English, and is read much later, by
another process, from a file of another edition. So its text is what can be relied on, and the template is found again:
`{file}: no such file` fits `x.csv: no such file`. Where several fit, the one with the most letters of its own wins.
Covers: messages inside of messages (a reason behind a colon). Does not cover: a text that no template fits; it is
returned as it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from string import Formatter
from typing import NamedTuple

LONGEST = 4_000  # characters; a longer text is no message of ours
DEEPEST = 3  # messages inside of messages
REMEMBERED = 512
FEWEST, FEWEST_FIRST = 5, 3  # letters of a template's own, in all or before its first value
# values that are messages themselves, by the name of their place
MESSAGES_INSIDE = frozenset({"reason", "error", "what", "words", "words2", "found", "problem", "told", "why", "message",
                             "doing", "kept", "needs", "known", "unused", "use", "kind", "result"})  # fmt: skip
PATHS = frozenset({"log"})  # values that are one path: no blank in them
MOST_PLACES = 6  # colons that are tried
COLON = ": "  # between a place and a message that no template holds together


class Template(NamedTuple):
    """A message cut up at its values: one more literal than names."""

    literals: tuple[str, ...]
    names: tuple[str, ...]
    text: str  # in the other language

    @property
    def is_telling(self) -> bool:
        """Tell whether it can be found again: ` of ` alone between two values fits too much."""
        begins = sum(map(str.isalpha, self.literals[0]))
        return bool(self.names) and (begins >= FEWEST_FIRST or sum(map(str.isalpha, "".join(self.literals))) >= FEWEST)

    def is_fit(self, values: Sequence[str]) -> bool:
        """Tell whether no sentence stands where a path belongs."""
        return not any(name in PATHS and " " in value for name, value in zip(self.names, values, strict=True))

    def is_plain(self, values: Sequence[str]) -> bool:
        """Tell whether the values before the first word of its own are values, and not a place with a colon in it."""
        for literal, value in zip(self.literals, values, strict=False):
            if any(map(str.isalpha, literal)):
                return True
            if COLON in value:
                return False
        return True

    def values(self, message: str) -> list[str] | None:
        """Return the values in a message, none of them empty, or None where the message is another one."""
        first, last = self.literals[0], self.literals[-1]
        end = len(message) - len(last)
        if not (message.startswith(first) and message.endswith(last)):
            return None
        found, begin = [], len(first)
        for literal in self.literals[1:-1]:
            at = message.find(literal, begin + 1, end)
            if at < 0:
                return None
            found.append(message[begin:at])
            begin = at + len(literal)
        return [*found, message[begin:end]] if begin < end else None


class Messages:
    """All templates of one language."""

    def __init__(self, catalogue: Mapping[str, str], retold: Callable[[str], str | None] = lambda _: None) -> None:
        """Take English template -> text in the other language, and what knows the messages that have no template."""
        self._retold = retold
        cut = [_template(english, text) for english, text in catalogue.items()]
        self._whole = {template.literals[0]: template.text for template in cut if not template.names}
        self._templates = sorted(
            (template for template in cut if template.is_telling),
            key=lambda template: -sum(map(len, template.literals)),
        )
        self._known: dict[str, str] = {}

    def translated(self, message: str) -> str:
        """Return a finished message in the other language, or as it is where it is none of ours."""
        if not (self._whole or self._templates):
            return message
        if message not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[message] = self._translated(message, DEEPEST)
        return self._known[message]

    def _translated(self, message: str, depth: int) -> str:
        if not depth or len(message) > LONGEST:
            return message
        matched = self._matched(message, depth, plain=True)
        if matched is not None:
            return matched
        begin = 0
        for _ in range(MOST_PLACES):  # the name of a file may hold a colon too
            at = message.find(COLON, begin)
            if at < 0:
                break
            begin = at + len(COLON)
            matched = self._matched(message[begin:], depth, plain=True)
            if matched is not None:
                return message[:begin] + matched
        # a message that begins with a value takes in whatever stands before it: it comes after all others
        return self._matched(message, depth, plain=False) or message

    def _matched(self, message: str, depth: int, *, plain: bool) -> str | None:
        if message in self._whole:
            return self._whole[message]
        if (retold := self._retold(message)) is not None:
            return retold
        fitting = (each for each in self._fitting(message) if not plain or each[0].is_plain(each[1]))
        template, found = next(fitting, (None, []))
        if template is None:
            return None
        return template.text.format_map(self._inside(template.names, found, depth))

    def _fitting(self, message: str) -> Iterator[tuple[Template, list[str]]]:
        for template in self._templates:
            found = template.values(message)
            if found is not None and template.is_fit(found):
                yield template, found

    def _inside(self, names: tuple[str, ...], values: list[str], depth: int) -> dict[str, str]:
        pairs = zip(names, values, strict=True)
        return {name: self._translated(value, depth - 1) if name in MESSAGES_INSIDE else value for name, value in pairs}


def _template(english: str, text: str) -> Template:
    literals, names = [""], []
    for literal, name, _, _ in Formatter().parse(english):
        literals[-1] += literal
        if name is not None:
            names.append(name)
            literals.append("")
    whole = text if names else text.format()
    return Template(tuple(literals), tuple(names), whole)
