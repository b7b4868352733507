"""Each export is read and evaluated once for all tests of a run."""

from __future__ import annotations

import pytest

from ladder.importers import Mapping
from ladder.model.organisations import Organisation
from tests.realdata.replays import Replay, in_dollars, ladder_of, mapping_of, shared

LEEDS = Organisation(key="leeds2023", zone="Europe/London", currency="GBP")
AMERICAN = Organisation(key="american", zone="America/New_York", currency="USD")
SWISS = Organisation(key="swiss", zone="Europe/Zurich", currency="CHF")
MARATHON = Organisation(key="gdq", zone="UTC", currency="USD")


@pytest.fixture(scope="session")
def leeds() -> Replay:
    """The change log of 2,823 volunteers, and how far each had come."""
    log = shared("leeds2023", "status_log_from_222_snapshots.csv")
    return Replay.of(log, "leeds/mapping.toml", LEEDS, "leeds/ladder.toml")


@pytest.fixture(scope="session")
def npsp() -> Replay:
    """A CRM's sample, on its own giving levels."""
    events = shared("npsp_trailhead", "trailhead_events_flat.csv")
    return Replay.of(events, "npsp/mapping.toml", AMERICAN, "npsp/ladder.toml")


@pytest.fixture(scope="session")
def cdnow() -> Replay:
    """The 1-in-10 sample of a shop's customers."""
    sample = shared("lifetimes", "CDNOW_sample.txt")
    return Replay.of(sample, "cdnow/mapping.toml", AMERICAN, "cdnow/ladder.toml")


@pytest.fixture(scope="session")
def swiss() -> Replay:
    """A charity's gifts, in the donor states of each calendar year."""
    export = shared("swiss_ngo", "transactions_slim_no_pii.csv.gz")
    return Replay.of(export, "swiss/mapping.toml", SWISS, "donor_states")


@pytest.fixture(scope="session")
def gdq() -> Replay:
    """Gifts to charity marathons, in the donor states of each calendar year."""
    gifts = shared("gdq", "gdq_donations_pseudonymised.csv.gz")
    return Replay.of(gifts, "gdq/mapping.toml", MARATHON, "donor_states")


@pytest.fixture(scope="session")
def virtuous() -> Replay:
    """A small export, with amounts that are finer than a cent rounded as the mapping may say."""
    written = mapping_of("virtuous/mapping.toml").model_dump(exclude_defaults=True)
    written["amounts"] |= {"finer": "round"}
    gifts = shared("virtuous", "gifts.csv")
    return Replay.of(gifts, Mapping.model_validate(written), AMERICAN, "giving_levels")


@pytest.fixture(scope="session")
def currencies() -> Replay:
    """One donor in several currencies, with a converter made of the noted dollar values."""
    path = shared("one_donor_many_currencies", "donations.csv")
    ladder = ladder_of("currencies/ladder.toml")
    gifts = Replay.of(path, "currencies/mapping.toml", AMERICAN, ladder)
    return gifts.on(ladder.model_copy(update={"rates": in_dollars(gifts)}))
