"""Charity marathons: 291,885 gifts, each to the cent, many of them nobody's in particular."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from tests.realdata.replays import Replay, shared

pytestmark = pytest.mark.shared_data

PUBLISHED = {
    "agdq2014": Decimal("1031665.50"),
    "sgdq2015": Decimal("1215601.49"),
    "agdq2017": Decimal("2222790.52"),
}
ANONYMOUS = pl.col("supporter").str.starts_with("anonymous:")


def gifts(gdq: Replay) -> pl.DataFrame:
    """The rows of the file; what says of 65,658 of them that they are nobody's comes with them."""
    return gdq.frame.filter(pl.col("kind") == "donation")


def test_gifts_are_all_imported(gdq: Replay) -> None:
    assert gdq.rows_read == gifts(gdq).height == 291_885
    assert (gdq.refused, gdq.ignored) == ([], 0)
    assert gifts(gdq)["external_id"].n_unique() == 291_885


def test_event_totals_are_the_published_ones_to_the_cent(gdq: Replay) -> None:
    sums = dict(gifts(gdq).group_by("campaign").agg(pl.col("amount").sum()).iter_rows())
    found = {event: Decimal(minor) / 100 for event, minor in sums.items()}
    assert {event: found[event] for event in PUBLISHED} == PUBLISHED
    path = shared("gdq", "gdq_donations_pseudonymised.csv.gz")
    raw = pl.read_csv(path, infer_schema_length=0)
    amounts = pl.col("amount").cast(pl.Decimal(18, 2))
    plain = dict(raw.group_by("event").agg(amounts.sum()).iter_rows())
    assert len(plain) == 17
    assert found == plain


def test_anonymous_donor_is_not_one_person(gdq: Replay) -> None:
    anonymous = gifts(gdq).filter(ANONYMOUS)
    assert anonymous.height == anonymous["supporter"].n_unique() == 65_658
    assert "(Anonymous)" not in set(gdq.frame["supporter"])


def test_anonymous_donors_never_have_a_rung(gdq: Replay) -> None:
    placeholders = gdq.frame.filter(pl.col("kind") == "placeholder")
    assert set(placeholders["supporter"]) == set(gdq.frame.filter(ANONYMOUS)["supporter"])
    moved = gdq.result.movements.filter(ANONYMOUS)
    assert dict(moved["kind"].value_counts().iter_rows()) == {"silenced": 65_658}
    everything = gdq.on_default(logged=True).result
    assert everything.findings.filter(ANONYMOUS).is_empty()


def test_244_rows_that_equal_another_are_gifts_of_their_own(gdq: Replay) -> None:
    path = shared("gdq", "gdq_donations_pseudonymised.csv.gz")
    raw = pl.read_csv(path, infer_schema_length=0)
    equal = raw.is_duplicated()
    assert raw.height - raw.unique().height == 244
    assert gifts(gdq).filter(equal)["external_id"].n_unique() == int(equal.sum())
