"""`ladder version`."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, packages_distributions, version

import click

from ladder.cli.options import as_json
from ladder.cli.output import print_json, warn

PARTS = ("sqlalchemy", "alembic", "pydantic", "polars", "numpy", "psycopg", "tzdata")


@click.command(name="version")
@as_json
def command(*, as_json: bool) -> None:
    """The versions of this library and of what it runs on.

    Warns when another distribution has installed a package of the same name: `ladder` on the
    package index is something else.
    """
    versions = {"ladder-crm": _version("ladder-crm"), "python": platform.python_version()}
    versions |= {name: _version(name) for name in PARTS}
    others = sorted(set(packages_distributions().get("ladder", ())) - {"ladder-crm"})
    if others:
        warn(
            f"{', '.join(others)} installs a package called ladder too and overwrites files of "
            "this one: keep them in separate environments, or uninstall it and reinstall ladder-crm"
        )
    if as_json:
        print_json(versions)
        return
    for name, number in versions.items():
        click.echo(f"{name:<12}{number}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
