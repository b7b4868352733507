"""One declaration, and what the declarations leave open."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, model_validator

from ladder.errors import DefinitionError
from ladder.language.nodes import Selector
from ladder.model.calendars import FOREVER

BEGINNING = -FOREVER


class Coverage(BaseModel):
    """The log holds every touchpoint of this selector from `since` until `until` (instants).

    With a `source` it speaks of what goes through that system alone: nothing of it is missing. That
    is enough where no other system is declared for such touchpoints; else all of those that are
    have to be. Without a source it speaks of the log as a whole, and needs nobody else's word.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    selector: Selector
    since: int = BEGINNING
    until: int = FOREVER
    source: str | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Coverage:
        if self.since >= self.until:
            message = f"coverage of {self.selector} ends before it begins"
            raise DefinitionError(message)
        return self


class Gap(NamedTuple):
    """A stretch of instants that the log does not cover: [since, until)."""

    since: int
    until: int
