"""Kinds of touchpoint, with their families and their usual fields.

The vocabulary is open: a ladder declares more under `[kinds.<name>]`. A kind's defaults fill the
missing fields of a touchpoint, so `kind="appeal"` already means: outbound, an ask, for money.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Final, Literal, get_args

from ladder.errors import DefinitionError, TouchpointError, nearest

Family = Literal[
    "money", "time", "voice", "word", "signal", "commitment", "outreach", "service", "status"
]
Direction = Literal["inbound", "outbound"]
Purpose = Literal[
    "ask", "thank", "report", "inform", "invite", "listen", "help", "receipt", "service"
]
AskedFor = Literal["money", "time", "voice"]
Audience = Literal["individual", "broadcast"]
Role = Literal["", "refund", "void"]

FAMILIES: Final[tuple[str, ...]] = get_args(Family)
PURPOSES: Final[tuple[str, ...]] = get_args(Purpose)
ASKED_FOR: Final[tuple[str, ...]] = get_args(AskedFor)
AUDIENCES: Final[tuple[str, ...]] = get_args(Audience)
DIRECTIONS: Final[tuple[str, ...]] = get_args(Direction)

_NAME: Final = re.compile(r"^[a-z][a-z0-9_]*$")

RESERVED: Final = frozenset(
    """
    any_touchpoint inbound outbound individual broadcast automated is_reply ever true false
    kind family purpose asks_for channel campaign where in_reply_to referred when in_months
    amount_at_least amount_above quantity_at_least quantity_above has_rate
    hours days months years end_of older_than until week month quarter year fiscal_year
    count total distinct share average held_for latch on_rung is_covered has_finding credited
    first ever_true within inactive streak_of_years in_one_season after_opt_out per_channel
    do_not_contact
    and or not if else for in is as def del try with from import pass class lambda return while
    """.split()  # noqa: SIM905  (one text is easier to read than sixty strings)
)
"""The words of the ladder language and of its grammar, which cannot be names of kinds."""


@dataclass(frozen=True)
class Kind:
    """A kind of touchpoint. The role "refund" reduces the touchpoint it answers, "void" cancels it.

    `unit` names what a quantity of this kind counts (hours of a shift).
    """

    name: str
    family: Family
    direction: Direction | None = None
    purposes: frozenset[Purpose] = frozenset()
    asks_for: AskedFor | None = None
    audience: Audience | None = None
    automated: bool | None = None
    unit: str = ""
    role: Role = ""

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            message = f"{self.name!r} is no kind's name: small letters, digits and _ only"
            raise DefinitionError(message)
        if self.name in RESERVED or iskeyword(self.name):
            message = f"no kind may be called {self.name!r}: that is a word of the language"
            raise DefinitionError(message)
        if self.family not in FAMILIES:
            message = (
                f"kind {self.name}: unknown family {self.family!r}{nearest(self.family, FAMILIES)}"
            )
            raise DefinitionError(message)


def is_name(text: str) -> bool:
    """Check whether the text can name a kind, so that an expression needs no quotes for it."""
    return bool(_NAME.match(text)) and text not in RESERVED and not iskeyword(text)


def _asks(name: str, asks_for: AskedFor) -> Kind:
    return Kind(name, "outreach", "outbound", frozenset({"ask"}), asks_for)


def _tells(name: str, *purposes: Purpose, audience: Audience | None = None) -> Kind:
    return Kind(name, "outreach", "outbound", frozenset(purposes), None, audience)


def _acts(family: Family, *names: str) -> Iterator[Kind]:
    return (Kind(name, family, "inbound") for name in names)


_BUILT_IN: Final[tuple[Kind, ...]] = (
    *_acts("money", "donation", "instalment", "payment", "purchase", "membership"),
    *_acts("commitment", "pledge", "commitment_started", "commitment_resumed"),
    *_acts("commitment", "commitment_paused", "commitment_ended"),
    Kind("refund", "service", "outbound", role="refund"),
    Kind("chargeback", "service", "inbound", role="refund"),
    Kind("payment_failed", "service", role="refund"),
    Kind("void", "service", role="void"),
    Kind("volunteer_shift", "time", "inbound", unit="hours"),
    Kind("event_hosted", "time", "inbound", unit="hours"),
    Kind("in_kind_service", "time", "inbound", unit="hours"),
    *_acts("time", "event_attended"),
    *_acts("voice", "petition_signed", "shared", "letter_sent", "fundraiser_started"),
    *_acts("word", "reply", "comment", "question", "complaint", "feedback", "survey_answered"),
    *_acts("signal", "subscribed", "followed", "email_opened", "email_clicked", "site_visited"),
    *_acts("signal", "downloaded", "rsvp", "volunteer_signup"),
    _asks("appeal", "money"),
    _asks("volunteer_call", "time"),
    _asks("action_call", "voice"),
    _tells("invitation", "invite"),
    _tells("thank_you", "thank"),
    _tells("impact_report", "report"),
    _tells("newsletter", "inform", audience="broadcast"),
    _tells("birthday_card", "inform", audience="individual"),
    _tells("survey_sent", "listen"),
    _tells("message"),
    _tells("call", audience="individual"),
    _tells("meeting", audience="individual"),
    Kind("receipt", "service", "outbound", frozenset({"receipt"}), automated=True),
    Kind("confirmation", "service", "outbound", frozenset({"service"}), automated=True),
    *(
        Kind(name, "status")
        for name in (
            "unsubscribed",
            "resubscribed",
            "objected",
            "deceased",
            "erased",
            "bounced",
            "staff_joined",
            "staff_left",
            "placed",
            "handed_out",  # assigned to a colleague: `ladder next --assign`
            "placeholder",  # no single person: a walk-in, "(Anonymous)", a collection box
        )
    ),
)


@dataclass(frozen=True)
class Kinds(Mapping[str, Kind]):
    """The kinds an organisation uses: the built-in ones and its own.

    >>> KINDS["donation"].family
    'money'
    >>> KINDS.find("donatoin")
    Traceback (most recent call last):
    ladder.errors.TouchpointError: unknown kind 'donatoin'; did you mean donation?
    """

    declared: tuple[Kind, ...]
    _by_name: dict[str, Kind] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {kind.name: kind for kind in self.declared})

    def __getitem__(self, name: str) -> Kind:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def find(self, name: str) -> Kind:
        """Return the kind with this name, or raise an error that names the nearest ones."""
        kind = self._by_name.get(name)
        if kind is None:
            message = f"unknown kind {name!r}{nearest(name, self)}"
            raise TouchpointError(message)
        return kind

    def plus(self, more: Iterable[Kind]) -> Kinds:
        """Return these kinds and more; a kind declared again replaces the earlier one."""
        merged = dict(self._by_name) | {kind.name: kind for kind in more}
        return Kinds(tuple(merged.values()))

    def beyond_built_in(self) -> tuple[Kind, ...]:
        """Return the declared kinds that differ from the library's."""
        return tuple(kind for kind in self.declared if KINDS.get(kind.name) != kind)

    def mean_in(self, others: Kinds) -> bool:
        """Check whether the others contain all of these kinds unchanged."""
        return all(others.get(name) == kind for name, kind in self.items())


def begin_alike(some: Kinds, others: Kinds) -> bool:
    """Check whether both start a supporter's activity at the same touchpoints.

    Only the kinds in `some` are compared; the others must have all of them.
    """
    return all(
        name in others
        and (kind.family == "status") == (others[name].family == "status")
        and kind.role == others[name].role
        for name, kind in some.items()
    )


KINDS: Final = Kinds(_BUILT_IN)
"""The built-in kinds."""
