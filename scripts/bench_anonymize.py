"""Measure the anonymizer: quality on labelled text, robustness, and speed beside presidio's own engine.

    uv run python scripts/bench_anonymize.py --data FOLDER [--suite NAME ...] [--check]

FOLDER holds the texts by the names that docs/benchmarks.md lists. A suite whose text is not there is skipped, and said
so. With --check the exit status is 1 where a goal is missed.
"""

import argparse
import importlib
import os
import sys
import time
from pathlib import Path

from anonymize_suites.table import Row

SUITES = (
    "english",  # tab144, presidio's generated_large
    "japanese_identifiers",
    "japanese_names",  # ner_wikipedia_ja, radiology reports, tickets
    "technical",  # lines that hold no personal data
    "disguises",
    "growth",  # of every pattern with the length of the text
    "documents",  # odd files
    "surrogates",
    "speed",
)


def main() -> int:
    """Run the suites and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the texts")
    parser.add_argument("--suite", action="append", choices=SUITES, help="only this one; may be given several times")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a goal is missed")
    options = parser.parse_args()
    os.environ["TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS"] = (
        ""  # read at import: presidio's e-mail check would ask the network
    )
    rows: list[Row] = []
    for name in options.suite or SUITES:
        started = time.monotonic()
        measured = list(importlib.import_module(f"anonymize_suites.{name}").run(options.data))
        print(f"{name}: {len(measured)} figures in {time.monotonic() - started:.0f} s", file=sys.stderr)
        rows.extend(measured)
    _print(rows)
    missed = [row for row in rows if not row.is_met]
    return 1 if options.check and missed else 0


def _print(rows: list[Row]) -> None:
    print(f"{'suite':22}{'measure':46}{'value':>9}  {'95 % interval':18}{'n':>9}  {'goal':10}")
    for row in rows:
        goal = "" if row.goal is None else f"{row.sense} {row.goal:g}"
        verdict = "" if row.goal is None else ("met" if row.is_met else "MISSED")
        figures = f"{row.value:9.3f}  [{row.low:.3f}, {row.high:.3f}]".ljust(29)
        print(f"{row.suite:22}{row.measure:46}{figures}{row.samples:9}  {goal:10}{verdict:7}{row.note}")


if __name__ == "__main__":
    sys.exit(main())
