"""What in a factory's text is no name: tag numbers, error codes, units, positions, and the company's own words.

It vetoes guesses of a language model and what follows a cue; a known value, a labelled name or a number with a check
digit is stronger. The parts: grammar (the form of one token), trade words, vocabulary (what they leave of a
guess), learning.
"""

from anonymize.protecting.grammar import case_tells, case_tells_at, case_tells_beside, follows_technical_label
from anonymize.protecting.learning import learn_vocabulary, read_own_words
from anonymize.protecting.vocabulary import Vocabulary, is_weak

__all__ = [
    "Vocabulary",
    "case_tells",
    "case_tells_at",
    "case_tells_beside",
    "follows_technical_label",
    "is_weak",
    "learn_vocabulary",
    "read_own_words",
]
