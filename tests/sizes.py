"""How many examples a slow property test tries, as a share of what the profile allows."""

from __future__ import annotations

from hypothesis import settings


def examples(share: int) -> int:
    """Return `share` percent of the profile's examples, at least two.

    The thorough profile tries 100 examples, so `share` is the number that it tries.
    """
    return max(2, settings.default.max_examples * share // 100)
