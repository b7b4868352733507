"""Fixtures of the importers' tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importers.exports import Exports


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    """Writes exports into an empty folder and imports them."""
    return Exports(tmp_path)
