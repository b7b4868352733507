"""Helpers for the tests of a host: a database in memory, short histories and random histories.

    def test_donor_who_stops_falls():
        with memory_session() as session:
            crm = memory_crm(session, now=date(2024, 6, 1))
            crm.record_many(supporter_history("ada", ("donation", date(2023, 1, 5), "25")))
            assert crm.standing("ada").rungs == ()

The random histories (`touchpoints`, `histories`) need hypothesis. The rest needs only the library.
"""

from __future__ import annotations

from ladder.testing.builders import at, memory_crm, memory_session, supporter_history
from ladder.testing.checks import CRMChecks, stored_as_evaluated

__all__ = [
    "CRMChecks",
    "at",
    "histories",
    "memory_crm",
    "memory_session",
    "stored_as_evaluated",
    "supporter_history",
    "touchpoints",
]


def __getattr__(name: str) -> object:
    """Import the strategies on first use, because only tests need hypothesis."""
    if name in ("histories", "touchpoints"):
        from ladder.testing import strategies  # noqa: PLC0415

        return getattr(strategies, name)
    message = f"module 'ladder.testing' has no attribute {name!r}"
    raise AttributeError(message)
