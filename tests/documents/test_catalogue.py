"""Definitions from the field are sayable in the language, and read back as they are printed."""

from __future__ import annotations

from typing import Any

import pytest

from ladder.documents import parse, parse_condition
from ladder.errors import DefinitionError
from tests.documents.catalogue import Definition, condition, definitions, document, kinds, names


def test_catalogue_of_documents_has_more_than_a_hundred_definitions() -> None:
    assert len(definitions()) > 100
    assert len({each.name for each in definitions()}) == len(definitions())


@pytest.mark.parametrize("definition", definitions(), ids=lambda each: each.name)
def test_definition_parses_and_reads_back_as_it_is_printed(definition: Definition) -> None:
    said = condition(definition)
    assert parse_condition(str(said), kinds=kinds()) == said


def test_definitions_mean_different_things() -> None:
    """Some are the same on purpose, where two models agree; no others may be."""
    texts: dict[str, list[str]] = {}
    for definition in definitions():
        texts.setdefault(str(condition(definition)), []).append(definition.name)
    same = [sorted(together) for together in texts.values() if len(together) > 1]
    assert sorted(same) == SAME


SAME: list[list[str]] = [
    ["kdd98 lapsing", "lifecycle lapsed"],
]


@pytest.mark.parametrize("case", document()["not_yet"].values(), ids=document()["not_yet"])
def test_unsupported_definition_is_rejected_by_name(case: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match="not part of the language") as caught:
        parse(case["text"], kinds=kinds(), names=names())
    assert case["lacks"].partition(" ")[0] in str(caught.value)
