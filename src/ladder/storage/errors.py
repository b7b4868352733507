"""Translate database errors to errors of this library, each with a remedy."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ladder.errors import StorageError

_ADVICE: Final = (
    ("database or disk is full", "the disk is full: make room and run it again"),
    ("no space left", "the server's disk is full: make room there and run it again"),
    ("disk i/o error", "the disk cannot be written (is it full, or a quota reached?)"),
    ("database is locked", "another program is writing to it: wait for it and run this again"),
    ("readonly database", "the file or its folder cannot be written by you"),
    ("unable to open database file", "the file cannot be opened: does its folder exist?"),
    ("file is not a database", "the file is no SQLite database"),
    ("malformed", "the file is damaged: restore a backup, or replay into a new file"),
    ("password authentication failed", "the user or the password is wrong"),
    ("connection refused", "no server answers at that address"),
    ("could not translate host name", "there is no host of that name"),
    ("failed to resolve host", "there is no host of that name"),
    ("does not exist", "the database has to be created first (createdb)"),
    ("serializ", "another program changed the same rows: run this again"),
    ("deadlock", "another program changed the same rows: run this again"),
)


@contextmanager
def explained(name: str = "the database") -> Iterator[None]:
    """Turn errors of the driver inside into `StorageError`; `name` is the database in messages.

    The transaction has been rolled back by then, because it is opened inside. The driver's own
    words are kept, but not the statement, which would show personal data.
    """
    try:
        yield
    except DBAPIError as error:
        raise StorageError(_message(name, str(error.orig))) from error
    except SQLAlchemyError as error:
        raise StorageError(_message(name, str(error))) from error
    except Exception as error:
        if not isinstance(error, _of_the_driver()):
            raise
        raise StorageError(_message(name, str(error))) from error


def _of_the_driver() -> tuple[type[Exception], ...]:
    """Return psycopg's error class; during COPY its errors bypass SQLAlchemy."""
    loaded = sys.modules.get("psycopg")
    return () if loaded is None else (loaded.Error,)


def _message(name: str, words: str) -> str:
    first = words.strip().splitlines()[0] if words.strip() else "no reason given"
    lower = words.lower()
    advice = next((advice for sign, advice in _ADVICE if sign in lower), None)
    if advice is None:
        return f"{name}: {first}"
    return f"{name}: {advice} ({first})"
