"""A coverage declaration, and the gaps that declarations leave."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, model_validator

from ladder.errors import DefinitionError
from ladder.language.nodes import Selector
from ladder.model.calendars import BEGINNING, FOREVER


class Coverage(BaseModel):
    """A declaration: the log holds all touchpoints of a selector in [since, until).

    `since` and `until` are instants. With a `source`, the declaration concerns only what goes
    through that system. It suffices where no other source is declared for such touchpoints;
    otherwise every source that is declared for some of them must be declared for all of them.
    Without a source, the declaration concerns the whole log and suffices alone.
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
    """A half-open interval of instants that the log does not cover: [since, until)."""

    since: int
    until: int
