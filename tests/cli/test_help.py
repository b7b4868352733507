"""The front page: quick, complete, and true to the commands behind it."""

from __future__ import annotations

import inspect
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module

import click
import pytest

from ladder.cli import NEEDS, main
from ladder.cli.group import COMMANDS, module_of
from tests.cli.conftest import Ladder


def test_help_lists_every_command(ladder: Ladder) -> None:
    said = ladder("--help")
    assert said.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in said.out


def test_commands_all_have_a_help_page(ladder: Ladder) -> None:
    for name in COMMANDS:
        said = ladder(name, "--help")
        assert said.code == 0
        assert f"Usage: ladder {name}" in said.out


@pytest.mark.parametrize("name", COMMANDS)
def test_command_modules_hold_the_command_of_their_name(name: str) -> None:
    assert import_module(module_of(name)).command.name == name


def _commands_below(command: click.Command) -> Iterator[click.Command]:
    yield command
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from _commands_below(inner)


@pytest.mark.parametrize("name", COMMANDS)
def test_options_are_arguments_of_the_functions_they_call(name: str) -> None:
    for command in _commands_below(import_module(module_of(name)).command):
        if command.callback is not None:
            given = {option.name for option in command.params if option.expose_value}
            signature = inspect.signature(inspect.unwrap(command.callback)).parameters.values()
            if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in signature):
                arguments = {parameter.name for parameter in signature} - {"ctx"}
                assert given == arguments, command.name


def test_help_loads_no_database_and_no_data_frames() -> None:
    script = (
        "import sys\n"
        "from ladder.cli.group import run\n"
        "run(['--help'])\n"
        "heavy = {'sqlalchemy', 'alembic', 'polars', 'numpy', 'pydantic', 'rich'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_help_starts_within_its_limit() -> None:
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "ladder", "--help"], check=True, capture_output=True)
        times.append(time.perf_counter() - begun)
    bare = []
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import click"], check=True, capture_output=True)
        bare.append(time.perf_counter() - begun)
    assert min(times) < 2 * min(bare) + 0.1


def test_unknown_command_names_the_nearest(ladder: Ladder) -> None:
    said = ladder("standing")
    assert said.code == 2
    assert "did you mean standings" in said.err


def test_unknown_option_is_a_usage_error(ladder: Ladder) -> None:
    assert ladder("standings", "--dp", "x.db").code == 2


def test_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ladder.cli.find_spec", lambda name: None if name == "rich" else name)
    with pytest.raises(SystemExit) as left:
        main(["version"])
    assert left.value.code == 2
    assert "pip install 'ladder-crm[cli]'" in capsys.readouterr().err
    assert "rich" in NEEDS


def test_version_names_the_distribution_and_a_clash(
    ladder: Ladder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "ladder-crm" in ladder("version", "--json").document
    monkeypatch.setattr(
        "ladder.cli.commands.version.packages_distributions",
        lambda: {"ladder": ["ladder-crm", "ladder"]},
    )
    said = ladder("version")
    assert said.code == 0
    assert "separate environments" in said.err
