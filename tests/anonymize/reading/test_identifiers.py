import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.reading.identifiers import SeenIds


@settings(max_examples=60)
@given(ids=st.lists(st.text(alphabet="AB佐1\udc80", max_size=3), max_size=60))
def test_an_id_is_new_once_and_then_tells_its_first_row(ids: list[str]) -> None:
    seen = SeenIds()
    told = [seen.first_row(record_id, row) for row, record_id in enumerate(ids, start=1)]
    assert told == [0 if record_id not in ids[:at] else ids.index(record_id) + 1 for at, record_id in enumerate(ids)]


def test_twenty_thousand_ids_are_kept_apart_in_little_memory() -> None:
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    seen = SeenIds()
    assert not any(seen.first_row(f"WO-{number:040}", number + 1) for number in range(20_000))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert seen.first_row(f"WO-{19_999:040}", 1) == 20_000
    assert grown / 20_000 < 28
