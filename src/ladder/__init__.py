"""The standing of every supporter of a nonprofit on the ladder of engagement, and its reasons.

    import ladder
    crm = ladder.CRM.create(session, ladder.Organisation(key="alder"), ladder.load("default"))
    crm.record(supporter="ada", kind="donation", at=date(2024, 3, 5), amount="25")
    print(crm.explain("ada"))

The package exports the names that hosts need and the words in which ladders are written; it defines
nothing itself. A name is loaded at its first use, so that importing the package loads neither
SQLAlchemy nor Polars.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ladder.catalogue import load as load
    from ladder.catalogue import read as read
    from ladder.coverage import Coverage as Coverage
    from ladder.crm import CRM as CRM
    from ladder.crm import Action as Action
    from ladder.crm import AdoptionResult as AdoptionResult
    from ladder.crm import Cause as Cause
    from ladder.crm import Difference as Difference
    from ladder.crm import Finding as Finding
    from ladder.crm import MayAsk as MayAsk
    from ladder.crm import Movement as Movement
    from ladder.crm import NextTouch as NextTouch
    from ladder.crm import RecordManyResult as RecordManyResult
    from ladder.crm import RecordResult as RecordResult
    from ladder.crm import Resolution as Resolution
    from ladder.crm import Standing as Standing
    from ladder.crm import SupporterExplanation as SupporterExplanation
    from ladder.crm import Unassessed as Unassessed
    from ladder.documents import dump as dump
    from ladder.documents import parse as parse
    from ladder.documents import parse_condition as parse_condition
    from ladder.documents import parse_selector as parse_selector
    from ladder.documents import parse_span as parse_span
    from ladder.errors import CurrencyError as CurrencyError
    from ladder.errors import DefinitionError as DefinitionError
    from ladder.errors import DuplicateTouchpointError as DuplicateTouchpointError
    from ladder.errors import FindingError as FindingError
    from ladder.errors import LadderError as LadderError
    from ladder.errors import NotFoundError as NotFoundError
    from ladder.errors import StorageError as StorageError
    from ladder.errors import TouchpointError as TouchpointError
    from ladder.language.aggregates import amount_above as amount_above
    from ladder.language.aggregates import amount_at_least as amount_at_least
    from ladder.language.aggregates import average as average
    from ladder.language.aggregates import count as count
    from ladder.language.aggregates import distinct as distinct
    from ladder.language.aggregates import quantity_above as quantity_above
    from ladder.language.aggregates import quantity_at_least as quantity_at_least
    from ladder.language.aggregates import share as share
    from ladder.language.aggregates import total as total
    from ladder.language.conditions import has_finding as has_finding
    from ladder.language.conditions import held_for as held_for
    from ladder.language.conditions import is_covered as is_covered
    from ladder.language.conditions import latch as latch
    from ladder.language.conditions import on_rung as on_rung
    from ladder.language.ladders import Grade as Grade
    from ladder.language.ladders import Ladder as Ladder
    from ladder.language.ladders import Pattern as Pattern
    from ladder.language.ladders import Rung as Rung
    from ladder.language.macros import do_not_contact as do_not_contact
    from ladder.language.macros import ever_true as ever_true
    from ladder.language.macros import first as first
    from ladder.language.macros import inactive as inactive
    from ladder.language.macros import streak_of_years as streak_of_years
    from ladder.language.macros import within as within
    from ladder.language.selectors import any_touchpoint as any_touchpoint
    from ladder.language.selectors import asks_for as asks_for
    from ladder.language.selectors import automated as automated
    from ladder.language.selectors import broadcast as broadcast
    from ladder.language.selectors import campaign as campaign
    from ladder.language.selectors import channel as channel
    from ladder.language.selectors import family as family
    from ladder.language.selectors import has_rate as has_rate
    from ladder.language.selectors import in_months as in_months
    from ladder.language.selectors import in_reply_to as in_reply_to
    from ladder.language.selectors import inbound as inbound
    from ladder.language.selectors import individual as individual
    from ladder.language.selectors import is_reply as is_reply
    from ladder.language.selectors import kind as kind
    from ladder.language.selectors import outbound as outbound
    from ladder.language.selectors import purpose as purpose
    from ladder.language.selectors import referred as referred
    from ladder.language.selectors import where as where
    from ladder.language.spans import days as days
    from ladder.language.spans import end_of as end_of
    from ladder.language.spans import ever as ever
    from ladder.language.spans import fiscal_year as fiscal_year
    from ladder.language.spans import hours as hours
    from ladder.language.spans import month as month
    from ladder.language.spans import months as months
    from ladder.language.spans import older_than as older_than
    from ladder.language.spans import quarter as quarter
    from ladder.language.spans import until as until
    from ladder.language.spans import week as week
    from ladder.language.spans import year as year
    from ladder.language.spans import years as years
    from ladder.model.calendars import Calendar as Calendar
    from ladder.model.kinds import KINDS as KINDS
    from ladder.model.kinds import Kind as Kind
    from ladder.model.money import Rates as Rates
    from ladder.model.organisations import Organisation as Organisation
    from ladder.model.touchpoints import Touchpoint as Touchpoint
    from ladder.storage.engines import create_engine as create_engine
    from ladder.storage.engines import prepare as prepare
    from ladder.storage.migrations import alembic_include_name as alembic_include_name
    from ladder.storage.migrations import upgrade as upgrade

_NAMES: Final = {
    "ladder.model.calendars": "Calendar",
    "ladder.language.conditions": "has_finding held_for is_covered latch on_rung",
    "ladder.coverage": "Coverage",
    "ladder.crm": (
        "CRM Action Cause Difference SupporterExplanation Finding MayAsk Movement NextTouch "
        "RecordResult RecordManyResult Resolution AdoptionResult Standing Unassessed"
    ),
    "ladder.documents": "dump parse parse_condition parse_selector parse_span",
    "ladder.errors": (
        "CurrencyError DefinitionError DuplicateTouchpointError FindingError LadderError "
        "NotFoundError StorageError TouchpointError"
    ),
    "ladder.model.kinds": "KINDS Kind",
    "ladder.language.ladders": "Grade Ladder Pattern Rung",
    "ladder.catalogue": "load read",
    "ladder.language.macros": "first do_not_contact ever_true inactive streak_of_years within",
    "ladder.language.aggregates": (
        "amount_above amount_at_least average count distinct quantity_above quantity_at_least "
        "share total"
    ),
    "ladder.model.money": "Rates",
    "ladder.model.organisations": "Organisation",
    "ladder.language.selectors": (
        "any_touchpoint asks_for automated broadcast campaign channel family has_rate in_months "
        "in_reply_to inbound individual is_reply kind outbound purpose referred where"
    ),
    "ladder.language.spans": (
        "days end_of ever fiscal_year hours month months older_than quarter until week year years"
    ),
    "ladder.storage.engines": "create_engine prepare",
    "ladder.storage.migrations": "alembic_include_name upgrade",
    "ladder.model.touchpoints": "Touchpoint",
}
"""The exported names by module.

The imports above repeat them for type checkers; a test compares the two.
"""

_HOMES: Final = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted(_HOMES)  # noqa: PLE0605  (computed from _HOMES)


def __getattr__(name: str) -> Any:  # noqa: ANN401  (an export of any type)
    """Load a name's module at its first use."""
    home = _HOMES.get(name)
    if home is None:
        message = f"module 'ladder' has no attribute {name!r}"
        raise AttributeError(message)
    value = globals()[name] = getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
