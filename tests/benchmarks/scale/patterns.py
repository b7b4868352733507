"""Twenty-eight patterns: six that ship, and the others of both sides as people wrote them down."""

from __future__ import annotations

from ladder.language.ladders import Grade, Ladder, Pattern
from ladder.model.kinds import KINDS
from tests.documents.catalogue import condition, definitions, kinds
from tests.six_patterns import six

SEVERITIES = ("low", "medium", "high", "critical")
NUMBER = 28


def twenty_eight() -> Ladder:
    """The default ladder, with more patterns."""
    shipped = six()
    known = {pattern.key for pattern in shipped.patterns}
    told: dict[str, list[Grade]] = {}
    for definition in definitions():
        key = definition.name.split(" ")[0]
        if key in known or not key[1:].isdigit():
            continue
        grades = told.setdefault(key, [])
        grades.append(Grade(severity=SEVERITIES[len(grades)], condition=condition(definition)))
    more = tuple(
        Pattern(key=key, side="organisation" if key.startswith("O") else "supporter", grades=grades)
        for key, grades in told.items()
    )
    patterns = (*shipped.patterns, *more)
    assert len(patterns) == NUMBER, [pattern.key for pattern in patterns]
    own = tuple(kind for kind in kinds().values() if kind.name not in KINDS)
    return shipped.model_copy(update={"patterns": patterns, "own_kinds": own})
