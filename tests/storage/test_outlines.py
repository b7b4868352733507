"""The outline of a stored ladder agrees with the ladder that its document defines."""

from __future__ import annotations

import pytest

from ladder import catalogue, documents
from ladder.language.ladders import Ladder
from ladder.storage.outlines import read_outline

DOCUMENTS = {
    **{name: catalogue.text(name) for name in catalogue.names()},
    **{f"{name} expanded": documents.dump(catalogue.load(name)) for name in catalogue.names()},
    "states": """
        [ladder]
        key = "statuses"
        kind = "states"
        [[rung]]
        key = "member"
        enter = 'count(donation, days(365)) >= 2'
        [[rung]]
        key = "giver"
        enter = 'count(donation, days(365)) == 1'
    """,
    "heights": """
        [ladder]
        key = "plain"
        [[rung]]
        key = "giving"
        height = 4
        enter = 'count(donation, ever) >= 1'
        [[rung]]
        key = "helping"
        enter = 'count(volunteer_shift, ever) >= 1'
    """,
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_outline_has_the_titles_and_rungs_of_the_ladder(name: str) -> None:
    ladder: Ladder = catalogue.read(DOCUMENTS[name]).ladder
    outline = read_outline(DOCUMENTS[name])
    assert (outline.key, outline.title, outline.ground) == (
        ladder.key, ladder.title, ladder.ground,
    )  # fmt: skip
    assert [(rung.key, rung.title, outline.height(rung)) for rung in outline.rungs] == [
        (rung.key, rung.title, ladder.height(rung)) for rung in ladder.rungs
    ]
