"""An engine or a connection: a transaction of our own, or the caller's as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from ladder.storage.engines import BEGIN
from ladder.storage.troubles import explained

Where = Engine | Connection
"""An engine: everything in one transaction, committed at the end. A connection: the caller's
transaction, which the caller commits."""


@contextmanager
def changing(where: Where) -> Iterator[Connection]:
    """For whoever writes. Of an engine, what the driver complains of becomes `StorageError`.

    On SQLite the transaction begins as a writer's: who reads first may find that another has
    written meanwhile, and SQLite then refuses for good.
    """
    if isinstance(where, Connection):
        yield where
        return
    engine = where.execution_options(**{BEGIN: "IMMEDIATE"})
    with explained(), engine.begin() as connection:
        yield connection


@contextmanager
def looking(where: Where) -> Iterator[Connection]:
    """For whoever only reads; of an engine, nothing is committed."""
    if isinstance(where, Connection):
        yield where
        return
    with explained(), where.connect() as connection:
        yield connection
