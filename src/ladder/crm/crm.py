"""The public entry point: one organisation in the host's session."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Self

from ladder.contact_rules import Rules
from ladder.contact_rules import load as load_rules
from ladder.contact_rules.next_action import Call
from ladder.coverage import BEGINNING, Coverage
from ladder.crm.changes import RecordManyResult, RecordResult
from ladder.crm.context import OrganisationContext
from ladder.crm.evaluation import evaluate_whole
from ladder.crm.finding_actions import ActionRequest, act
from ladder.crm.finding_states import finding_context, refresh_all_states
from ladder.crm.may_ask import Amount, MayAsk, may_ask
from ladder.crm.next_touch import NextTouch, next_touch, touch_of_call
from ladder.crm.queries import SupporterQueries
from ladder.crm.recording import record, touchpoint_of
from ladder.crm.reevaluation import AdoptionResult, reevaluate_all
from ladder.crm.results import Action, Finding, Movement, Standing, SupporterExplanation, Unassessed
from ladder.crm.time_conversion import local, utc_now
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
from ladder.storage.write.loading import load_whole, read_supporter

When = datetime | date
Clock = Callable[[], datetime]


class CRM:
    """One organisation's supporters, in the session (or connection) and transaction of a host.

    It flushes and never commits: its rows appear when the host commits, and disappear when the host
    rolls back. `ladder` is the key of the ladder that questions are about, required only where the
    organisation has several; a recording is evaluated by all of them. `clock` gives the present to
    calls without `now=`.

        crm = CRM(session, organisation="alder")
        crm.record(supporter="ada", kind="donation", at=date(2024, 3, 5), amount="25")
        session.commit()

    Times are given as aware datetimes or bare dates and come back as aware datetimes in the
    organisation's zone. Like its session it is for one thread. Every call raises `NotFoundError`
    for an organisation that was never created, and for unknown supporters, ladders and rungs.
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
        """Set up an organisation: create it, adopt its ladder, declare its coverage.

        A host may call this at every start: what exists already is not changed. A ladder that means
        something else than the one in force is adopted from now on.

        Raises:
            StorageError: The organisation exists with another zone, currency or fiscal year.
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
        """The ladder that questions are about, in its present version."""
        return self._context().chosen(self.ladder_key).at(self._now(None))

    @property
    def definition_id(self) -> int:
        """The id of that ladder for `ladder.storage.selects`; a later adoption keeps it."""
        return self._context().chosen(self.ladder_key).definition.root

    def record(
        self,
        touchpoint: Touchpoint | None = None,
        *,
        now: datetime | None = None,
        **fields: Any,  # noqa: ANN401
    ) -> RecordResult:
        """Record a touchpoint and all that it changes. Give a `Touchpoint` or its fields.

        The same touchpoint again (by source and external id) changes nothing. A late touchpoint, a
        void and a refund evaluate the history again: results that no longer hold are retracted and
        new ones added, also for the supporter who is named as the referrer.

        Raises:
            DuplicateTouchpointError: The id is known with other content; the message names the
                field.
            TouchpointError: An unknown kind, a naive time, a negative or too fine an amount.
            CurrencyError: A ladder adds up an amount for whose currency it has no rate.
        After an error nothing is stored.
        """
        given = touchpoint_of(touchpoint, fields)
        context, changes = record(self._to_write(), [given], now=self._now(now))
        return RecordResult(context.touchpoints[0], bool(context.new), changes)

    def record_many(
        self, touchpoints: Iterable[Touchpoint], *, now: datetime | None = None
    ) -> RecordManyResult:
        """Record several touchpoints, all or none, and evaluate every supporter once.

        For a few hundred at once; `ladder replay` reads whole files.
        """
        context, changes = record(self._to_write(), list(touchpoints), now=self._now(now))
        return RecordManyResult(context.touchpoints, len(context.new), changes)

    def override_rung(
        self,
        supporter: str,
        rung: str,
        *,
        until: date | None = None,
        why: str = "",
        by: str = "",
        now: datetime | None = None,
        **fields: Any,  # noqa: ANN401
    ) -> RecordResult:
        """Put a supporter on a rung by hand, until the end of a day: a touchpoint of kind `placed`.

        The ladder decides what a placement does: it lifts, holds, caps, or is ignored. A later
        placement replaces an earlier one. It is a status and does not begin a line: a supporter who
        has done nothing and was never contacted does not appear yet. `fields` are further fields of
        the touchpoint (`external_id`, `at`).

        Raises:
            DefinitionError: The ladder does not have the rung.
        """
        self._to_write().chosen(self.ladder_key).ladder.rung(rung)
        texts = {"rung": rung, "why": why, "by": by}
        details: dict[str, Any] = {name: text for name, text in texts.items() if text}
        if until is not None:
            details["until"] = until.isoformat()
        moment = self.clock() if now is None else now
        given = {
            "supporter": supporter,
            "kind": "placed",
            "at": moment,
            "details": details,
        } | fields
        return self.record(touchpoint_of(None, given), now=moment)

    def standing(
        self, supporter: str, at: When | None = None, *, known_at: When | None = None
    ) -> Standing | None:
        """Return where a supporter stands now, or at any past or future instant.

        A future instant assumes that nothing happens. A date means its end. `known_at` returns what
        was believed then. None before their line begins and while they are silent (objected, died,
        erased).
        """
        return self._look().standing(supporter, at, known_at)

    def history(self, supporter: str, *, known_at: When | None = None) -> list[Movement]:
        """Return all movements of a supporter, those ahead included, the oldest first."""
        return self._look().history(supporter, known_at)

    def upcoming(self, days: int = 30) -> list[Movement]:
        """Return the falls of all supporters within that many days, if nothing happens, by time."""
        return self._look().upcoming(days)

    def findings(
        self,
        supporter: str,
        at: When | None = None,
        *,
        known_at: When | None = None,
        state: Literal["open", "acknowledged", "dismissed", "resolved"] | None = None,
    ) -> list[Finding]:
        """Return the findings about a supporter, the most severe first.

        A finding has its state, its evidence and its start. `state` limits them to one state;
        `resolved` findings have ended by then and come with what resolved them, the latest first.
        """
        return self._look().findings(supporter, at, known_at, state)

    def acknowledge(
        self, finding: Finding, *, by: str = "", note: str = "", at: When | None = None,
        now: datetime | None = None,
    ) -> Action:  # fmt: skip
        """Record that a user takes care of a finding, until there is new evidence.

        The action is about the touchpoints in `finding.evidence`, as the user saw them; without
        any (in the result of a recording), about the evidence at that instant. `at` is when it was
        done; None: now.

        Raises:
            FindingError: The time lies ahead, the finding is dismissed, or it is over and names no
                evidence.
        """
        request = ActionRequest("acknowledged", by, note, at)
        return act(self._to_write(), finding, request, now=self._now(now))

    def dismiss(
        self, finding: Finding, *, reason: str, by: str = "", at: When | None = None,
        now: datetime | None = None,
    ) -> Action:  # fmt: skip
        """Record that a user dismisses a finding for a reason, until there is new evidence.

        It stays dismissed when time makes it more severe, and when the same evidence returns. The
        arguments are those of `acknowledge`.

        Raises:
            FindingError: There is no reason, the time lies ahead, or the finding is over and names
                no evidence.
        """
        request = ActionRequest("dismissed", by, reason, at)
        return act(self._to_write(), finding, request, now=self._now(now))

    def reopen(
        self, finding: Finding, *, by: str = "", reason: str = "", at: When | None = None,
        now: datetime | None = None,
    ) -> Action:  # fmt: skip
        """Take back what was done about a finding's evidence, so that it is open again.

        The arguments are those of `acknowledge`.

        Raises:
            FindingError: Nothing was done about the evidence, the time lies ahead, or the finding
                is over and names no evidence.
        """
        request = ActionRequest("taken back", by, reason, at)
        return act(self._to_write(), finding, request, now=self._now(now))

    def unassessed_patterns(self, supporter: str, at: When | None = None) -> list[Unassessed]:
        """Return the patterns that cannot be assessed, with the data that they need."""
        return self._look().unassessed_patterns(supporter, at)

    def explain(self, supporter: str, at: When | None = None) -> SupporterExplanation:
        """Explain a standing: conditions with values, evidence, its end, and what would lift them.

        `print(crm.explain("ada"))` prints it as text.
        """
        return self._look().explain(supporter, at)

    def may_ask(
        self,
        supporter: str,
        at: When | None = None,
        *,
        channel: str | None = None,
        amount: Amount | None = None,
    ) -> MayAsk:
        """Decide whether a supporter may be asked for money: yes, not yet, or no, and why.

        `channel` is how ("email", "phone"), `amount` how much, in the organisation's currency
        ("500" or "500 EUR"). A rule whose data is not declared is unknown and does not count.
        A past instant uses the findings that are stored now.

        Raises:
            NotFoundError: The channel is unknown.
            CurrencyError: The amount is in another currency.
        """
        queries = self._look()
        return may_ask(queries, supporter, self._rules(queries), at, channel, amount)

    def next_touch(self, supporter: str, at: When | None = None) -> NextTouch:
        """Return the best next touch: stop, answer, thank, report, listen, invite, inform or ask.

        It follows from open findings, the present rung, a fall ahead and what would lift the
        supporter, the most pressing first. Asking comes last, and only where `may_ask` says yes. No
        supporter is contacted twice within the time that the rules set.
        """
        queries = self._look()
        return next_touch(queries, supporter, self._rules(queries), at)

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

    def assign(self, touch: NextTouch, *, now: datetime | None = None) -> RecordResult:
        """Record that a supporter was assigned to a caller, so that no other caller gets them.

        It is a touchpoint of kind `handed_out`. The caller records the contact itself.
        """
        moment = self.clock() if now is None else now
        details = {"queue": touch.queue or touch.touch or ""}
        return self.record(
            supporter=touch.supporter, kind="handed_out", at=moment, details=details, now=moment
        )

    def verify(self, supporter: str) -> bool:
        """Whether the stored movements, findings and states are those that the touchpoints give.

        False means that the rows were changed outside of this library, or that it has a fault.
        """
        organisation = self._context()
        locked = read_supporter(organisation.store, supporter)
        context = load_whole(organisation.store, locked, organisation.ladders)
        result = evaluate_whole(organisation, context)
        if result.first_at != locked.first_at:
            return False
        for ladder in result.ladders:
            stored = context.stored[ladder.adopted.root]
            rows = LadderRows.from_results(ladder.movements, ladder.findings, ladder.patterns)
            if stored.compare(rows, stored.places).counts != Changed():
                return False
            states = finding_context(organisation, ladder.adopted)
            if any(state_mismatches(states, [locked.id])):
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
    ) -> AdoptionResult:
        """Adopt a ladder from a day or an instant on; without one, from now on.

        Results before that instant stay. The first ladder adopted under a key is effective from the
        beginning, and so is one that is `retroactive`. A supporter who then stands elsewhere moves
        at that instant with the cause "definition", which no flow counts. Definitions that were to
        become effective then or later are replaced. Earlier beliefs can still be asked for, by
        `known_at`. A ladder that means the same as the present one changes nothing. All supporters
        are evaluated again, and `progress` receives how many are done, and of how many; writers of
        this organisation wait meanwhile.

        Raises:
            DefinitionError: Both a date and `retroactive` are given.
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
        if [old.id for old in before] == [new.id for new in after]:
            self._renamed(ladder.key, instant)
            return AdoptionResult(0, 0, 0)
        return reevaluate_all(self._to_write(), now=instant, before=known, progress=progress)

    def speaks_since(self) -> datetime | None:
        """Return from when the latest definition is effective; None: from the beginning."""
        definition = self._context().chosen(self.ladder_key).definition
        since = definition.effective_from
        return None if since is None else local(self.organisation.calendar, since)

    def _keep(self, ladder: Ladder, now: datetime | None) -> None:
        """Adopt a ladder unless it is in force or will be."""
        store = self._alone()
        known = definitions.known(store, ladder, self._now(now))
        if known is None:
            self.adopt(ladder, now=now)
        elif definitions.rename(store, known, ladder, dump(ladder)):
            self._renamed(ladder.key, self._now(now))

    def _renamed(self, key: str, now: int) -> None:
        """Refresh the states of findings, because a renamed document may have other evidence."""
        context = self._to_write()
        refresh_all_states(context, context.chosen(key), now=now)

    def declare_coverage(
        self,
        selector: Selector | str,
        since: When | None = None,
        until: When | None = None,
        *,
        source: str | None = None,
        now: datetime | None = None,
    ) -> AdoptionResult:
        """Declare that the log holds everything that a selector selects, from `since` to `until`.

        None means from the beginning, or without an end; a date as `until` is included. A pattern
        that says that something did not happen can be assessed only where coverage is declared. The
        selector may be text (`'outbound and purpose("thank")'`). All supporters are evaluated
        again.
        """
        context = self._to_write()
        if isinstance(selector, str):
            selector = parse_selector(selector, kinds=context.kinds)
        calendar = context.store.organisation.calendar
        declaration = Coverage(
            selector=selector,
            since=BEGINNING if since is None else calendar.instant(since),
            until=FOREVER if until is None else calendar.as_of(until) + _end_of(until),
            source=source,
        )
        return self._declare([declaration], now)

    def _declare(self, declarations: list[Coverage], now: datetime | None) -> AdoptionResult:
        """Store declarations, and evaluate all supporters again where one is new."""
        store = self._alone()
        instant = self._now(now)
        if not coverage.declare(store, declarations, now=instant):
            return AdoptionResult(0, 0, 0)
        return reevaluate_all(self._to_write(), now=instant)

    def _now(self, now: datetime | None) -> int:
        return to_instant(self.clock() if now is None else now)

    def _alone(self) -> Store:
        """Return the handle once no other transaction writes for this organisation."""
        return recording.claim(flushed(self.session), self.key, alone=True)

    def _look(self) -> SupporterQueries:
        context = self._context()
        return SupporterQueries(context, context.chosen(self.ladder_key), self._now(None))

    def _rules(self, queries: SupporterQueries) -> Rules:
        return load_rules(self.rules, kinds=queries.adopted.ladder.kinds)

    def _context(self) -> OrganisationContext:
        """Return the organisation's context for questions, read once per transaction."""
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


def _end_of(until: When) -> int:
    """Return what to add to the end of an inclusive date: one microsecond."""
    return 0 if isinstance(until, datetime) else 1
