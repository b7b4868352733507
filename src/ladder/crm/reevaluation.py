"""Evaluate all supporters again, after a ladder was adopted or coverage was declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from ladder.coverage import BEGINNING
from ladder.crm.context import Adopted, OrganisationContext
from ladder.crm.evaluation import evaluate_whole
from ladder.crm.finding_states import refresh_all_states
from ladder.crm.recording import write
from ladder.language.versions import Succession, Version, kinds_of
from ladder.storage.transactions import takes_bulk
from ladder.storage.write import recording
from ladder.storage.write.bitemporal import Changed
from ladder.storage.write.loading import load_whole, lock_ids

_MEANING: Final = ("kind", "rungs", "patterns", "suppress_when", "placements", "rates")
"""The fields of a ladder that decide its results, apart from its kinds."""

OnProgress = Callable[[int, int], None]
"""Receives how many supporters are evaluated, and how many there are."""


@dataclass(frozen=True)
class AdoptionResult:
    """How many supporters were evaluated, and how many rows were added and retracted."""

    supporters: int
    added: int
    retracted: int


def _ignore_progress(_: int, __: int) -> None:
    pass


def reevaluate_all(
    organisation: OrganisationContext,
    *,
    now: int,
    before: OrganisationContext | None = None,
    progress: OnProgress | None = None,
) -> AdoptionResult:
    """Evaluate all supporters by every ladder in force and write the differences.

    `before` is what was in force at the last evaluation, where only ladders have changed since;
    then only ladders that differ are evaluated. The caller has claimed the organisation alone. With
    Polars and NumPy (the extra `bulk`) and a driver that moves rows in bulk, all supporters are
    evaluated at once, else one by one; both write the same rows.
    """
    progress = progress or _ignore_progress
    has_bulk = all(find_spec(name) is not None for name in ("polars", "numpy"))
    if not has_bulk or not takes_bulk(organisation.store.connection):
        return _one_by_one(organisation, now, progress)
    total = Changed()
    supporters = 0
    for adopted, since in _different(organisation, before):
        supporters, changed = _in_bulk(organisation, adopted, since, now, progress)
        total += changed
    return AdoptionResult(supporters, total.added, total.retracted)


def _different(
    organisation: OrganisationContext, before: OrganisationContext | None
) -> Iterator[tuple[Adopted, int | None]]:
    """Yield the ladders to evaluate, each with the instant before which its results stay."""
    earlier = {} if before is None else {adopted.root: adopted for adopted in before.adopted}
    for adopted in organisation.adopted:
        old = earlier.get(adopted.root)
        if old is None:
            yield adopted, None
            continue
        since = adopted.versions[-1].since
        old_past, new_past = (
            [version for version in versions if version.since < since]
            for versions in (old.versions, adopted.versions)
        )
        if not _is_alike(old_past, new_past):
            yield adopted, None
        elif not _is_alike(old.versions, adopted.versions):
            yield adopted, since if old_past else None


def _is_alike(some: Succession, others: Succession) -> bool:
    """Whether two successions give the same results; kinds without touchpoints do not matter."""
    return len(some) == len(others) and all(
        one.since == other.since
        and all(getattr(one.ladder, name) == getattr(other.ladder, name) for name in _MEANING)
        and one.ladder.kinds.mean_in(other.ladder.kinds)
        for one, other in zip(some, others, strict=True)
    )


def _one_by_one(
    organisation: OrganisationContext, now: int, progress: OnProgress
) -> AdoptionResult:
    total = Changed()
    store = organisation.store
    everybody = recording.everybody(store)
    for finished, number in enumerate(everybody, 1):
        locked = lock_ids(store, [number])
        results = [
            evaluate_whole(organisation, load_whole(store, supporter, organisation.ladders))
            for supporter in locked.values()
        ]
        changes = write(organisation, results, locked, now=now)
        total = sum((change.rows.counts for change in changes.rows), total)
        progress(finished, len(everybody))
    return AdoptionResult(len(everybody), total.added, total.retracted)


def _in_bulk(
    organisation: OrganisationContext,
    adopted: Adopted,
    since: int | None,
    now: int,
    progress: OnProgress,
) -> tuple[int, Changed]:
    # Polars and NumPy, which a host may lack.
    from ladder.engines import columnar  # noqa: PLC0415
    from ladder.storage.read.history_batches import read_parts  # noqa: PLC0415
    from ladder.storage.write.bitemporal_bulk import Writer  # noqa: PLC0415
    from ladder.storage.write.bitemporal_versions import VersionWriter  # noqa: PLC0415

    store, versions = organisation.store, adopted.versions
    writer = Writer(store, adopted.root, now)
    if since is not None:
        versions = (Version(BEGINNING, adopted.ladder),)
        writer = VersionWriter(store, adopted.root, now, since)
    supporters, total, changed = 0, len(recording.everybody(store)), Changed()
    columns = columnar.columns_all(versions)
    for part in read_parts(store, kinds_of(versions), columns=columns):
        results = columnar.evaluate_all(
            part.frame, versions, store.organisation, organisation.coverage, part.brought
        )
        written = writer.write(
            part.supporters, results.movements, results.findings, results.first_at
        )
        changed += written.total
        supporters += len(part.supporters)
        progress(supporters, total)
    writer.finish()
    refresh_all_states(organisation, adopted, now=now)
    return supporters, changed
