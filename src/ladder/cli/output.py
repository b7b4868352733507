"""Where things go: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys

import click


def print_json(document: object) -> None:
    """One JSON document on stdout, the same bytes for the same answer."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


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
