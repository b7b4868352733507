"""The group of commands, which imports a command only when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import click

from ladder.cli.exit_codes import FINE, INPUT, STOPPED, code_of
from ladder.errors import LadderError, nearest

COMMANDS: Final = {
    "replay": "Read files of touchpoints into a database and work out every movement.",
    "standings": "Who stands where, on any date past or future.",
    "movements": "Who moved, when, from where to where, and why.",
    "explain": "One supporter: their standing, what holds them there and what would lift them.",
    "upcoming": "Who will lapse or slip soon unless something happens.",
    "findings": "Patterns of treating people as cash machines, with the evidence.",
    "may-ask": "May we ask them now? A list of supporters, each with the reasons.",
    "next": "Whom to thank, answer, report to, invite or ask today, each once.",
    "patterns": "What is known of the patterns: which ship, and what followed them here.",
    "coverage": "What the log holds, what is declared of it, and what patterns need.",
    "metrics": "The organisation as a whole: thanks, reports, asks, answers, by month or campaign.",
    "whatif": "Who would stand elsewhere by another ladder, since when, and why.",
    "adopt": "Let another ladder speak, from a date on or for all of the past.",
    "check": "Look for mistakes in a ladder before anybody stands on it.",
    "verify": "Work everything out anew and compare it with what is stored.",
    "ladders": "The ladders that ship with this library.",
    "db": "Set up, upgrade and check the database.",
    "version": "The versions of this library and of what it runs on.",
}
"""Name and summary of the commands. `--help` needs no more than this, so it loads no database and
no data frames. The module `module_of(name)` holds the command of that name."""


def module_of(name: str) -> str:
    """Return the module of a command: `ladder.cli.commands.may_ask` for `may-ask`."""
    return f"ladder.cli.commands.{name.replace('-', '_')}"


class Commands(click.Group):
    """A group that imports a command when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order in which a newcomer needs them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None for an unknown name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(module_of(cmd_name))
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; the error for an unknown name suggests the nearest one."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = nearest(args[0], COMMANDS)
            message = f"No such command {args[0]!r}{near}."
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the summaries without importing a command."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  (as click has it)
        """Run a command; a reader that closes the pipe early (`| head`) is not an error."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(FINE)
        return result


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done; 1 done, and something was found or refused; 2 asked wrongly; "
    "3 a file or definition cannot be taken; 4 the database is not ready; 130 stopped by Ctrl-C. "
    "Results go to stdout, everything else to stderr. More: docs/cli.md",
)
def ladder() -> None:
    """Where each supporter stands on the ladder of engagement, since when, why, and until when."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return the exit code."""
    given = None if arguments is None else list(arguments)
    try:
        result = ladder.main(args=given, prog_name="ladder", standalone_mode=False)
    except LadderError as error:
        click.echo(f"Error: {error}", err=True)
        return code_of(error)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("Stopped: nothing was changed.", err=True)
        return STOPPED
    except OSError as error:
        click.echo(f"Error: {error.filename or 'output'}: {error.strerror}", err=True)
        return INPUT
    return result if isinstance(result, int) else FINE
