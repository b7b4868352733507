"""The two evaluators agree on definitions from the field, over lives made to make them true.

Random conditions meet random histories mostly by not being true at all; these are reached, with
the very counts, spans and links that people wrote down.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ladder import catalogue as catalogue_room
from ladder.coverage import Coverage
from ladder.engines import columnar
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Row, row_of
from ladder.engines.reference.history import History
from ladder.language.ladders import Ladder, Pattern
from ladder.language.nodes import Condition
from ladder.language.selectors import any_touchpoint
from ladder.lint.sample_histories import Life, lives
from ladder.model.organisations import Organisation
from tests import histories
from tests.agreement.engines import both, reference_rows
from tests.documents.catalogue import Definition, condition, definitions, kinds
from tests.random_ladders import coverages
from tests.shipped_patterns import catalogue
from tests.sizes import examples

FIRST, REACHED, MOST = 12, 8, 240
ORGANISATION = Organisation(zone="Europe/Berlin", currency="EUR", fiscal_month=7)
OWN = tuple(kind for kind in kinds().values() if kind.name in ("visit", "flagged"))
LADDER = Ladder(key="catalogue", own_kinds=OWN)


def telling(said: Condition, seed: str) -> list[Life]:
    """The first lives made for it, and some of which it is true."""
    chosen: list[Life] = []
    reached = 0
    for number, life in enumerate(islice(lives([said], LADDER, ORGANISATION, seed), MOST)):
        history = life.history(LADDER, ORGANISATION)
        if Evaluation(history, ORGANISATION, LADDER).episodes(said):
            reached += 1
            chosen.append(life)
        elif number < FIRST:
            chosen.append(life)
        if reached >= REACHED:
            break
    assert reached, "no life made for this definition reaches it"
    return chosen


def rows_of(made: Iterable[Life]) -> dict[int, tuple[list[Row], list[Row]]]:
    """Return one supporter for each life, and further supporters for the referred acts."""
    people: dict[int, tuple[list[Row], list[Row]]] = {}
    number = 0
    for person, life in enumerate(made):
        own, brought = [], []
        for touchpoint in (*life.own, *life.brought):
            row = row_of(touchpoint, number, ORGANISATION, LADDER.kinds)
            number += 1
            if touchpoint in life.own:
                own.append(row._replace(supporter=person))
            else:
                other = 1_000 * (person + 1) + int(touchpoint.supporter.split()[1])
                brought.append(row._replace(supporter=other, referrer=person))
        people[person] = own, brought
    return people


@pytest.mark.parametrize("definition", definitions(), ids=lambda each: each.name)
def test_definition_is_true_at_the_same_instants_in_both_engines(definition: Definition) -> None:
    said = condition(definition)
    people = rows_of(telling(said, definition.name))
    expected = []
    for person, (own, brought) in people.items():
        history = History.from_rows(own, ORGANISATION, LADDER.kinds, brought, None, person)
        reading = Evaluation(history, ORGANISATION, LADDER)
        expected += [(person, start, end) for start, end in reading.episodes(said)]
    frame = histories.frame([row for pair in people.values() for rows in pair for row in rows])
    found = columnar.episodes(said, frame, LADDER, ORGANISATION, [])
    assert sorted(row for row in found.rows() if row[0] < 1_000) == sorted(expected)


@pytest.mark.parametrize("name", catalogue_room.names())
@given(st.data())
def test_shipped_ladder_gives_the_same_movements_and_findings_in_both_engines(
    name: str, data: st.DataObject
) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    declared = data.draw(st.just([Coverage(selector=any_touchpoint)]) | coverages(organisation))
    ladder = catalogue_room.load(name)
    result, reference = both(made, ladder, organisation, declared)
    movements, opened = reference_rows(reference, ladder)
    assert sorted(result.movements.rows()) == movements
    assert sorted(result.findings.rows()) == opened


ALL = catalogue()
COMPOSITES = [each for each in ALL.patterns if each.refers_to_findings]


@settings(max_examples=examples(60))
@given(st.data())
def test_catalogue_gives_the_same_findings_in_both_engines(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    declared = data.draw(st.just([Coverage(selector=any_touchpoint)]) | coverages(organisation))
    result, reference = both(made, ALL, organisation, declared)
    _, opened = reference_rows(reference, ALL)
    event(f"of other findings: {any(row[1].startswith('C') for row in opened)}")
    assert sorted(result.findings.rows()) == opened


@pytest.mark.parametrize("pattern", COMPOSITES, ids=lambda each: each.key)
@settings(max_examples=examples(20))
@given(st.data())
def test_pattern_of_findings_is_true_and_assessable_at_the_same_instants(
    pattern: Pattern, data: st.DataObject
) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    declared = data.draw(coverages(organisation))
    _, reference = both(made, ALL, organisation, declared)
    assessable = ALL.assessable(pattern)
    assert assessable is not None
    for said in (ALL.possible(pattern), assessable):
        frame = histories.frame(made)
        found = columnar.episodes(said, frame, ALL, organisation, declared)
        expected = [
            (supporter, *row)
            for supporter, each in reference.items()
            for row in each.episodes(said)
        ]
        assert sorted(found.rows()) == sorted(expected)
