"""Dry runs: a mapping drafted from a file, and the effect of a mapping on files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from ladder.cli.output import print_json, tell
from ladder.cli.render.console import Paper
from ladder.errors import ImportFileError
from ladder.importers import Mapping, Preview, guess, preview
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation


def show_draft(path: Path, organisation: Organisation, kinds: Kinds, *, as_json: bool) -> None:
    """Print the drafted mapping to stdout for editing, and its effect to stderr."""
    found = guess(path, organisation)
    if as_json:
        print_json({"file": str(path), "mapping": found.text(), "remarks": list(found.remarks)})
        return
    click.echo(found.text(), nl=False)
    try:
        seen = preview(path, found.mapping, organisation, kinds)
    except ImportFileError as error:
        tell(f"This draft cannot be used as it is: {error}")
        return
    tell("\nWhat this draft would do:")
    for line in seen.lines():
        tell(f"  {line}")
    tell("Nothing was changed. Keep the draft (> mapping.toml), edit it, and replay with it.")


def show_preview(
    paths: Sequence[Path],
    mapping: Mapping,
    organisation: Organisation,
    kinds: Kinds,
    *,
    as_json: bool,
) -> None:
    """Print the effect of the mapping on each file."""
    seen = {str(path): preview(path, mapping, organisation, kinds) for path in paths}
    if as_json:
        print_json({"files": [_document(path, each) for path, each in seen.items()]})
        return
    paper = Paper()
    for path, each in seen.items():
        paper.heading(path)
        for line in each.lines():
            paper.line(line)
    tell("Nothing was changed.")


def _document(path: str, seen: Preview) -> dict[str, object]:
    return {
        "file": path,
        "rows": seen.rows_read,
        "whole": seen.whole,
        "touchpoints": seen.touchpoints,
        "supporters": seen.supporters,
        "placeholders": seen.placeholders,
        "ignored": seen.ignored,
        "refused": seen.refusals,
        "crowds": [asdict(crowd) for crowd in seen.crowds],
        "like_instalments": seen.regular._asdict(),
        "kinds": seen.by_kind,
        "reasons": seen.by_reason,
        "first": seen.first,
        "last": seen.last,
        "examples": [{"row": row, **touchpoint} for row, touchpoint in seen.examples],
    }
