"""The results for a host: frozen data, times as aware datetimes in the organisation's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from ladder.coverage import MissingCoverage
from ladder.explanations import Explanation, text
from ladder.language.standings import Cause as CauseWord
from ladder.language.standings import MovementKind
from ladder.model.calendars import Calendar


@dataclass(frozen=True)
class Standing:
    """Where a supporter stands: the rungs that they hold at the greatest height.

    `rungs` and `titles` go together; on the ground there are no rungs and one title. `since` is
    None for a supporter who never left the ground. `until` holds if nothing happens; None: for
    ever.
    """

    supporter: str
    rungs: tuple[str, ...]
    titles: tuple[str, ...]
    height: int
    since: datetime | None
    until: datetime | None

    @property
    def title(self) -> str:
        """The titles joined ("Volunteering + Donating")."""
        return " + ".join(self.titles)

    def __str__(self) -> str:
        since = "" if self.since is None else f" since {_when(self.since)}"
        until = "" if self.until is None else f", until {_when(self.until)} if nothing happens"
        return f"{self.supporter}: {self.title}{since}{until}"


@dataclass(frozen=True)
class Cause:
    """A touchpoint that caused a movement, or that is evidence of a finding.

    `supporter` is the supporter of the touchpoint: the one who moved, or one whom they referred. Of
    a referred supporter who is silent now (objected, died, erased) only the kind and the day are
    shown. `at` is a date where only the day is known. `amount` is in major units of `currency`.
    """

    id: int
    supporter: str
    kind: str
    at: datetime | date
    amount: Decimal | None
    currency: str | None
    source: str
    external_id: str | None

    def __str__(self) -> str:
        size = "" if self.amount is None else f" of {self.amount} {self.currency}"
        key = "" if self.external_id is None else f" ({self.source} {self.external_id})"
        return f"{self.kind}{size} on {_when(self.at)}{key}"


@dataclass(frozen=True)
class Movement:
    """The change from one place to another at an instant, past or ahead.

    `until` is where the new place ends; None: never. `skipped` are rungs passed over on the way up.
    `new_peak` says that the supporter never stood higher. A movement by the clock has no `causes`.
    """

    ladder: str
    supporter: str
    at: datetime
    until: datetime | None
    kind: MovementKind
    before: tuple[str, ...]
    after: tuple[str, ...]
    before_title: str
    after_title: str
    skipped: tuple[str, ...]
    new_peak: bool
    cause: CauseWord
    causes: tuple[Cause, ...]

    @property
    def words(self) -> str:
        """The movement in words, without the supporter."""
        return f"{_when(self.at)}: {self._way}, {self._because}"

    @property
    def _way(self) -> str:
        if self.kind in ("silenced", "unsilenced"):
            return self.kind
        peak = ", higher than ever" if self.new_peak and self.kind != "arrived" else ""
        passed = f", past {' and '.join(self.skipped)}" if self.skipped else ""
        return f"{self.kind} from {self.before_title} to {self.after_title}{peak}{passed}"

    @property
    def _because(self) -> str:
        if self.cause == "clock":
            return "because time had passed"
        if self.cause == "definition":
            return "because another definition speaks from then on"
        if not self.causes:
            return f"because of a {self.cause}"
        by_whom = (
            f"{cause}"
            if cause.supporter == self.supporter
            else f"{cause.supporter or 'somebody'}'s {cause}"
            for cause in self.causes
        )
        return f"because of {' and '.join(by_whom)}"

    def __str__(self) -> str:
        return f"{self.supporter}, {self.words}"


@dataclass(frozen=True)
class Action:
    """An action on a finding, about its `evidence` at the time.

    `at` is when it was done, and from when it counts; `recorded_at` is when it was recorded.
    """

    action: Literal["acknowledged", "dismissed", "taken back"]
    at: datetime
    by: str
    reason: str
    evidence: tuple[Cause, ...]
    recorded_at: datetime

    def __str__(self) -> str:
        by = f" by {self.by}" if self.by else ""
        reason = f": {self.reason}" if self.reason else ""
        return f"{self.action} on {_when(self.at)}{by}{reason}"


@dataclass(frozen=True)
class Resolution:
    """Why a finding is resolved.

    `cause` is "touchpoint" (without these touchpoints it would still be open), "clock" (time
    passed), "definition" (another version is effective from then on), or "correction" (these
    touchpoints, recorded later, say that it never was).
    """

    cause: Literal["touchpoint", "placement", "clock", "definition", "correction"]
    touchpoints: tuple[Cause, ...] = ()

    def __str__(self) -> str:
        causes = " and ".join(map(str, self.touchpoints))
        if self.cause == "correction":
            return f"it never was, as was learned from {causes}" if causes else "it never was"
        if self.cause == "definition":
            return "another definition speaks from then on"
        return causes or "time passed"


@dataclass(frozen=True)
class Finding:
    """A pattern found about a supporter during [at, until), at one severity.

    The finding itself, through all severities, is open during [opened, closes); `closes` is None
    where it never ends by itself, and what lies ahead holds if nothing happens. `evidence` are the
    touchpoints that prove it at the instant asked about (of a resolved one, at its last instant).
    `actions` are those on this evidence until then, the earliest first.

    The findings in the result of a recording have none of this: their `opened` is None.
    """

    ladder: str
    supporter: str
    pattern: str
    title: str
    severity: str
    at: datetime
    until: datetime | None
    remedy: str = ""
    caveat: str = ""
    evidence: tuple[Cause, ...] = ()
    opened: datetime | None = None
    closes: datetime | None = None
    state: Literal["open", "acknowledged", "dismissed", "resolved"] = "open"
    actions: tuple[Action, ...] = ()
    resolved_by: Resolution | None = None

    def __str__(self) -> str:
        since, until = self.opened or self.at, self.closes if self.opened else self.until
        words = f"{self.supporter}, {self.severity}: {self.title} since {_when(since)}"
        if self.resolved_by is not None:
            return f"{words}, resolved: {self.resolved_by}"
        words += "" if until is None else f", until {_when(until)} if nothing happens"
        return words if self.state == "open" else f"{words}, {self.state}"


@dataclass(frozen=True)
class Unassessed:
    """A pattern that cannot be assessed, because required data is not declared.

    `reason` is the pattern's text on what it needs. `missing` is the coverage that is not declared,
    with since when and what to declare. `unmet` are other requirements that do not hold (the
    supporter was never invited, say), in the ladder language.
    """

    ladder: str
    supporter: str
    pattern: str
    title: str
    reason: str
    missing: tuple[MissingCoverage, ...] = ()
    unmet: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.supporter}, not assessable: {self.title} ({self.reason})"


@dataclass(frozen=True)
class SupporterExplanation:
    """Why a supporter stands where they stand. `str()` gives text, `explanation` the data.

    Instants inside `explanation` are integers (microseconds UTC, see `ladder.model.calendars`).
    """

    supporter: str
    explanation: Explanation
    calendar: Calendar

    def __str__(self) -> str:
        return text(self.explanation, self.calendar)


def _when(at: datetime | date) -> str:
    return at.strftime("%Y-%m-%d %H:%M") if isinstance(at, datetime) else at.isoformat()
