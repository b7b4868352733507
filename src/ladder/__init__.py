"""Where each supporter of a nonprofit stands on the ladder of engagement, since when, and why.

    import ladder

    crm = ladder.CRM.create(session, ladder.Organisation(key="alder"), ladder.load("default"))
    crm.record(supporter="ada", kind="donation", at=date(2024, 3, 5), amount="25")
    print(crm.explain("ada"))

The names that hosts need, and the words in which ladders are written; nothing is defined here. Each
name is loaded when it is first used, so that importing this loads neither SQLAlchemy nor Polars.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ladder.calendars import Calendar as Calendar
    from ladder.conditions import found as found
    from ladder.conditions import holds as holds
    from ladder.conditions import lasting as lasting
    from ladder.conditions import latch as latch
    from ladder.conditions import logged as logged
    from ladder.coverage import Coverage as Coverage
    from ladder.crm import CRM as CRM
    from ladder.crm import Action as Action
    from ladder.crm import Cause as Cause
    from ladder.crm import Difference as Difference
    from ladder.crm import Explained as Explained
    from ladder.crm import Finding as Finding
    from ladder.crm import MayAsk as MayAsk
    from ladder.crm import Movement as Movement
    from ladder.crm import NextTouch as NextTouch
    from ladder.crm import Recorded as Recorded
    from ladder.crm import RecordedMany as RecordedMany
    from ladder.crm import Resolution as Resolution
    from ladder.crm import Restated as Restated
    from ladder.crm import Standing as Standing
    from ladder.crm import Unassessed as Unassessed
    from ladder.documents import dump as dump
    from ladder.documents import parse as parse
    from ladder.documents import parse_condition as parse_condition
    from ladder.documents import parse_selector as parse_selector
    from ladder.documents import parse_span as parse_span
    from ladder.errors import CurrencyError as CurrencyError
    from ladder.errors import DefinitionError as DefinitionError
    from ladder.errors import DuplicateTouchpoint as DuplicateTouchpoint
    from ladder.errors import FindingError as FindingError
    from ladder.errors import LadderError as LadderError
    from ladder.errors import NotKnown as NotKnown
    from ladder.errors import StorageError as StorageError
    from ladder.errors import TouchpointError as TouchpointError
    from ladder.figures import amount_above as amount_above
    from ladder.figures import amount_at_least as amount_at_least
    from ladder.figures import average as average
    from ladder.figures import count as count
    from ladder.figures import distinct as distinct
    from ladder.figures import quantity_above as quantity_above
    from ladder.figures import quantity_at_least as quantity_at_least
    from ladder.figures import share as share
    from ladder.figures import total as total
    from ladder.kinds import KINDS as KINDS
    from ladder.kinds import Kind as Kind
    from ladder.ladders import Grade as Grade
    from ladder.ladders import Ladder as Ladder
    from ladder.ladders import Pattern as Pattern
    from ladder.ladders import Rung as Rung
    from ladder.library import load as load
    from ladder.library import read as read
    from ladder.macros import first as first
    from ladder.macros import left_alone as left_alone
    from ladder.macros import once as once
    from ladder.macros import quiet as quiet
    from ladder.macros import streak_of_years as streak_of_years
    from ladder.macros import within as within
    from ladder.money import Rates as Rates
    from ladder.organisations import Organisation as Organisation
    from ladder.selectors import answers as answers
    from ladder.selectors import anything as anything
    from ladder.selectors import asks_for as asks_for
    from ladder.selectors import automated as automated
    from ladder.selectors import broadcast as broadcast
    from ladder.selectors import brought as brought
    from ladder.selectors import campaign as campaign
    from ladder.selectors import channel as channel
    from ladder.selectors import convertible as convertible
    from ladder.selectors import family as family
    from ladder.selectors import in_months as in_months
    from ladder.selectors import inbound as inbound
    from ladder.selectors import individual as individual
    from ladder.selectors import kind as kind
    from ladder.selectors import linked as linked
    from ladder.selectors import outbound as outbound
    from ladder.selectors import purpose as purpose
    from ladder.selectors import where as where
    from ladder.spans import aged as aged
    from ladder.spans import days as days
    from ladder.spans import end_of as end_of
    from ladder.spans import ever as ever
    from ladder.spans import fiscal_year as fiscal_year
    from ladder.spans import hours as hours
    from ladder.spans import month as month
    from ladder.spans import months as months
    from ladder.spans import quarter as quarter
    from ladder.spans import until as until
    from ladder.spans import week as week
    from ladder.spans import year as year
    from ladder.spans import years as years
    from ladder.storage.engines import create_engine as create_engine
    from ladder.storage.engines import prepare as prepare
    from ladder.storage.migrations import include_name as include_name
    from ladder.storage.migrations import upgrade as upgrade
    from ladder.touchpoints import Touchpoint as Touchpoint

_NAMES: Final = {
    "ladder.calendars": "Calendar",
    "ladder.conditions": "found holds lasting latch logged",
    "ladder.coverage": "Coverage",
    "ladder.crm": (
        "CRM Action Cause Difference Explained Finding MayAsk Movement NextTouch Recorded "
        "RecordedMany Resolution Restated Standing Unassessed"
    ),
    "ladder.documents": "dump parse parse_condition parse_selector parse_span",
    "ladder.errors": (
        "CurrencyError DefinitionError DuplicateTouchpoint FindingError LadderError NotKnown "
        "StorageError TouchpointError"
    ),
    "ladder.kinds": "KINDS Kind",
    "ladder.ladders": "Grade Ladder Pattern Rung",
    "ladder.library": "load read",
    "ladder.macros": "first left_alone once quiet streak_of_years within",
    "ladder.figures": (
        "amount_above amount_at_least average count distinct quantity_above quantity_at_least "
        "share total"
    ),
    "ladder.money": "Rates",
    "ladder.organisations": "Organisation",
    "ladder.selectors": (
        "answers anything asks_for automated broadcast brought campaign channel convertible family "
        "in_months inbound individual kind linked outbound purpose where"
    ),
    "ladder.spans": (
        "aged days end_of ever fiscal_year hours month months quarter until week year years"
    ),
    "ladder.storage.engines": "create_engine prepare",
    "ladder.storage.migrations": "include_name upgrade",
    "ladder.touchpoints": "Touchpoint",
}
"""Which module has which names. The imports above say the same to type checkers; a test holds the
two against each other."""

_HOMES: Final = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted(_HOMES)  # noqa: PLE0605  (a list, made from what is known already)


def __getattr__(name: str) -> Any:  # noqa: ANN401  (whatever the name stands for)
    """Load a name's module at its first use."""
    home = _HOMES.get(name)
    if home is None:
        message = f"module 'ladder' has no attribute {name!r}"
        raise AttributeError(message)
    found = globals()[name] = getattr(import_module(home), name)
    return found


def __dir__() -> list[str]:
    return [*globals(), *__all__]
