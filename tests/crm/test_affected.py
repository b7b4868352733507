"""A recording evaluates only the rungs and patterns that a touchpoint can affect."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from ladder.crm import CRM
from ladder.engines.incremental.relevance import find_impact
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import findings, movements
from ladder.model.organisations import Organisation
from ladder.storage.write import bitemporal
from ladder.storage.write.loading import find_awaited
from tests import histories
from tests.crm.worlds import ALDER, clock
from tests.random_ladders import coverages, ladders
from tests.six_patterns import six
from tests.sizes import examples

DEFAULT = six()


def borne_on(kind: str, *, last: bool = False, **more: Any) -> tuple[bool, set[str]]:
    """Return what such a touchpoint affects in the default ladder."""
    from ladder.model.touchpoints import Touchpoint  # noqa: PLC0415

    touchpoint = Touchpoint(supporter="ada", kind=kind, at="2024-03-05", **more)
    (fact,) = History.of([touchpoint], ALDER, DEFAULT.kinds).facts
    found = find_impact(fact, DEFAULT, ALDER, last=last)
    return found.standing, set(found.patterns)


def test_touchpoint_sent_by_the_organisation_moves_no_supporter() -> None:
    moves, patterns = borne_on("appeal")
    assert not moves
    assert {"O2", "O7"} <= patterns
    assert "S1" not in patterns


def test_opened_mail_moves_the_supporter_and_is_not_thanks() -> None:
    moves, patterns = borne_on("email_opened")
    assert moves
    assert "O1" not in patterns


def test_last_touchpoint_changes_no_earlier_moment() -> None:
    """An opened mail says whether a later request was cold, and nothing of the earlier ones."""
    _, patterns = borne_on("email_opened")
    assert "O9" in patterns
    _, patterns = borne_on("email_opened", last=True)
    assert "O9" not in patterns


def test_gift_affects_nearly_all_rungs() -> None:
    moves, patterns = borne_on("donation", amount="25")
    assert moves
    assert {"O1", "O2", "S1", "S4"} <= patterns


@settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
@given(st.data())
def test_results_that_a_touchpoint_cannot_affect_stay_unchanged(data: st.DataObject) -> None:
    organisation: Organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    ladder, coverage = data.draw(ladders()), data.draw(coverages(organisation))
    own, brought = histories.of_person(made, 1)
    acts = [row for row in brought if row.referrer == 1]
    assume(own or acts)
    new = data.draw(st.sampled_from([*own, *acts]))
    before, after = (
        Evaluation(
            History.from_rows(mine, organisation, ladder.kinds, others, None, 1),
            organisation,
            ladder,
            coverage,
        )
        for mine, others in (
            ([row for row in own if row != new], [row for row in brought if row != new]),
            (own, brought),
        )
    )
    assume(before.history.t0 is not None and before.history.t0 == after.history.t0)
    assume(not ladder.kinds[new.kind].role and not find_awaited([*own, *brought], [new.id]))
    (fact,) = [fact for fact in after.history.facts if fact.id == new.id]
    last = all(other.at < fact.at for other in after.history.everything if other is not fact)
    found = find_impact(fact, ladder, organisation, last=last)
    event(f"last: {last}, moves: {found.standing}, patterns: {len(found.patterns)}")
    event(f"referred: {fact.brought}")
    if not found.standing:
        assert told(movements(before, ladder)) == told(movements(after, ladder))
    others = {pattern.key for pattern in ladder.patterns} - found.patterns
    assert findings(before, ladder, others) == findings(after, ladder, others)


def told(moved: list[Any]) -> list[Any]:
    """Movements with causes by their ids: facts of two histories are not the same objects."""
    return [
        (m.at, m.until, m.kind, m.before, m.after, m.skipped, m.new_peak, m.cause,
         [fact.id for fact in m.causes])
        for m in moved
    ]  # fmt: skip


def test_recording_leaves_unaffected_rows_unchanged(session: Session, monkeypatch: Any) -> None:
    crm = CRM.create(session, ALDER, DEFAULT, clock=clock)
    asked: list[Any] = []
    apply_changes = bitemporal.apply_changes

    def noted(*args: Any, **kwargs: Any) -> Any:
        wanted = args[4]
        asked.append((wanted.movements is not None, wanted.patterns))
        return apply_changes(*args, **kwargs)

    monkeypatch.setattr(bitemporal, "apply_changes", noted)
    crm.record(supporter="ada", kind="donation", at="2024-03-05", external_id="d1")
    crm.record(supporter="ada", kind="appeal", at="2024-03-06", external_id="a1")
    crm.record(supporter="ada", kind="donation", at="2024-03-04", external_id="d0")
    crm.record(supporter="ada", kind="void", at="2024-03-09", answers="a1")
    everything = {pattern.key for pattern in DEFAULT.patterns}
    assert [moved for moved, _ in asked] == [True, False, True, True]
    assert [among == everything for _, among in asked] == [True, False, True, True]
    assert crm.verify("ada")
