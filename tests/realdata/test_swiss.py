"""A Swiss charity's export, read as it leaves its CRM."""

from __future__ import annotations

import gzip
from collections import Counter
from decimal import Decimal

import pytest

from ladder.errors import ImportFileError
from ladder.importers import Mapping
from ladder.importers.instalments import regular
from tests.realdata.conftest import SWISS
from tests.realdata.replays import Replay, mapping_of, shared

pytestmark = pytest.mark.shared_data


def lines() -> list[str]:
    path = shared("swiss_ngo", "transactions_slim_no_pii.csv.gz")
    return gzip.decompress(path.read_bytes()).decode("cp1252").split("\r\n")


def test_gifts_and_donors_are_all_kept(swiss: Replay) -> None:
    assert swiss.rows_read == swiss.frame.height == 13_489
    assert (swiss.refused, swiss.ignored) == ([], 0)
    assert swiss.frame["supporter"].n_unique() == 1_492


def test_1351_rows_that_equal_another_are_gifts_of_their_own(swiss: Replay) -> None:
    written = [line for line in lines()[1:] if line]
    equal = sum(number - 1 for number in Counter(written).values())
    assert equal == 1_351
    assert swiss.frame["external_id"].n_unique() == len(written)


def test_file_read_again_gives_the_same_gifts(swiss: Replay) -> None:
    path = shared("swiss_ngo", "transactions_slim_no_pii.csv.gz")
    again = Replay.of(path, "swiss/mapping.toml", SWISS, swiss.ladder)
    assert again.frame.equals(swiss.frame)


def test_decimal_commas_sum_to_the_cent(swiss: Replay) -> None:
    header, *rows = (line.split(";") for line in lines() if line)
    column = header.index("Betrag")
    plain = sum(Decimal(row[column].strip('"').replace(",", ".")) for row in rows)
    assert Decimal(swiss.frame["amount"].sum()) / 100 == plain
    assert swiss.frame["currency"].unique().to_list() == ["CHF"]


def test_sponsorships_paid_month_by_month_are_pointed_to(swiss: Replay) -> None:
    """A column of kinds would tell; there is none, and 92 people's sponsorships look like gifts."""
    found = regular(swiss.frame, swiss.organisation.calendar)
    assert (found.gifts, found.supporters) == (6_456, 92)


def test_wrong_encoding_is_rejected_with_advice() -> None:
    written = mapping_of("swiss/mapping.toml").model_dump(exclude_defaults=True)
    written["file"] |= {"encoding": "utf-8"}
    path = shared("swiss_ngo", "transactions_slim_no_pii.csv.gz")
    with pytest.raises(ImportFileError, match='say encoding = "cp1252"'):
        Replay.of(path, Mapping.model_validate(written), SWISS, "donor_states")
