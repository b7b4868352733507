"""Every Python and TOML block of the documents means what it says: it runs.

The Python blocks of a page run in order, in one namespace, in an empty folder. A block that cannot
run here opens with the reason: ```python {not run: needs your own data}.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^( *)```(\w+)([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language, its text, and the line before its first."""

    language: str
    text: str
    above: int


def blocks(page: str) -> list[Block]:
    """The blocks of a page that ought to work."""
    found = []
    for match in FENCE.finditer(page):
        indent, language, info, body = match.groups()
        if "not run:" not in info:
            text = "\n".join(line.removeprefix(indent) for line in body.splitlines())
            found.append(Block(language, text + "\n", page[: match.start()].count("\n") + 1))
    return found


def run(page: Path) -> None:
    """Run a page; an error's traceback names the page and its line."""
    names: dict[str, Any] = {"__name__": "__docs__"}
    for language, text, above in blocks(page.read_text(encoding="utf-8")):
        if language == "python":
            tree = ast.increment_lineno(ast.parse(text, str(page)), above)
            exec(compile(tree, str(page), "exec"), names)  # noqa: S102 - our own documents
        elif language == "toml":
            tomllib.loads(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_shows_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(page)


def test_a_page_that_lies_is_caught_at_its_line(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n```python\nx = 1\n```\n\nand\n\n```python\nassert x == 2\n```\n")
    with pytest.raises(AssertionError) as caught:
        run(page)
    assert caught.traceback[-1].lineno + 1 == 10
    page.write_text("```toml\na = \n```\n")
    with pytest.raises(tomllib.TOMLDecodeError):
        run(page)


def test_a_block_marked_as_not_run_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python {not run: needs a host}\nraise SystemExit\n```\n")
    run(page)
