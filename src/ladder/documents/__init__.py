"""Ladders as documents: TOML to `Ladder` and back, and the text form of expressions."""

from ladder.documents.expressions import parse, parse_condition, parse_selector, parse_span
from ladder.documents.sources import Document, Source
from ladder.documents.toml import (
    Pieces,
    load,
    read,
    read_patterns,
    read_pieces,
    read_settings,
    read_text,
)
from ladder.documents.writing import dump

__all__ = [
    "Document",
    "Pieces",
    "Source",
    "dump",
    "load",
    "parse",
    "parse_condition",
    "parse_selector",
    "parse_span",
    "read",
    "read_patterns",
    "read_pieces",
    "read_settings",
    "read_text",
]
