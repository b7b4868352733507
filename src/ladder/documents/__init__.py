"""Ladders as documents: TOML to `Ladder` and back, and the text form of expressions."""

from ladder.documents.expression_parser import parse, parse_condition, parse_selector, parse_span
from ladder.documents.loader import (
    Pieces,
    load,
    read,
    read_patterns,
    read_pieces,
    read_settings,
    read_text,
)
from ladder.documents.locations import Document, Source
from ladder.documents.writer import dump

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
