"""How many examples a random test tries that takes long: a share of what the profile says."""

from __future__ import annotations

from hypothesis import settings


def examples(share: int) -> int:
    """So many where others try a hundred, and fifty times as many in a thorough run."""
    return max(1, settings.default.max_examples * share // 100)
