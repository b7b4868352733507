"""A log of nothing but gifts accuses nobody: what it does not hold, it cannot miss."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from ladder import catalogue
from ladder.coverage import Coverage
from ladder.engines.reference.verdicts import verdicts
from ladder.language.selectors import kind
from ladder.reports.coverage import survey_of_frames
from tests.realdata.replays import Replay

pytestmark = pytest.mark.shared_data

LAST_DAY = {"swiss": date(2025, 10, 31), "gdq": date(2017, 7, 31)}


@pytest.fixture(scope="module", params=LAST_DAY)
def gifts(request: pytest.FixtureRequest) -> tuple[Replay, date]:
    """An export of gifts on the default ladder with all 36 patterns; nothing declared logged."""
    replay: Replay = request.getfixturevalue(request.param).on_default(logged=False)
    ladder = replay.ladder.model_copy(update={"patterns": catalogue.patterns()})
    return replace(replay, ladder=ladder), LAST_DAY[request.param]


def test_gifts_only_log_never_gives_a_finding(gifts: tuple[Replay, date]) -> None:
    replay, _ = gifts
    assert len(replay.ladder.patterns) == 36
    assert replay.result.movements.height > 0
    assert replay.result.findings.is_empty()


def test_requirements_of_patterns_are_never_true(gifts: tuple[Replay, date]) -> None:
    replay, _ = gifts
    without = [each.key for each in replay.ladder.patterns if each.requires is None]
    assert without == ["O15", "C1", "C2"]  # a duty, and what is made of other findings
    for pattern in replay.ladder.patterns:
        if pattern.requires is not None:
            assert replay.episodes(pattern.requires).is_empty(), pattern.key


def test_verdicts_are_not_assessable_with_a_reason(gifts: tuple[Replay, date]) -> None:
    replay, day = gifts
    nobody = set(replay.frame.filter(pl.col("kind") == "placeholder")["supporter"])
    rows = replay.rows_of([supporter for supporter in replay.sample(60) if supporter not in nobody])
    said = [
        (verdict.pattern.key, verdict.word, bool(verdict.reason))
        for mine in rows.values()
        for verdict in verdicts(replay.reading_of(mine), replay.ladder, replay.end_of(day))
    ]
    assert len(said) == 36 * len(rows)
    clear = {key for key, word, _ in said if word == "clear"}
    assert clear <= {"O15", "C1", "C2"}  # nobody is accused who may not be of any of their parts
    assert all(word == "clear" or reason for _, word, reason in said)
    assert {word for _, word, _ in said} == {"clear", "not assessable"}


def test_coverage_of_gifts_alone_gives_no_finding(
    gifts: tuple[Replay, date],
) -> None:
    replay, _ = gifts
    declared = replace(replay, coverage=(Coverage(selector=kind("donation")),))
    assert declared.result.findings.is_empty()


def test_full_coverage_makes_the_same_gifts_unthanked(
    gifts: tuple[Replay, date],
) -> None:
    """That the tests above can fail at all."""
    replay, _ = gifts
    logged = replay.on_default(logged=True)
    found = logged.result.findings.filter(pl.col("pattern") == "O1")
    nobody = replay.frame.filter(pl.col("kind") == "placeholder")["supporter"]
    people = set(replay.frame["supporter"]) - set(nobody)
    assert set(found["supporter"]) == people


def test_survey_says_what_is_missing_and_proposes_no_more_than_gifts(
    gifts: tuple[Replay, date],
) -> None:
    replay, day = gifts
    frames = [batch.frame for batch in replay.batches]
    now = replay.end_of(day)
    found = survey_of_frames(frames, replay.organisation, replay.ladder, now=now)
    assert found.holdings.touchpoints == replay.rows_read
    of_silence = [each for each in found.readiness if found.ladder.needs_of(each.pattern)]
    assert len(found.readiness) - len(of_silence) == 1  # O15: letters after an objection are there
    assert {each.assessable for each in of_silence} == {0}
    assert all(each.missing for each in of_silence)
    # A charity is given to in every month; between two marathons nobody gives.
    whats = ("every donation", "everything of money that came from supporters")
    expected = [(what, date(2017, 12, 1), None) for what in whats]
    proposed = [(each.what, each.since, each.until) for each in found.proposals]
    assert proposed == (expected if replay.organisation.key == "swiss" else [])
    # Declared, gifts would tell of some who only give. Of the organisation they would tell nothing
    # but that no letters are there: too many (O14), or in spite of an objection (O15).
    then = {each.pattern for each in found.then if each.assessable}
    assert {each.key for each in then if each.side == "organisation"} <= {"O14", "O15"}
    assert found.crowds == ()
