"""The scanner finds every key and string of a TOML text, and reads strings as `tomllib` does."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from ladder.documents.toml_positions import Path as Key
from ladder.documents.toml_positions import scan

EVERYTHING = Path(__file__).with_name("everything.toml").read_text(encoding="utf-8")


def strings(value: Any, path: Key = ()) -> dict[Key, str]:
    if isinstance(value, str):
        return {path: value}
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found: dict[Key, str] = {}
    if isinstance(value, dict | list):
        for key, inner in pairs:
            found |= strings(inner, (*path, key)) if isinstance(inner, str | dict | list) else {}
    return found


def scanned(text: str) -> dict[Key, str]:
    return {path: spot.passage.text for path, spot in scan(text).items() if spot.passage}


def test_strings_are_found_and_read_as_by_tomllib() -> None:
    assert scanned(EVERYTHING) == strings(tomllib.loads(EVERYTHING))


def test_keys_and_values_are_where_they_stand() -> None:
    for path, spot in scan(EVERYTHING).items():
        name = path[-1]
        if isinstance(name, str):
            line = EVERYTHING[spot.key :].partition("\n")[0]
            assert name in line, (path, line)
        if spot.passage is not None:
            assert EVERYTHING[spot.value] in "\"'"


def test_characters_keep_their_positions() -> None:
    for spot in scan(EVERYTHING).values():
        for at, character in enumerate(spot.passage.text if spot.passage else ""):
            assert spot.passage is not None
            written = EVERYTHING[spot.passage.offsets[at]]
            assert written in (character, "\\")


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r")))
@example("'''")
@example('"""\\')
@example("\\\n  x")
def test_quoted_string_is_read_as_by_tomllib(text: str) -> None:
    escaped = "".join(
        f"\\u{ord(c):04x}" if (c.isascii() and not c.isprintable()) or c in '"\\' else c
        for c in text
    )
    ways = [f'a = "{escaped}" # x', f'a = """\n{escaped}""" # x']
    plain = text.isprintable() or not text.isascii()
    if plain and "'" not in text and all(c.isprintable() for c in text):
        ways += [f"a = '{text}' # x", f"a = '''{text}''' # x"]
    for way in ways:
        document = f'{way}\nb = ["c"]\n'
        assert scanned(document) == strings(tomllib.loads(document))
