"""Checks that a host can run on its own database and its own ladder."""

# ruff: noqa: S101  (asserting is what checks do)

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ladder.crm import CRM
from ladder.model.touchpoints import Touchpoint

Seen = list[tuple[object, ...]]


def stored_as_evaluated(crm: CRM, *supporters: str) -> bool:
    """Whether the stored movements of these supporters are what their touchpoints make of them.

    `False` means that somebody wrote around the library, or that the library is wrong. For a whole
    organisation there is `ladder verify`.
    """
    return all(crm.verify(each) for each in supporters)


class CRMChecks:
    """Rules that hold on every database: subclass it in your tests, and say how to get a CRM.

        class TestOurCRM(CRMChecks):
            @pytest.fixture
            def crm(self, session):
                return CRM.create(session, OURS, OUR_LADDER)

            @pytest.fixture
            def history(self):
                return [Touchpoint(...), ...]  # a few, each with an external id

    Every check starts from an organisation that does not know the history yet.
    """

    def test_recording_twice_changes_nothing(self, crm: CRM, history: list[Touchpoint]) -> None:
        """Idempotent by (source, external id)."""
        crm.record_many(history, now=_second(1))
        before = _seen(crm, history)
        again = crm.record_many(history, now=_second(2))
        assert again.new == 0, "some touchpoint has no external id"
        assert _seen(crm, history) == before

    def test_the_order_of_recording_does_not_matter(
        self, crm: CRM, history: list[Touchpoint]
    ) -> None:
        """Backwards one by one, and stored is what evaluation says."""
        for number, each in enumerate(reversed(history), 1):
            crm.record(each, now=_second(number))
        assert stored_as_evaluated(crm, *_whose(history)), "stored movements differ"

    def test_nothing_is_committed(self, crm: CRM, history: list[Touchpoint]) -> None:
        """What the host rolls back never was."""
        crm.session.commit()
        crm.record_many(history, now=_second(1))
        crm.session.rollback()
        again = crm.record_many(history, now=_second(1))
        assert again.new == len(history), "something was committed, or has no external id"

    def test_what_was_believed_can_still_be_asked(
        self, crm: CRM, history: list[Touchpoint]
    ) -> None:
        """`known_at` answers as the same question was answered then."""
        believed = {}
        for number, each in enumerate(history, 1):
            crm.record(each, now=_second(number))
            known = _whose(history[:number])
            believed[number] = (known, [crm.history(who) for who in known])
        for number, (known, told) in believed.items():
            for who, history_then in zip(known, told, strict=True):
                if crm.history(who):  # nothing is shown of who has fallen silent since
                    then = crm.history(who, known_at=_second(number))
                    assert then == history_then, f"another answer after number {number}"


def _second(number: int) -> datetime:
    """A time of recording: so many seconds after the beginning of 2100."""
    return datetime(2100, 1, 1, tzinfo=UTC) + timedelta(seconds=number)


def _whose(history: Sequence[Touchpoint]) -> list[str]:
    return sorted({each.supporter for each in history})


def _seen(crm: CRM, history: Sequence[Touchpoint]) -> Seen:
    return [(who, str(crm.standing(who)), *map(str, crm.history(who))) for who in _whose(history)]
