"""docs/architecture.md names rooms and files that exist, and every room of the library."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/architecture.md").read_text()
SOURCE = ROOT / "src/ladder"


def test_paths_on_the_page_all_exist() -> None:
    named = set(re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?)`", PAGE))
    missing = [path for path in named if not ((SOURCE / path).exists() or (ROOT / path).exists())]
    assert named
    assert missing == []


def test_rooms_are_all_on_the_page() -> None:
    rooms = [path.parent.name for path in SOURCE.glob("*/__init__.py")]
    assert [room for room in rooms if not re.search(rf"\b{room}\b", PAGE)] == []
