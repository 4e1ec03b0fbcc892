"""Read a table or a query of a database row by row, without the means to change anything.

Covers: SQLite (opened read-only), PostgreSQL by pg8000 (read-only transaction, cursor on the server); a password in the
URL stands in no error. Does not cover: a query whose functions reach out of the database; other databases.
"""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anonymize.errors import SourceError
from anonymize.reading.pieces import Broken, Piece, Request
from anonymize.reading.tables import choose_columns
from anonymize.reading.values import value_text

if TYPE_CHECKING:
    import sqlalchemy as sa

ROWS = 500  # fetched at a time
_COLON = re.compile(r"(?<![:\\]):(?=\w)")  # SQLAlchemy would take 12:30 for a parameter


def database_rows(url: str, query: str, request: Request) -> Iterator[Piece | Broken]:
    """Yield the rows of `query`, or of `request.table` where there is no query.

    Raises:
        SourceError: the database, the table or a column is not there, or the database stops answering.
    """
    import sqlalchemy as sa  # noqa: PLC0415  half a second that only this needs

    if bool(query) == bool(request.table):
        raise SourceError("a database needs either a table or a query")
    engine = _engine(url, request)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(sa.text("SET TRANSACTION READ ONLY"))
            yield from _rows(connection, _statement(connection, query, request), request)
    except (sa.exc.SQLAlchemyError, sqlite3.Error, OSError) as error:  # its message may hold the URL, or text of a row
        raise SourceError(
            f"the database cannot be read ({type(error).__name__})", "check URL, table and query"
        ) from None
    finally:
        engine.dispose()


def _engine(url: str, request: Request) -> "sa.Engine":
    import sqlalchemy as sa  # noqa: PLC0415

    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise SourceError("the database's URL cannot be read", "for instance sqlite:////data/orders.db") from None
    kind = address.get_backend_name()
    if kind == "sqlite":
        file = Path(address.database or "")
        if not file.is_file():
            raise SourceError(f"{file}: no such database file")
        name = f"{file.absolute().as_uri()}?mode=ro"
        return sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(name, uri=True), poolclass=sa.NullPool)
    if kind == "postgresql":
        seconds = int(request.limits.wall_seconds)
        address = address.set(drivername="postgresql+pg8000")
        try:
            return sa.create_engine(
                address, poolclass=sa.NullPool, connect_args={"timeout": seconds}, hide_parameters=True
            )
        except ImportError:
            raise SourceError("PostgreSQL needs the package pg8000", "install pg8000") from None
    raise SourceError(f"a database of the kind {kind!r} is not read", "sqlite or postgresql; or export a table as CSV")


def _statement(connection: "sa.Connection", query: str, request: Request) -> "sa.Executable":
    import sqlalchemy as sa  # noqa: PLC0415

    if query:
        return sa.text(_COLON.sub(r"\:", query))
    schema, _, table = request.table.rpartition(".")
    try:
        header = [column["name"] for column in sa.inspect(connection).get_columns(table, schema or None)]
    except sa.exc.NoSuchTableError:
        raise SourceError("no such table as was declared", "for instance orders, or maintenance.orders") from None
    wanted = choose_columns(header, request.columns, request.id_column)
    exact: list[sa.ColumnClause[Any]] = [sa.column(sa.sql.quoted_name(name, quote=True)) for name in wanted]
    return sa.select(*exact).select_from(sa.table(table, schema=schema or None))


def _rows(connection: "sa.Connection", statement: "sa.Executable", request: Request) -> Iterator[Piece | Broken]:
    driver: Any = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.execute("PRAGMA query_only = ON")
        driver.text_factory = bytes  # else one wrong byte ends the reading, with the text in its message
    result = connection.execution_options(stream_results=True, max_row_buffer=ROWS).execute(statement)
    if not result.returns_rows:
        raise SourceError("the query returns no rows", "write a SELECT")
    chosen = choose_columns(list(result.keys()), request.columns, request.id_column)
    for number, values in enumerate(result, start=1):
        yield _piece(f"row {number}", values, chosen, request)


def _piece(place: str, values: Any, chosen: dict[str, int], request: Request) -> Piece | Broken:
    try:
        texts = {column: value_text(values[chosen[column]]) for column in request.columns}
        record_id = value_text(values[chosen[request.id_column]]).strip() if request.id_column else ""
    except UnicodeDecodeError:
        return Broken(place, "bytes that are no UTF-8")
    except RecursionError:
        return Broken(place, "nested too deep")
    if request.id_column and not record_id:
        return Broken(place, "an empty id")
    return Piece(place, texts, record_id)
