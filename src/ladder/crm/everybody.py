"""Everybody evaluated anew: after another ladder was adopted, or more was declared logged."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from ladder.crm.evaluating import judge
from ladder.crm.recording import write
from ladder.crm.situations import Adopted, Situation
from ladder.storage import recording
from ladder.storage.differences import Changed
from ladder.storage.sessions import takes_bulk


@dataclass(frozen=True)
class Restated:
    """How many supporters were looked at, and how many rows were added and retracted."""

    supporters: int
    added: int
    retracted: int


def restate(situation: Situation, *, now: int) -> Restated:
    """Evaluate all supporters by every ladder in force and write the differences.

    The caller has claimed the organisation alone. All at once where Polars and NumPy are
    there (the extra `bulk`) and the driver can do so, else one by one; both write the same.
    """
    absent = any(find_spec(name) is None for name in ("polars", "numpy"))
    if absent or not takes_bulk(situation.store.connection):
        return _one_by_one(situation, now)
    done = Changed()
    everybody = 0
    for adopted in situation.adopted:
        everybody, changed = _in_bulk(situation, adopted, now)
        done += changed
    return Restated(everybody, done.added, done.retracted)


def _one_by_one(situation: Situation, now: int) -> Restated:
    added = retracted = 0
    everybody = recording.everybody(situation.store)
    for number in everybody:
        people = recording.lock_ids(situation.store, [number])
        changes = write(situation, [judge(situation, number)], people, now=now)
        for _, _, done in changes.rows:
            added += len(done.movements.new) + len(done.findings.new)
            retracted += len(done.movements.gone) + len(done.findings.gone)
    return Restated(len(everybody), added, retracted)


def _in_bulk(situation: Situation, adopted: Adopted, now: int) -> tuple[int, Changed]:
    from ladder import columnar  # noqa: PLC0415  (Polars and NumPy, which a host may not have)
    from ladder.storage.bulk_differences import Writer  # noqa: PLC0415
    from ladder.storage.parts import read_parts  # noqa: PLC0415

    store, ladder = situation.store, adopted.ladder
    writer = Writer(store, adopted.definition.root, now)
    everybody, done = 0, Changed()
    for part in read_parts(store, columns=columnar.columns(ladder)):
        found = columnar.evaluate(
            part.frame, ladder, store.organisation, situation.coverage, part.brought
        )
        written = writer.write(part.supporters, found.movements, found.findings, found.first_at)
        done += written.movements + written.findings
        everybody += len(part.supporters)
    return everybody, done
