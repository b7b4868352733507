"""Every block of the documents means what it says: it runs.

The blocks of a page run in order, in one namespace, in one empty folder:

- ```python blocks run;
- ```toml blocks are read, as a ladder when they hold rungs or patterns. One that is opened with a
  file's name (```toml mine.toml) is written there too, as is a ```csv block;
- ```console blocks run their lines that start with `$ ladder`; what stands below a line is what it
  prints (`...` stands for anything), `[exit 1]` as the last of these is its exit code.

A block that cannot run here opens with the reason: ```python {not run: needs your own data}.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from ladder import catalogue
from ladder.cli import group
from ladder.errors import DefinitionErrorGroup

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^( *)```(\w+)([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
A_LADDER = re.compile(r"^\[ladder\]|^\[\[(rung|pattern)\]\]", re.MULTILINE)
HEAD = '[ladder]\nkey = "example"\n'
EXIT = re.compile(r"\n?\[exit (\d+)\]$")
LENIENT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Block(NamedTuple):
    """A fenced block: its language, what follows that, its text, and the line before its first."""

    language: str
    info: str
    text: str
    above: int


class Command(NamedTuple):
    """A line of a console, what it prints, and its exit code."""

    line: str
    prints: str
    exit: int


def blocks(page: str) -> list[Block]:
    """The blocks of a page that ought to work."""
    found = []
    for match in FENCE.finditer(page):
        indent, language, info, body = match.groups()
        if "not run:" not in info:
            text = "\n".join(line.removeprefix(indent) for line in body.splitlines())
            above = page[: match.start()].count("\n") + 1
            found.append(Block(language, info.strip(), text + "\n", above))
    return found


def run(page: Path) -> None:
    """Run a page; an error's traceback names the page and its line."""
    module = ModuleType("__docs__")
    sys.modules[module.__name__] = module  # where SQLAlchemy looks up a model's annotations
    names: dict[str, Any] = vars(module)
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.language == "python":
            tree = ast.increment_lineno(ast.parse(block.text, str(page)), block.above)
            exec(compile(tree, str(page), "exec"), names)  # noqa: S102 - our own documents
        elif block.language == "toml":
            read_toml(block)
        elif block.language == "console":
            for command in commands(block.text):
                run_command(command, f"{page.name}, line {block.above}")
        if block.info.endswith((".toml", ".csv")):
            Path(block.info).write_text(block.text, encoding="utf-8")


def read_toml(block: Block) -> None:
    tomllib.loads(block.text)
    if A_LADDER.search(block.text):
        headed = "[ladder]" in block.text
        catalogue.read(block.text if headed else HEAD + block.text)


def commands(text: str) -> Iterator[Command]:
    """The `$ ladder …` lines of a console and what follows each."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, prints = part.partition("\n")
        if not line.startswith("ladder"):
            continue
        code = EXIT.search(prints.rstrip())
        shown = EXIT.sub("", prints.rstrip())
        yield Command(line, shown, int(code[1]) if code else 0)


def run_command(command: Command, where: str) -> None:
    # A line without a pipe or redirection runs in this process: a new one takes a second to start.
    call = call_shell if set(command.line) & set("|<>&;$`*?~#") else call_here
    code, printed = call(command.line)
    told = f"{where}: $ {command.line}\n{printed}"
    assert code == command.exit, told
    if command.prints.strip():
        checker = doctest.OutputChecker()
        assert checker.check_output(command.prints + "\n", printed, LENIENT), told


ENVIRONMENT = {"COLUMNS": "100", "NO_COLOR": "1"}


def call_here(line: str) -> tuple[int, str]:
    """Return the exit code of a command and what it prints, run in this process."""
    printed = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
    ):
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        code = group.run(shlex.split(line)[1:])
    return code, printed.getvalue()


def call_shell(line: str) -> tuple[int, str]:
    """Return the exit code of a line and what it prints, run by a shell."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", line],
        env={**os.environ, "PATH": path, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_code_blocks_of_a_page_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(page)


def test_wrong_output_of_a_page_fails_at_its_line(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n```python\nx = 1\n```\n\nand\n\n```python\nassert x == 2\n```\n")
    with pytest.raises(AssertionError) as caught:
        run(page)
    assert caught.traceback[-1].lineno + 1 == 10
    page.write_text("```toml\na = \n```\n")
    with pytest.raises(tomllib.TOMLDecodeError):
        run(page)


def test_invalid_ladder_of_a_page_fails(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```toml\n[[rung]]\nkey = 'one'\nenter = 'count(donatoin, ever) >= 1'\n```\n")
    with pytest.raises(DefinitionErrorGroup, match="did you mean donation"):
        run(page)


def test_wrong_console_output_of_a_page_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    rung = "[ladder]\nkey = 'mine'\n[[rung]]\nkey = 'one'\nenter = 'count(donation, ever) >= 1'\n"
    page.write_text(
        f"```toml mine.toml\n{rung}```\n\n"
        "```console\n$ ladder check mine.toml\nmine: 1 ... nothing wrong found\n"
        "$ ladder check missing.toml\n...\n[exit 3]\n```\n"
    )
    run(page)
    for old, new in (("nothing wrong", "much wrong"), ("[exit 3]", "[exit 2]")):
        lies = tmp_path / "lies.md"
        lies.write_text(page.read_text().replace(old, new))
        with pytest.raises(AssertionError, match=r"lies.md, line 9: \$ ladder check"):
            run(lies)


def test_block_marked_as_not_run_is_skipped(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python {not run: needs a host}\nraise SystemExit\n```\n")
    run(page)
