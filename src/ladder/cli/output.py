"""Where things go: results to stdout, everything else to stderr."""

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
    """One JSON document on stdout, the same bytes for the same answer; written as it is made."""
    encoder = json.JSONEncoder(indent=2, ensure_ascii=False)
    pieces = encoder.iterencode(document)
    while text := "".join(islice(pieces, PIECES)):
        click.echo(text, nl=False)
    click.echo()


class Lazily(list[object]):
    """A list in a JSON document that is not there before it is written, and not all at once."""

    def __init__(self, items: Iterable[object]) -> None:
        super().__init__()
        self._items = iter(items)
        self._first = list(islice(self._items, 1))

    def __iter__(self) -> Iterator[object]:
        """Once."""
        return chain(self._first, self._items)

    def __bool__(self) -> bool:
        """Whether there is anything in it, which is all that is asked before it is gone through."""
        return bool(self._first)


def tell(message: str) -> None:
    """A remark for the person at the keyboard."""
    click.echo(message, err=True)


def warn(message: str) -> None:
    """A remark that should not be missed."""
    click.echo(f"Warning: {message}", err=True)


def to_terminal() -> bool:
    """Whether somebody reads stdout as it comes."""
    return sys.stdout.isatty()


def number_of(count: int, thing: str) -> str:
    """So many of a thing, whose plural ends in s: "1 row", "1,200 rows"."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
