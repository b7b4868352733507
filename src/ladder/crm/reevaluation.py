"""Everybody evaluated anew: after another ladder was adopted, or more was declared logged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from ladder.coverage import BEGINNING
from ladder.crm.context import Adopted, Situation
from ladder.crm.evaluation import judge
from ladder.crm.finding_states import tend_all
from ladder.crm.recording import write
from ladder.language.versions import Succession, Version, kinds_of
from ladder.storage.transactions import takes_bulk
from ladder.storage.write import recording
from ladder.storage.write.bitemporal import Changed

_MEANING: Final = ("kind", "rungs", "patterns", "silent", "placements", "rates")
"""What a ladder says of touchpoints, whatever kinds there are."""

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


def restate(
    situation: Situation,
    *,
    now: int,
    before: Situation | None = None,
    progress: OnProgress | None = None,
) -> Restated:
    """Evaluate all supporters by every ladder in force and write the differences.

    `before` is what was in force when they were evaluated last, where nothing but the ladders has
    changed since: then only what these say otherwise is worked out. The caller has claimed the
    organisation alone. All at once where Polars and NumPy are there (the extra `bulk`) and the
    driver can do so, else one by one, and whole; both write the same.
    """
    absent = any(find_spec(name) is None for name in ("polars", "numpy"))
    if absent or not takes_bulk(situation.store.connection):
        return _one_by_one(situation, now, progress or _ignore)
    done = Changed()
    everybody = 0
    for adopted, since in _to_do(situation, before):
        everybody, changed = _in_bulk(situation, adopted, since, now, progress or _ignore)
        done += changed
    return Restated(everybody, done.added, done.retracted)


def _to_do(situation: Situation, before: Situation | None) -> Iterator[tuple[Adopted, int | None]]:
    """The ladders to work out; from when on, where the rest is what it was."""
    known = {} if before is None else {each.definition.root: each for each in before.adopted}
    for adopted in situation.adopted:
        old = known.get(adopted.definition.root)
        if old is None:
            yield adopted, None
            continue
        (since, _), *_ = reversed(adopted.versions)
        said = [each for each in old.versions if each.since < since]
        if not _alike(said, [each for each in adopted.versions if each.since < since]):
            yield adopted, None
        elif not _alike(old.versions, adopted.versions):
            yield adopted, since if said else None


def _alike(some: Succession, others: Succession) -> bool:
    """Whether two successions say the same: kinds that no touchpoint has yet make no difference."""
    return len(some) == len(others) and all(
        one.since == other.since
        and all(getattr(one.ladder, name) == getattr(other.ladder, name) for name in _MEANING)
        and one.ladder.kinds.mean_in(other.ladder.kinds)
        for one, other in zip(some, others, strict=True)
    )


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
    situation: Situation, adopted: Adopted, since: int | None, now: int, progress: OnProgress
) -> tuple[int, Changed]:
    from ladder.engines import columnar  # noqa: PLC0415  (Polars and NumPy, which a host may not have)
    from ladder.storage.read.history_batches import read_parts  # noqa: PLC0415
    from ladder.storage.write.bitemporal_bulk import Writer  # noqa: PLC0415
    from ladder.storage.write.bitemporal_versions import Sewer  # noqa: PLC0415

    store, versions, root = situation.store, adopted.versions, adopted.definition.root
    writer = Writer(store, root, now)
    if since is not None:
        versions = (Version(BEGINNING, adopted.ladder),)
        writer = Sewer(store, root, now, since)
    everybody, done, total = 0, Changed(), len(recording.everybody(store))
    columns = columnar.columns_all(versions)
    for part in read_parts(store, kinds_of(versions), columns=columns):
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
