"""`make demo` from end to end, on fewer supporters; and the picture of it in the documents."""

from __future__ import annotations

import html
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "examples" / "river" / "demo.py"


def demo(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DEMO), "--out", str(out), *words],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shown(folder: Path) -> str:
    return demo(folder, "--supporters", "120").stdout


def test_demo_shows_pyramid_explanation_and_findings(shown: str) -> None:
    for heading in (
        "Where ", "Who moved in the last twelve months", "Who will fall within 30 days",
        "Where the relationship runs like a cash machine", "Rejected rows",
        "Now ask it yourself",
    ):  # fmt: skip
        assert f"\n{heading}" in shown
    assert "8 rows refused" in shown
    assert "What to do: " in shown


def test_demo_fits_80_columns(shown: str) -> None:
    assert [line for line in shown.splitlines() if len(line) > 80 and "/" not in line] == []


def test_demo_prints_the_same_twice(shown: str, folder: Path) -> None:
    assert demo(folder, "--supporters", "120").stdout == shown


def test_demo_leaves_a_database_that_answers_questions(shown: str, folder: Path) -> None:
    assert "ladder verify" in shown
    subprocess.run(
        [sys.executable, "-m", "ladder", "verify", "--db", str(folder / "river.db")],
        check=True,
        capture_output=True,
    )


def words_of(picture: Path) -> list[str]:
    """Return the text of a picture, line by line."""
    text = picture.read_text(encoding="utf-8")
    lines: dict[float, str] = {}
    for attributes, said in re.findall(r"<text ([^>]*)>([^<]*)</text>", text):
        y = float(re.search(r'y="([\d.]+)"', attributes)[1])  # type: ignore[index]
        lines[y] = lines.get(y, "") + html.unescape(said)
    return [" ".join(line.split()) for _, line in sorted(lines.items()) if line.split()]


@pytest.mark.slow
def test_picture_in_the_readme_is_what_the_demo_prints(tmp_path: Path) -> None:
    begun = time.perf_counter()
    demo(ROOT / "examples" / "river" / "out", "--picture", str(tmp_path / "demo.svg"))
    assert time.perf_counter() - begun < 60
    assert words_of(tmp_path / "demo.svg") == words_of(ROOT / "docs" / "demo.svg"), "make picture"
    assert "docs/demo.svg" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_picture_loads_nothing() -> None:
    text = (ROOT / "docs" / "demo.svg").read_text(encoding="utf-8")
    assert re.findall(r"(?:src|href|url)\s*[=(:]\s*[\"']?https?:", text) == []
