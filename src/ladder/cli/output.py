"""Output: results go to stdout, everything else goes to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

import click

PIECES: Final = 10_000
"""Pieces of a document that are written at one time."""


def print_json(document: object) -> None:
    """Write one JSON document to stdout, as it is produced.

    The same answer gives the same bytes.
    """
    encoder = json.JSONEncoder(indent=2, ensure_ascii=False)
    pieces = encoder.iterencode(document)
    while text := "".join(islice(pieces, PIECES)):
        click.echo(text, nl=False)
    click.echo()


class Lazily(list[object]):
    """A list in a JSON document that is produced while it is written, never as a whole."""

    def __init__(self, items: Iterable[object]) -> None:
        super().__init__()
        self._items = iter(items)
        self._first = list(islice(self._items, 1))

    def __iter__(self) -> Iterator[object]:
        """Iterate once."""
        return chain(self._first, self._items)

    def __bool__(self) -> bool:
        """Return whether there is an item; the encoder asks only this before it iterates."""
        return bool(self._first)


def tell(message: str) -> None:
    """Write a remark to stderr."""
    click.echo(message, err=True)


def warn(message: str) -> None:
    """Write a warning to stderr."""
    click.echo(f"Warning: {message}", err=True)


def to_terminal() -> bool:
    """Return whether stdout is a terminal."""
    return sys.stdout.isatty()


def number_of(count: int, thing: str) -> str:
    """Format a count with a noun whose plural ends in s: "1 row", "1,200 rows"."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
