"""Numbers of examples and seeds of slow tests, as a share of what the profile allows."""

from __future__ import annotations

from hypothesis import settings


def examples(share: int) -> int:
    """Return `share` percent of the profile's examples, at least two.

    The thorough profile tries 100 examples, so `share` is the number that it tries.
    """
    return max(2, settings.default.max_examples * share // 100)


def seeds(number: int) -> range:
    """Return so many seeds in the thorough run, a quarter of them otherwise, at least one."""
    return range(max(1, number * min(settings.default.max_examples, 100) // 100))
