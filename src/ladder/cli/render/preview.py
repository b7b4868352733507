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
    draft = guess(path, organisation)
    if as_json:
        print_json({"file": str(path), "mapping": draft.text(), "remarks": list(draft.remarks)})
        return
    click.echo(draft.text(), nl=False)
    try:
        shown_file = preview(path, draft.mapping, organisation, kinds)
    except ImportFileError as error:
        tell(f"This draft cannot be used as it is: {error}")
        return
    tell("\nWhat this draft would do:")
    for line in shown_file.lines():
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
    previews = {str(path): preview(path, mapping, organisation, kinds) for path in paths}
    if as_json:
        print_json({"files": [_document(path, each) for path, each in previews.items()]})
        return
    paper = Paper()
    for path, each in previews.items():
        paper.heading(path)
        for line in each.lines():
            paper.line(line)
    tell("Nothing was changed.")


def _document(path: str, shown_file: Preview) -> dict[str, object]:
    return {
        "file": path,
        "rows": shown_file.rows_read,
        "whole": shown_file.whole,
        "touchpoints": shown_file.touchpoints,
        "supporters": shown_file.supporters,
        "placeholders": shown_file.placeholders,
        "ignored": shown_file.ignored,
        "refused": shown_file.refusals,
        "crowds": [asdict(crowd) for crowd in shown_file.crowds],
        "like_instalments": shown_file.regular._asdict(),
        "kinds": shown_file.by_kind,
        "reasons": shown_file.by_reason,
        "first": shown_file.first,
        "last": shown_file.last,
        "examples": [{"row": row, **touchpoint} for row, touchpoint in shown_file.examples],
    }
