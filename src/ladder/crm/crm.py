"""The desk at which a host stands: one organisation, in the host's own session."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Self

from ladder.contact_rules import Rules
from ladder.contact_rules import load as load_rules
from ladder.contact_rules.next_action import Call
from ladder.coverage import BEGINNING, Coverage
from ladder.crm.changes import Recorded, RecordedMany
from ladder.crm.context import OrganisationContext
from ladder.crm.evaluation import evaluate_whole
from ladder.crm.finding_actions import ActionRequest, act
from ladder.crm.finding_states import finding_context, refresh_all_states
from ladder.crm.may_ask import Amount, MayAsk, may_ask
from ladder.crm.next_touch import NextTouch, next_touch, touch_of_call
from ladder.crm.queries import SupporterQueries
from ladder.crm.recording import record
from ladder.crm.reevaluation import Restated, reevaluate_all
from ladder.crm.results import Action, Explained, Finding, Movement, Standing, Unassessed
from ladder.crm.time_conversion import local, utc_now
from ladder.crm.validation import touchpoint_of
from ladder.documents import dump, parse_selector
from ladder.errors import DefinitionError
from ladder.findings import state_mismatches
from ladder.language.ladders import Ladder
from ladder.language.nodes import Selector
from ladder.model.calendars import FOREVER, to_instant
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Touchpoint
from ladder.storage import coverage, definitions
from ladder.storage.store import Store
from ladder.storage.transactions import Host, Moment, flushed, moment_of, usable
from ladder.storage.write import recording
from ladder.storage.write.bitemporal import Changed, LadderRows
from ladder.storage.write.loading import load_whole
from ladder.storage.write.recording import read_supporter

When = datetime | date
Clock = Callable[[], datetime]


class CRM:
    """One organisation's supporters, in the session (or connection) and transaction of a host.

    It flushes and never commits: what it wrote appears when the host commits, and is gone when the
    host rolls back. `ladder` is the key of the ladder that questions are about, needed only where
    the organisation has several; a recording is judged by all of them. `clock` says what time it
    is, where a call is not told (`now=`).

        crm = CRM(session, organisation="alder")
        crm.record(supporter="ada", kind="donation", at=date(2024, 3, 5), amount="25")
        session.commit()

    Times are given as aware datetimes or bare dates and come back as aware datetimes in the
    organisation's zone. Like its session it is for one thread. Every call raises `NotKnown` for an
    organisation that was never created, and for unknown supporters, ladders and rungs.
    """

    def __init__(
        self,
        session: Host,
        organisation: str,
        ladder: str | None = None,
        *,
        clock: Clock = utc_now,
        rules: Path | str | None = None,
    ) -> None:
        self.session = usable(session)
        self.key = organisation
        self.ladder_key = ladder
        self.clock = clock
        self.rules = rules
        self._reading: tuple[Moment, OrganisationContext] | None = None
        self._writing: tuple[Moment, OrganisationContext] | None = None

    @classmethod
    def create(
        cls,
        session: Host,
        organisation: Organisation,
        ladder: Ladder | None = None,
        *,
        coverage: Iterable[Coverage] = (),
        clock: Clock = utc_now,
        now: datetime | None = None,
    ) -> Self:
        """Set an organisation up, or find it as it was: its ladder adopted, its coverage declared.

        May be called at every start of a host: what is there already changes nothing. A ladder that
        means something else than the one in force is adopted from now on. Raises
        `StorageError` for an organisation that is known with another zone, currency or fiscal year.
        """
        Store.ensure(flushed(usable(session)), organisation)
        crm = cls(session, organisation.key, clock=clock)
        crm._declare(list(coverage), now)
        if ladder is not None:
            crm._keep(ladder, now)
            crm.ladder_key = ladder.key
        return crm

    @property
    def organisation(self) -> Organisation:
        """Its zone, currency and fiscal year."""
        return self._context().store.organisation

    @property
    def ladder(self) -> Ladder:
        """The ladder that questions are about, as it is now."""
        return self._context().chosen(self.ladder_key).at(self._now(None))

    @property
    def definition_id(self) -> int:
        """The id by which `ladder.storage.selects` knows that ladder, whatever is adopted later."""
        return self._context().chosen(self.ladder_key).definition.root

    def record(
        self,
        touchpoint: Touchpoint | None = None,
        *,
        now: datetime | None = None,
        **fields: Any,  # noqa: ANN401
    ) -> Recorded:
        """Take a touchpoint in, and move whoever moves by it. Give a `Touchpoint` or its fields.

        The same again (by source and external id) changes nothing. One that comes late, a void and
        a refund are all alike: her history is evaluated anew, what is no longer so is retracted,
        what is new is added; and so for whoever is named as the referrer.

        Raises `DuplicateTouchpoint` for another content under a known id, saying which field;
        `TouchpointError` for an unknown kind, a naive time, a negative or too fine an amount;
        `CurrencyError` for money that a ladder adds up and has no rate for. Nothing is stored then.
        """
        given = touchpoint_of(touchpoint, fields)
        context, changes = record(self._to_write(), [given], now=self._now(now))
        return Recorded(context.touchpoints[0], bool(context.new), changes)

    def record_many(
        self, touchpoints: Iterable[Touchpoint], *, now: datetime | None = None
    ) -> RecordedMany:
        """Take several touchpoints in, each supporter evaluated once: all of them or none.

        For a few hundred at once; whole files are for `ladder replay`.
        """
        context, changes = record(self._to_write(), list(touchpoints), now=self._now(now))
        return RecordedMany(context.touchpoints, len(context.new), changes)

    def place(
        self,
        who: str,
        rung: str,
        *,
        until: date | None = None,
        why: str = "",
        by: str = "",
        now: datetime | None = None,
        **fields: Any,  # noqa: ANN401
    ) -> Recorded:
        """Put a supporter on a rung by hand, until the end of a day: a touchpoint of kind `placed`.

        What that does is the ladder's word: it lifts, holds, caps, or is ignored. A later placement
        takes the place of an earlier one. It is a status and begins nobody's line: of a supporter
        who has done nothing and was never contacted it shows nothing yet. `fields` are more of the
        touchpoint's (`external_id`, `at`). Raises `DefinitionError` for a rung that the ladder does
        not have.
        """
        self._to_write().chosen(self.ladder_key).ladder.rung(rung)
        said = {"rung": rung, "why": why, "by": by}
        details: dict[str, Any] = {name: text for name, text in said.items() if text}
        if until is not None:
            details["until"] = until.isoformat()
        moment = self.clock() if now is None else now
        told = {"supporter": who, "kind": "placed", "at": moment, "details": details} | fields
        return self.record(touchpoint_of(None, told), now=moment)

    def standing(
        self, who: str, at: When | None = None, *, known_at: When | None = None
    ) -> Standing | None:
        """Where a supporter stands now, or at any instant past or to come (if nothing happens).

        A date means its end. `known_at` asks what was believed then. None before her line begins
        and while she is silent (objected, died, erased).
        """
        return self._look().standing(who, at, known_at)

    def history(self, who: str, *, known_at: When | None = None) -> list[Movement]:
        """Every movement of a supporter, oldest first, those ahead too: each with its `words`."""
        return self._look().history(who, known_at)

    def upcoming(self, days: int = 30) -> list[Movement]:
        """Who falls within that many days, unless something happens, soonest first."""
        return self._look().upcoming(days)

    def findings(
        self,
        who: str,
        at: When | None = None,
        *,
        known_at: When | None = None,
        state: Literal["open", "acknowledged", "dismissed", "resolved"] | None = None,
    ) -> list[Finding]:
        """The patterns found about a supporter's relationship, the gravest first.

        Each with its state by what was done about it, the touchpoints that prove it, and since
        when. Those of one state, where that is given: `resolved` are those that are over by then,
        the latest first, each with what resolved it.
        """
        return self._look().findings(who, at, known_at, state)

    def acknowledge(
        self, finding: Finding, *, by: str = "", note: str = "", at: When | None = None,
        now: datetime | None = None,
    ) -> Action:  # fmt: skip
        """Somebody has seen a finding and sees to it: until something new proves it.

        What is done is said of the touchpoints in `finding.evidence`, as whoever acts has seen
        them; of a finding without any (told by a recording), of what proves it at that instant.
        `at` is when it was done, if not now. Raises `FindingError` for a time ahead, for a finding
        that is over of which nothing can be told any more, and for one that is dismissed.
        """
        said = ActionRequest("acknowledged", by, note, at)
        return act(self._to_write(), finding, said, now=self._now(now))

    def dismiss(
        self, finding: Finding, *, reason: str, by: str = "", at: When | None = None,
        now: datetime | None = None,
    ) -> Action:  # fmt: skip
        """Somebody says that there is nothing to it, and why: for as long as nothing new proves it.

        It stays dismissed when the clock makes it graver, and when the same touchpoints prove it
        again. As `acknowledge` otherwise; raises `FindingError` without a reason, too.
        """
        said = ActionRequest("dismissed", by, reason, at)
        return act(self._to_write(), finding, said, now=self._now(now))

    def take_back(
        self, finding: Finding, *, by: str = "", reason: str = "", at: When | None = None,
        now: datetime | None = None,
    ) -> Action:  # fmt: skip
        """What was said of these touchpoints no longer holds: the finding is open again.

        As `acknowledge` otherwise; raises `FindingError` where nothing was said.
        """
        said = ActionRequest("taken back", by, reason, at)
        return act(self._to_write(), finding, said, now=self._now(now))

    def not_assessable(self, who: str, at: When | None = None) -> list[Unassessed]:
        """The patterns about which the log cannot say anything, each with what it would need."""
        return self._look().not_assessable(who, at)

    def explain(self, who: str, at: When | None = None) -> Explained:
        """Why she stands there: conditions with their values, evidence, until when, what lifts her.

        `print(crm.explain("ada"))` tells it in words.
        """
        return self._look().explain(who, at)

    def may_ask(
        self,
        who: str,
        at: When | None = None,
        *,
        channel: str | None = None,
        amount: Amount | None = None,
    ) -> MayAsk:
        """May she be asked for money now: yes, not yet (until when or what), or no, and why.

        `channel` is how ("email", "phone"), `amount` how much, in the organisation's currency
        ("500" or "500 EUR"). What the log is not declared to hold is told as unknown and counts
        neither way. Asked about a past instant, findings are those that are on record now.
        Raises `NotKnown` for an unknown channel, `CurrencyError` for another currency.
        """
        queries = self._look()
        return may_ask(queries, who, self._rules(queries), at, channel, amount)

    def next_touch(self, who: str, at: When | None = None) -> NextTouch:
        """The best next touch: stop, answer, thank, report, listen, invite, inform or ask; and why.

        From the findings open on her, the rung she stands on, the fall that lies ahead, and what
        would lift her; the most pressing first. Asking comes last, and only where `may_ask` says
        yes. Nobody is to be touched twice within a set time: what was recorded since counts.
        """
        queries = self._look()
        return next_touch(queries, who, self._rules(queries), at)

    def touches_of_calls(
        self, calls: Iterable[tuple[str, Call]], *, with_lift: bool = True
    ) -> list[NextTouch]:
        """Describe calls that `ladder.outreach.Calls` chose, as `next_touch` describes them.

        Each call comes with its supporter. Nothing is decided again, so this takes a fraction of
        the time of `next_touch`; without `with_lift` the step up is left out, which takes most of
        the rest.
        """
        queries = self._look()
        rules = self._rules(queries)
        return [
            touch_of_call(queries, supporter, call, rules, with_lift=with_lift)
            for supporter, call in calls
        ]

    def hand_out(self, touch: NextTouch, *, now: datetime | None = None) -> Recorded:
        """Write down that somebody was handed out to be contacted, so that nobody else takes her.

        A touchpoint of kind `handed_out`; what comes of it is recorded by whoever contacts her.
        """
        moment = self.clock() if now is None else now
        details = {"queue": touch.queue or touch.touch or ""}
        return self.record(
            supporter=touch.supporter, kind="handed_out", at=moment, details=details, now=moment
        )

    def verify(self, who: str) -> bool:
        """Whether what is stored of her is what her touchpoints make of her now.

        Her movements and findings, and in which states the latter are by what was done about them.
        False means that somebody wrote around the library, or that the library is wrong.
        """
        organisation = self._context()
        supporter = read_supporter(organisation.store, who)
        context = load_whole(organisation.store, supporter, organisation.ladders)
        result = evaluate_whole(organisation, context)
        if result.first_at != supporter.first_at:
            return False
        for ladder in result.ladders:
            stored = context.stored[ladder.adopted.root]
            rows = LadderRows.from_results(ladder.movements, ladder.findings, ladder.patterns)
            if stored.compare(rows, stored.places).counts != Changed():
                return False
            states = finding_context(organisation, ladder.adopted)
            if any(state_mismatches(states, [supporter.id])):
                return False
        return True

    def adopt(
        self,
        ladder: Ladder,
        *,
        effective_from: When | None = None,
        retroactive: bool = False,
        now: datetime | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Restated:
        """Let this ladder speak from a day or an instant on; unless told, from now on.

        What the definitions before it say of the time before stays as it is: the first one adopted
        under a key speaks from the beginning, and so does one that is `retroactive`. Whoever stands
        elsewhere from then on moves at that instant with cause "definition", which is in no flow.
        Definitions that were to speak then or later are replaced. What was believed before can
        still be asked for, by `known_at`. One that means the same as the present one changes
        nothing. Everybody is evaluated anew, of which `progress` hears (done, of how many); writers
        of this organisation wait meanwhile.

        Raises `DefinitionError` for a date and `retroactive` together.
        """
        if retroactive and effective_from is not None:
            message = "effective_from says from when it speaks, retroactive from the beginning"
            raise DefinitionError(message)
        store = self._alone()
        instant = self._now(now)
        known, before = self._to_write(), definitions.adopted(store, ladder.key)
        since = instant
        if effective_from is not None:
            since = store.organisation.calendar.instant(effective_from)
        from_the_beginning = retroactive or (not before and effective_from is None)
        definitions.adopt(
            store, ladder, dump(ladder), now=instant,
            effective_from=None if from_the_beginning else since,
        )  # fmt: skip
        after = definitions.adopted(store, ladder.key)
        if [each.id for each in before] == [each.id for each in after]:
            self._renamed(ladder.key, instant)
            return Restated(0, 0, 0)
        return reevaluate_all(self._to_write(), now=instant, before=known, progress=progress)

    def speaks_since(self) -> datetime | None:
        """From when the definition adopted last speaks; None: from the beginning."""
        definition = self._context().chosen(self.ladder_key).definition
        since = definition.effective_from
        return None if since is None else local(self.organisation.calendar, since)

    def _keep(self, ladder: Ladder, now: datetime | None) -> None:
        """Adopt what is not in force yet, nor to be."""
        store = self._alone()
        known = definitions.known(store, ladder, self._now(now))
        if known is None:
            self.adopt(ladder, now=now)
        elif definitions.rename(store, known, ladder, dump(ladder)):
            self._renamed(ladder.key, self._now(now))

    def _renamed(self, key: str, now: int) -> None:
        """What proves a finding is in the document, and means nothing to an evaluator."""
        context = self._to_write()
        refresh_all_states(context, context.chosen(key), now=now)

    def cover(
        self,
        selector: Selector | str,
        since: When | None = None,
        until: When | None = None,
        *,
        source: str | None = None,
        now: datetime | None = None,
    ) -> Restated:
        """Declare that the log holds everything this selector selects, from `since` to `until`.

        None is from the beginning, and for ever; a date as `until` is included. Patterns that say
        that something did not happen are assessable only where this was said. The selector may be
        text (`'outbound and purpose("thank")'`). Everybody is evaluated anew.
        """
        context = self._to_write()
        if isinstance(selector, str):
            selector = parse_selector(selector, kinds=context.kinds)
        calendar = context.store.organisation.calendar
        said = Coverage(
            selector=selector,
            since=BEGINNING if since is None else calendar.instant(since),
            until=FOREVER if until is None else calendar.as_of(until) + _included(until),
            source=source,
        )
        return self._declare([said], now)

    def _declare(self, said: list[Coverage], now: datetime | None) -> Restated:
        """Write declarations down; everybody is evaluated anew where one is news."""
        store = self._alone()
        instant = self._now(now)
        if not coverage.declare(store, said, now=instant):
            return Restated(0, 0, 0)
        return reevaluate_all(self._to_write(), now=instant)

    def _now(self, now: datetime | None) -> int:
        return to_instant(self.clock() if now is None else now)

    def _alone(self) -> Store:
        """The handle, when nobody else writes for this organisation any more."""
        return recording.claim(flushed(self.session), self.key, alone=True)

    def _look(self) -> SupporterQueries:
        context = self._context()
        return SupporterQueries(context, context.chosen(self.ladder_key), self._now(None))

    def _rules(self, queries: SupporterQueries) -> Rules:
        return load_rules(self.rules, kinds=queries.adopted.ladder.kinds)

    def _context(self) -> OrganisationContext:
        """What questions are answered by, as it is in this transaction."""
        connection = flushed(self.session)
        moment = moment_of(connection)
        for kept in (self._writing, self._reading):
            if moment is not None and kept is not None and kept[0] == moment:
                return kept[1]
        store = Store.open(connection, self.key)
        context = OrganisationContext.from_rules(store, recording.read_rules(store))
        moment = moment_of(connection)
        self._reading = None if moment is None else (moment, context)
        return context

    def _to_write(self) -> OrganisationContext:
        """Return the organisation's context, which no other transaction changes from here on."""
        connection = flushed(self.session)
        moment = moment_of(connection)
        if moment is not None and self._writing is not None and self._writing[0] == moment:
            return self._writing[1]
        store, stored = recording.claim_and_read(connection, self.key)
        context = OrganisationContext.from_rules(store, stored)
        moment = moment_of(connection)
        self._writing = None if moment is None else (moment, context)
        return context


def _included(until: When) -> int:
    """A date that is an end is included: one microsecond beyond its last instant."""
    return 0 if isinstance(until, datetime) else 1
