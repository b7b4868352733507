"""Everybody evaluated anew: after another ladder was adopted, or more was declared logged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from ladder.crm.evaluating import judge
from ladder.crm.recording import write
from ladder.crm.situations import Adopted, Situation
from ladder.crm.tending import tend_all
from ladder.seams import kinds_of
from ladder.storage import recording
from ladder.storage.differences import Changed
from ladder.storage.sessions import takes_bulk

OnProgress = Callable[[int, int], None]
"""How many supporters are done, of how many."""


@dataclass(frozen=True)
class Restated:
    """How many supporters were looked at, and how many rows were added and retracted."""

    supporters: int
    added: int
    retracted: int


def _ignore(_: int, __: int) -> None:
    """Nobody listens."""


def restate(situation: Situation, *, now: int, progress: OnProgress | None = None) -> Restated:
    """Evaluate all supporters by every ladder in force and write the differences.

    The caller has claimed the organisation alone. All at once where Polars and NumPy are
    there (the extra `bulk`) and the driver can do so, else one by one; both write the same.
    """
    absent = any(find_spec(name) is None for name in ("polars", "numpy"))
    if absent or not takes_bulk(situation.store.connection):
        return _one_by_one(situation, now, progress or _ignore)
    done = Changed()
    everybody = 0
    for adopted in situation.adopted:
        everybody, changed = _in_bulk(situation, adopted, now, progress or _ignore)
        done += changed
    return Restated(everybody, done.added, done.retracted)


def _one_by_one(situation: Situation, now: int, progress: OnProgress) -> Restated:
    added = retracted = 0
    everybody = recording.everybody(situation.store)
    for done, number in enumerate(everybody, 1):
        people = recording.lock_ids(situation.store, [number])
        changes = write(situation, [judge(situation, number)], people, now=now)
        for _, _, made in changes.rows:
            added += len(made.movements.new) + len(made.findings.new)
            retracted += len(made.movements.gone) + len(made.findings.gone)
        progress(done, len(everybody))
    return Restated(len(everybody), added, retracted)


def _in_bulk(
    situation: Situation, adopted: Adopted, now: int, progress: OnProgress
) -> tuple[int, Changed]:
    from ladder import columnar  # noqa: PLC0415  (Polars and NumPy, which a host may not have)
    from ladder.storage.bulk_differences import Writer  # noqa: PLC0415
    from ladder.storage.parts import read_parts  # noqa: PLC0415

    store, versions = situation.store, adopted.versions
    writer = Writer(store, adopted.definition.root, now)
    everybody, done, total = 0, Changed(), len(recording.everybody(store))
    for part in read_parts(store, kinds_of(versions), columns=columnar.columns_all(versions)):
        found = columnar.evaluate_all(
            part.frame, versions, store.organisation, situation.coverage, part.brought
        )
        written = writer.write(part.supporters, found.movements, found.findings, found.first_at)
        done += written.movements + written.findings
        everybody += len(part.supporters)
        progress(everybody, total)
    writer.finish()
    tend_all(situation, adopted, now=now)
    return everybody, done
