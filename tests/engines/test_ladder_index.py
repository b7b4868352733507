"""The index of a ladder is made once, for all organisations."""

from __future__ import annotations

from ladder.documents.expression_parser import parse_condition
from ladder.engines.incremental.indexed_evaluator import IndexedEvaluation
from ladder.engines.incremental.ladder_index import NodeIds, index_of
from tests.engines.tables import Life, ladder

GIVES = "count(donation, months(12)) >= 1"
MADE = ladder(GIVES, f"{GIVES} and count(reply, ever) >= 1")


def test_equal_nodes_have_one_number_and_different_ones_their_own() -> None:
    node_ids = NodeIds()
    one, same = parse_condition(GIVES), parse_condition(GIVES)
    assert one is not same
    assert node_ids[one] == node_ids[same]
    assert node_ids[parse_condition("count(donation, months(13)) >= 1")] != node_ids[one]


def test_evaluation_adds_nothing_to_its_ladders_numbers() -> None:
    index = index_of(MADE)
    before = len(index.node_ids)
    life = Life([("2024-01-01", "donation")])
    evaluation = IndexedEvaluation(life.history, life.organisation, MADE)
    for days in (7, 8):
        assert evaluation.episodes(parse_condition(f"count(donation, days({days})) >= 1"))
    assert len(index.node_ids) == before


def test_ladder_is_indexed_once() -> None:
    assert index_of(MADE) is index_of(MADE)
    assert index_of(MADE) is not index_of(ladder(GIVES))


def test_ladder_index_serves_organisations_of_different_currencies() -> None:
    rich = ladder('total(donation, ever) >= "10"')
    euros = Life([("2024-01-01", "donation", {"amount": "10"})])
    yen = Life([("2024-01-01", "donation", {"amount": "10"})], currency="JPY")
    dinar = Life([("2024-01-01", "donation", {"amount": "9.999"})], currency="KWD")
    assert [len(life.movements(rich)) for life in (euros, yen, dinar)] == [1, 1, 0]


def test_months_of_different_calendars_do_not_mix() -> None:
    rows = [("2024-01-01", "donation")]
    made = ladder("count(donation, fiscal_year(0)) >= 1")
    for fiscal, end in (((1, 1), "2025-01-01"), ((7, 1), "2024-07-01")):
        life = Life(rows, fiscal=fiscal, zone="Europe/Berlin")
        assert life.episodes('on_rung("one")', made) == [f"2024-01-01 .. {end}"]
