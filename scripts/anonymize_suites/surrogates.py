"""Pseudonyms of a million made-up values: no collision, none real, all given back, the same in another process.

The values are numbered combinations in the forms of a factory's texts, three quarters of them replaced by surrogates
and the rest by placeholders; no folder is needed. Seconds are of CPU time: other work on the machine does not count.
"""

import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from anonymize_suites.table import Row, share

from anonymize.replacing.keys import Key
from anonymize.replacing.name_words import GIVEN_NAMES, SURNAMES, japanese_names
from anonymize.replacing.pseudonyms import Pseudonyms, Values, assign
from anonymize.replacing.spelling import comparable
from anonymize.replacing.surrogates import DATE_KINDS
from anonymize.replacing.techniques import Techniques
from anonymize.replacing.vault import Vault, write_vault

SUITE = "surrogates"
VALUES = 1_000_000
REPEATED = 100_000  # in the second process and under the other key: a third of the time
KEY = hashlib.sha256(b"a key for measuring").digest()
OTHER_KEY = hashlib.sha256(b"another key for measuring").digest()
SURROGATES = Techniques(
    dict.fromkeys(("PERSON", "PHONE_NUMBER", "EMPLOYEE_ID", "EMAIL_ADDRESS", "BIRTH_DATE", "JP_MY_NUMBER"), "surrogate")
)
_Pair = tuple[str, str]


def run(data: Path) -> Iterable[Row]:
    """Measure the rows; `data` is not read."""
    del data
    started = time.process_time()
    pseudonyms = assigned(made_up(VALUES), KEY)
    seconds = time.process_time() - started
    yield from _distinct(pseudonyms)
    yield from _given_back(pseudonyms)
    yield Row(SUITE, "values assigned in a second of CPU", VALUES / seconds, VALUES / seconds, VALUES / seconds, VALUES)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Row(SUITE, "peak memory, MB, with the checks of this suite", peak, peak, peak, VALUES)
    del pseudonyms
    yield from _repeated()


def made_up(count: int) -> Iterator[_Pair]:
    """Yield different values of eight kinds; equal calls yield equal values."""
    names = japanese_names()
    for number in range(count):
        turn, at = number % 8, number // 8
        if turn == 0:
            surname, given = names.surnames[at % len(names.surnames)], names.given[(at // 7) % len(names.given)]
            yield "PERSON", f"{surname} {given}"
        elif turn == 1:
            second = GIVEN_NAMES[at // len(SURNAMES) % len(GIVEN_NAMES)]
            yield "PERSON", f"{second.title()} {SURNAMES[at % len(SURNAMES)].title()}"
        elif turn == 2:
            yield "PHONE_NUMBER", f"090-{1000 + at // 9000:04d}-{1000 + at % 9000:04d}"
        elif turn == 3:
            yield "EMPLOYEE_ID", f"E{at:07d}"
        elif turn == 4:
            yield "EMAIL_ADDRESS", f"{GIVEN_NAMES[at % len(GIVEN_NAMES)]}.{at}@plant.local"
        elif turn == 5:
            yield "JP_MY_NUMBER", f"{(at * 7_919) % 10**12:012d}"
        else:
            yield ("MACHINE_USER", f"u{at:08d}") if turn == 6 else ("HOST_NAME", f"pc-{at:07d}.plant.local")


def assigned(pairs: Iterable[_Pair], key: bytes) -> Pseudonyms:
    """Collect the values and assign their replacements."""
    values = Values()
    for kind, value in pairs:
        values.add(kind, value)
    return assign(values, Key(key), SURROGATES)


def _distinct(pseudonyms: Pseudonyms) -> Iterator[Row]:
    replacements: set[str] = set()
    real: set[str] = set()
    values = collisions = placeholders = wanted = 0
    for original in pseudonyms.originals():
        form = comparable(original.placeholder)
        values += 1
        collisions += form in replacements
        replacements.add(form)
        real.add(comparable(original.value))
        if pseudonyms.technique(original.kind) == "surrogate":
            wanted += 1
            placeholders += original.technique == "placeholder"
    equal = sum(form in real for form in replacements)
    yield share(SUITE, "values that share a replacement", collisions, values, goal=0.0, sense="<=")
    yield share(SUITE, "replacements that are a real value", equal, values, goal=0.0, sense="<=")
    yield share(SUITE, "surrogates that fell back to a placeholder", placeholders, wanted)


def _given_back(pseudonyms: Pseudonyms) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vault"
        started = time.process_time()
        written = write_vault(file, KEY, pseudonyms.originals())
        vault = Vault(file, KEY)
        same = sum(left == right for left, right in zip(vault, pseudonyms.originals(), strict=True))
        seconds = time.process_time() - started
        yield share(SUITE, "values that the vault gives back", same, written, goal=1.0)
        sample = random.Random(7).sample(list(pseudonyms.originals()), 300)
        revealed = sum(vault.reveal(each.placeholder) == each for each in sample)
        yield share(SUITE, "replacements that are revealed", revealed, len(sample), goal=1.0)
        yield Row(SUITE, "vault: values written and read in a second of CPU", *(written / seconds,) * 3, written)


def _repeated() -> Iterator[Row]:
    here = _replacements(assigned(made_up(REPEATED), KEY))
    there = _in_another_process()
    same = sum(there.get(value) == replacement for value, replacement in here.items())
    yield share(SUITE, "equal in another process, reversed input", same, len(here), goal=1.0)
    other = _replacements(assigned(made_up(REPEATED), OTHER_KEY))
    moved = [value for value in here if json.loads(value)[0] not in DATE_KINDS]
    equal = sum(other[value] == here[value] for value in moved)
    yield share(SUITE, "equal under another key", equal, len(moved), goal=0.001, sense="<=")


def _replacements(pseudonyms: Pseudonyms) -> dict[str, str]:
    return {json.dumps([each.kind, each.value]): each.placeholder for each in pseudonyms.originals()}


def _in_another_process() -> dict[str, str]:
    code = (
        "import json, sys; from anonymize_suites import surrogates as s; "
        "pairs = list(s.made_up(s.REPEATED))[::-1]; "
        "json.dump(s._replacements(s.assigned(pairs, s.KEY)), sys.stdout)"
    )
    folders = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": os.pathsep.join(folders)}
    finished = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
    answer: dict[str, str] = json.loads(finished.stdout)
    return answer
