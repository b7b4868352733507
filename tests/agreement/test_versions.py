"""A ladder by several definitions: at every instant the one that speaks, by both evaluators."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ladder.coverage import BEGINNING
from ladder.engines import columnar
from ladder.engines.reference.movements import Finding, Movement, findings, standing
from ladder.engines.reference.versions import VersionedEvaluation
from ladder.language.standings import GROUND, Place
from ladder.language.versions import Version, speaking
from ladder.model.calendars import DAY, FOREVER
from ladder.model.organisations import Organisation
from tests import histories
from tests.agreement.engines import readings
from tests.random_ladders import coverages, ladders


@st.composite
def successions(draw: st.DrawFn, organisation: Organisation) -> list[Version]:
    """One to three definitions; the first speaks from the beginning, or not."""
    instant = histories.moments(organisation.calendar).map(lambda moment: moment[0])
    froms = sorted(draw(st.sets(instant, min_size=1, max_size=3)))
    if draw(st.booleans()):
        froms[0] = BEGINNING
    return [Version(since, draw(ladders())) for since in froms]


def place_of(line: list[Movement], at: int) -> Place:
    return next((each.after for each in line if each.at <= at < each.until), GROUND)


def open_of(line: list[Finding], at: int) -> set[tuple[str, str]]:
    return {(each.pattern, each.severity) for each in line if each.at <= at < each.until}


@given(st.data())
def test_standing_at_any_instant_is_that_of_the_definition_in_force(
    data: st.DataObject,
) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    versions = data.draw(successions(organisation))
    coverage = data.draw(coverages(organisation))
    by_each = [readings(made, each.ladder, organisation, coverage) for each in versions]
    for supporter in by_each[0]:
        lines = VersionedEvaluation(versions, [each[supporter] for each in by_each])
        line, found = lines.movements(), lines.findings()
        edges = {each.since for each in versions} | {each.at for each in line}
        edges |= {edge for each in found for edge in (each.at, each.until)}
        for at in (instant + more for instant in edges for more in (-1, 0, 1, 40 * DAY)):
            if not BEGINNING < at < FOREVER:
                continue
            ladder = speaking(versions, at)
            number = [each.ladder for each in versions].index(ladder)
            evaluation = lines.evaluations[number]
            silent_yet = at < versions[0].since
            expected = GROUND if silent_yet else standing(evaluation, ladder, at)
            assert place_of(line, at) == expected
            told = set() if silent_yet else open_of(findings(evaluation, ladder), at)
            assert open_of(found, at) == told
        _is_a_line(line)


def _is_a_line(line: list[Movement]) -> None:
    """Each movement begins where the one before it ended, and leads elsewhere."""
    place = GROUND
    for number, each in enumerate(line):
        last = number + 1 == len(line)
        assert each.until == (FOREVER if last else line[number + 1].at)
        assert each.before == place != each.after
        assert (each.causes == ()) >= (each.cause == "definition")
        place = each.after


@given(st.data())
def test_engines_join_versions_alike(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    versions = data.draw(successions(organisation))
    coverage = data.draw(coverages(organisation))
    by_each = [readings(made, each.ladder, organisation, coverage) for each in versions]
    moved: list[Any] = []
    opened: list[Any] = []
    for supporter in by_each[0]:
        lines = VersionedEvaluation(versions, [each[supporter] for each in by_each])
        moved += [(supporter, *_told(each)) for each in lines.movements()]
        opened += [
            (supporter, each.pattern, each.severity, each.at, each.until)
            for each in lines.findings()
        ]
    found = columnar.evaluate_all(histories.frame(made), versions, organisation, coverage)
    assert sorted(found.movements.rows()) == sorted(moved)
    assert sorted(found.findings.rows()) == sorted(opened)


def _told(each: Movement) -> tuple[Any, ...]:
    return (
        each.at, each.until, each.kind, str(each.before), each.before.height, str(each.after),
        each.after.height, "+".join(each.skipped), each.new_peak, each.cause,
        sorted(fact.id for fact in each.causes),
    )  # fmt: skip
