"""Every "not assessable" has a reason: the gap, its start, its source, the declaration."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ladder import catalogue
from ladder.coverage import BEGINNING, Coverage, covers, describe, find_missing, plainest
from ladder.coverage.missing import seen_from
from ladder.documents import parse_condition, parse_selector, parse_span
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Row
from ladder.engines.reference.history import History
from ladder.importers import Mapping
from ladder.language.conditions import is_covered
from ladder.language.ladders import Pattern
from ladder.model.calendars import DAY, Calendar
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from tests import histories
from tests.random_ladders import coverages
from tests.strategies import plain_selectors, spans

BERLIN = Calendar("Europe/Berlin")
AT = BERLIN.as_of(date(2024, 6, 1))


def day(text: str) -> int:
    return BERLIN.instant(date.fromisoformat(text))


def missing(requires: str, *declared: Coverage, begun: int = BEGINNING) -> list[str]:
    condition = parse_condition(requires)
    found = find_missing(condition, declared, KINDS, BERLIN, at=AT, begun=begun)
    return [str(each) for each in found]


def test_empty_coverage_is_reported() -> None:
    requires = 'is_covered(outbound and purpose("thank") and not automated, months(12))'
    assert missing(requires) == ["all thanks from 2023-06-01 on: nothing of it is declared"]


def test_coverage_declared_too_late_is_named_with_its_source() -> None:
    office = Coverage(selector=parse_selector("outbound"), since=day("2024-01-01"), source="office")
    requires = 'is_covered(outbound and purpose("ask") and asks_for("money"), months(12))'
    (told,) = missing(requires, office)
    assert told == (
        "all requests for money from 2023-06-01 on: "
        "declared are only outbound of office since 2024-01-01"
    )


def test_source_that_is_silent_about_a_part_is_named() -> None:
    said_ = [
        Coverage(selector=parse_selector('purpose("thank")'), source="office"),
        Coverage(selector=parse_selector('channel("email") and purpose("thank")'), source="mail"),
    ]
    requires = parse_condition('is_covered(outbound and purpose("thank"), ever)')
    (lack,) = find_missing(requires, said_, KINDS, BERLIN, at=AT)
    assert lack.declarations == (
        'purpose("thank") of office',
        'channel("email") and purpose("thank") of mail',
    )
    assert "all thanks: declared are only" in str(lack)


def test_coverage_before_the_first_touchpoint_is_not_required() -> None:
    late = Coverage(selector=parse_selector("inbound"), since=day("2024-01-01"))
    assert missing("is_covered(inbound, ever)", late, begun=day("2024-02-01")) == []
    (told,) = missing("is_covered(inbound, ever)", late, begun=day("2023-02-01"))
    assert told == (
        "everything that came from supporters from 2023-02-01 on: "
        "declared are only inbound since 2024-01-01"
    )


def test_alternative_with_the_smaller_gap_is_reported() -> None:
    gifts = Coverage(selector=parse_selector("donation"))
    requires = """
        is_covered(reply, ever) and is_covered(donation, ever)
        or is_covered(outbound, ever) and is_covered(comment, ever)
    """
    assert missing(requires, gifts) == ["every reply: nothing of it is declared"]


def test_unassessable_reasons_beyond_coverage_are_not_reported() -> None:
    assert missing("count(appeal, ever) >= 1") == []


def test_proposed_declaration_is_a_valid_mapping_that_closes_the_gap() -> None:
    requires = catalogue.load("default").pattern("O2").requires
    assert requires is not None
    found = find_missing(requires, (), KINDS, BERLIN, at=AT)
    text = 'source = "crm"\n' + "\n".join(lack.toml for lack in found)
    mapping = Mapping.parse(text)
    declared = [
        Coverage(selector=parse_selector(each.selector), since=BERLIN.instant(each.since))
        for each in mapping.coverage
        if each.since is not None
    ]
    assert len(declared) == 3
    assert find_missing(requires, declared, KINDS, BERLIN, at=AT) == []


@pytest.mark.parametrize("pattern", catalogue.patterns(), ids=lambda pattern: pattern.key)
def test_shipped_patterns_name_their_missing_declarations(pattern: Pattern) -> None:
    requires = pattern.requires
    if requires is None:
        return
    for lack in find_missing(requires, (), KINDS, BERLIN, at=AT):
        assert covers(lack.declare, lack.required, KINDS)
        assert not {"(", "_", '"'} & set(describe(lack.declare).replace("(sign, share, vote)", ""))


@given(asked=plain_selectors(1))
def test_plainest_selector_covers_the_requirement(asked: object) -> None:
    assert covers(plainest(asked, KINDS), asked, KINDS)  # type: ignore[arg-type]


@given(data=st.data())
def test_gap_is_reported_exactly_where_the_requirement_is_not_logged(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    declared = data.draw(coverages(organisation))
    asked = data.draw(plain_selectors(1))
    span = data.draw(spans(1).filter(lambda each: "until" not in str(each)))
    made = data.draw(histories.rows(organisation))
    own, _ = histories.of_person(made, made[0].supporter)
    history = History.from_rows(own, organisation, KINDS, (), None, made[0].supporter)
    if history.t0 is None:
        return
    at = max(history.t0, data.draw(histories.moments(organisation.calendar))[0])
    requires = is_covered(asked, span)
    first, last = seen_from(span, at, organisation.calendar)
    assume(first <= last)  # of what never counts, see below
    evaluation = Evaluation(history, organisation, None, declared)
    found = find_missing(requires, declared, KINDS, organisation.calendar, at=at, begun=history.t0)
    assert bool(found) != evaluation.at(requires, at)


def test_gap_within_a_wider_gap_is_not_reported_again() -> None:
    asked = parse_selector("inbound and (question or complaint or where(expects_reply=true))")
    assert describe(plainest(asked, KINDS)) == "everything that came from supporters"


def test_span_that_never_counts_has_no_gap_and_no_complete_log() -> None:
    """Two spans that never overlap: the evaluators join them for a whole gap, and stay careful."""
    never = parse_span("years(0) and older_than(end_of('day'), end_of('day', 1))")
    requires = is_covered(parse_selector("donation"), never)
    rows = [Row(id=0, supporter="ada", kind="newsletter", at=AT - DAY)]
    history = History.from_rows(rows, Organisation(zone="Europe/Berlin"), KINDS, supporter="ada")
    evaluation = Evaluation(history, Organisation(zone="Europe/Berlin"), None, [])
    assert find_missing(requires, [], KINDS, BERLIN, at=AT, begun=AT - DAY) == []
    assert not evaluation.at(requires, AT)
