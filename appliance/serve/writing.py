"""From tokens to the text that may be sent: whole characters, and nothing that could still become a stop text."""

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream


class Writer:
    """The text of one answer as it grows."""

    def __init__(self, tokenizer: Tokenizer, stop: tuple[str, ...]) -> None:
        self._tokenizer = tokenizer
        self._stream = DecodeStream(skip_special_tokens=True)
        self._stop = stop
        self._held = ""  # text that may turn out to be the beginning of a stop text
        self._decoded = ""
        self._ids: list[int] = []
        self.has_stopped = False

    def write(self, token: int) -> str:
        """Add a token; return the text that is certain now."""
        self._ids.append(token)
        text = self._stream.step(self._tokenizer, token) or ""
        self._decoded += text
        return self._release(text)

    def finish(self) -> str:
        """Return what was held back, and half a character if the answer ends in one."""
        if self.has_stopped:
            return ""
        whole: str = self._tokenizer.decode(self._ids, skip_special_tokens=True)
        rest = whole[len(self._decoded) :] if whole.startswith(self._decoded) else ""
        text = self._release(rest)
        return text if self.has_stopped else text + self._held

    def _release(self, text: str) -> str:
        if not self._stop:
            return text
        held = self._held + text
        places = [place for word in self._stop if (place := held.find(word)) >= 0]
        if places:
            self.has_stopped, self._held = True, ""
            return held[: min(places)]
        keep = max(_overlap(held, word) for word in self._stop)
        self._held = held[len(held) - keep :]
        return held[: len(held) - keep]


def _overlap(text: str, word: str) -> int:
    """Return the length of the longest end of `text` that is a beginning of `word`."""
    return next((size for size in range(min(len(text), len(word) - 1), 0, -1) if text.endswith(word[:size])), 0)
