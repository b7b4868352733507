"""Where the parts of a ladder stand in the document that it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ladder.documents.places import Place
from ladder.ladders import Ladder


@dataclass(frozen=True)
class Source:
    """A document's text, and the place of each part of its ladder.

    Parts are named "rung donating", "pattern O1", "silent", or with the key within them: "rung
    donating, enter", "pattern O1, needs", "pattern O1, high".
    """

    file: str = ""
    text: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)

    def place(self, part: str) -> Place | None:
        """The place of a part, or of what it is a part of; None when the document lacks both."""
        return self.places.get(part) or self.places.get(part.partition(",")[0])


@dataclass(frozen=True)
class Document:
    """A ladder as read, the named pieces it was written with, and where everything stands."""

    ladder: Ladder
    names: Mapping[str, object]
    source: Source
