"""Checks that a host can run on its own database and its own ladder."""

# ruff: noqa: S101  (asserting is what checks do)

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ladder.crm import CRM
from ladder.model.touchpoints import Touchpoint

Answers = list[tuple[object, ...]]


def stored_as_evaluated(crm: CRM, *supporters: str) -> bool:
    """Check that the stored movements of these supporters follow from their touchpoints.

    `False` means that some program bypassed the library to write, or that the library has a defect.
    `ladder verify` checks a whole organisation.
    """
    return all(crm.verify(supporter) for supporter in supporters)


class CRMChecks:
    """Tests that hold on every database: subclass this class and provide a CRM and a history.

        class TestOurCRM(CRMChecks):
            @pytest.fixture
            def crm(self, session):
                return CRM.create(session, OURS, OUR_LADDER)

            @pytest.fixture
            def history(self):
                return [Touchpoint(...), ...]  # a few, with external ids

    Every test starts from an organisation that does not know the history yet.
    """

    def test_recording_twice_changes_nothing(self, crm: CRM, history: list[Touchpoint]) -> None:
        """Recording is idempotent by (source, external id)."""
        crm.record_many(history, now=_second(1))
        before = _answers(crm, history)
        again = crm.record_many(history, now=_second(2))
        assert again.new == 0, "some touchpoint has no external id"
        assert _answers(crm, history) == before

    def test_order_of_recording_does_not_matter(self, crm: CRM, history: list[Touchpoint]) -> None:
        """Backwards and one by one, the stored movements equal the evaluated ones."""
        for number, touchpoint in enumerate(reversed(history), 1):
            crm.record(touchpoint, now=_second(number))
        assert stored_as_evaluated(crm, *_supporters_of(history)), "stored movements differ"

    def test_recording_commits_nothing(self, crm: CRM, history: list[Touchpoint]) -> None:
        """Nothing remains of a recording that the host rolls back."""
        crm.session.commit()
        crm.record_many(history, now=_second(1))
        crm.session.rollback()
        again = crm.record_many(history, now=_second(1))
        assert again.new == len(history), "something was committed, or has no external id"

    def test_history_as_known_earlier_stays_readable(
        self, crm: CRM, history: list[Touchpoint]
    ) -> None:
        """`known_at` gives the answer that was given at that time."""
        answers = {}
        for number, touchpoint in enumerate(history, 1):
            crm.record(touchpoint, now=_second(number))
            known = _supporters_of(history[:number])
            answers[number] = (known, [crm.history(supporter) for supporter in known])
        for number, (known, histories) in answers.items():
            for supporter, history_then in zip(known, histories, strict=True):
                if crm.history(supporter):  # A supporter who is silent now has no visible history.
                    then = crm.history(supporter, known_at=_second(number))
                    assert then == history_then, f"another answer after number {number}"


def _second(number: int) -> datetime:
    """Return a recording time: that many seconds after the beginning of 2100."""
    return datetime(2100, 1, 1, tzinfo=UTC) + timedelta(seconds=number)


def _supporters_of(history: Sequence[Touchpoint]) -> list[str]:
    return sorted({touchpoint.supporter for touchpoint in history})


def _answers(crm: CRM, history: Sequence[Touchpoint]) -> Answers:
    return [
        (supporter, str(crm.standing(supporter)), *map(str, crm.history(supporter)))
        for supporter in _supporters_of(history)
    ]
