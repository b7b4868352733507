"""Receipts are not thanks, and instalments need none."""

from __future__ import annotations

from typing import Any

import pytest

from ladder import catalogue
from ladder.engines.reference.movements import findings
from ladder.reports.metrics import Pieces
from tests.engines.tables import Life, covered

EVERYTHING = (covered("any_touchpoint"),)

Row = tuple[Any, ...]


def found(*rows: Row) -> set[str]:
    """The keys of the patterns that were ever found in such a life."""
    ladder = catalogue.load("default")
    life = Life(rows, coverage=EVERYTHING)
    return {each.pattern for each in findings(life.evaluation(ladder), ladder)}


GIFT = ("2024-01-10", "donation", {"external_id": "g"})


def answer(kind: str, **more: Any) -> Row:
    return ("2024-01-11", kind, {"answers": "g", **more})


@pytest.mark.parametrize(
    "row",
    [
        answer("receipt"),
        answer("receipt", purposes={"thank", "receipt"}),
        answer("thank_you", automated=True),
        ("2024-01-11", "thank_you", {"automated": True}),
    ],
    ids=["receipt", "receipt that says thanks", "automated thanks", "automated, unlinked"],
)
def test_automatic_message_is_not_thanks(row: Row) -> None:
    assert "O1" in found(GIFT, row)


@pytest.mark.parametrize("more", [{}, {"automated": False}])
def test_personal_message_is_thanks(more: dict[str, Any]) -> None:
    assert "O1" not in found(GIFT, answer("thank_you", **more))
    assert "O1" not in found(GIFT, ("2024-01-11", "thank_you", more))


def test_metrics_count_receipts_as_thanks_only_on_request() -> None:
    life = Life([GIFT, answer("receipt", purposes={"thank", "receipt"})])
    evaluation = life.evaluation()
    pieces = Pieces.from_catalogue()
    assert evaluation.select(pieces.thanked) == []
    assert len(evaluation.select(pieces.with_receipts().thanked)) == 1


def monthly(number: int, kind: str) -> list[Row]:
    return [(f"{2023 + n // 12}-{n % 12 + 1:02}-03", kind, {"amount": "10"}) for n in range(number)]


def test_instalments_ask_for_no_thanks_of_their_own() -> None:
    regular = [("2023-01-02", "commitment_started"), *monthly(18, "instalment")]
    assert not found(*regular) & {"O1", "O2", "S1"}
    assert "O1" in found(*monthly(18, "donation"))


def test_commitment_is_one_occasion_and_its_instalments_are_none() -> None:
    life = Life([("2023-01-02", "commitment_started"), *monthly(18, "instalment")])
    assert len(life.evaluation().select(Pieces.from_catalogue().occasion)) == 1


def test_paying_a_pledge_is_no_new_occasion() -> None:
    pledged = ("2023-01-02", "pledge", {"external_id": "p", "amount": "120"})
    paid = ("2023-02-02", "donation", {"answers": "p", "amount": "60"})
    assert Life([pledged, paid]).evaluation().select(Pieces.from_catalogue().occasion) == []
    assert "O1" not in found(pledged, paid)
