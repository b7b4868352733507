"""Every benchmark command runs at a hundredth of its size; limits are judged at full size only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks.figures import Figure, report
from tests.benchmarks.scale import __main__ as scale
from tests.benchmarks.scale.reading import LEAST_FLOOR, LIMIT

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

SMALL = ("--rows", "10000", "--supporters", "1000", "--turns", "1", "--answers-only")
HUNDREDTH = ("--rows", "100000", "--supporters", "10000", "--turns", "1", "--answers-only")
"""Size of the small scale benchmarks, out of ten million touchpoints."""


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if " ok " in line or " over " in line]


@pytest.mark.parametrize("name", benchmarks.MEASURES)
def test_benchmark_small_runs_and_prints_its_figures(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert benchmarks.main([name, *SMALL]) == 0
    assert lines(capsys.readouterr().out)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The folder in which the parts of the scale benchmark keep their log and databases.

    Not one of pytest's: PostgreSQL has a user of its own, who may not enter those.
    """
    with TemporaryDirectory(prefix="ladder-scale-") as made:
        yield Path(made)


@pytest.mark.parametrize("name", scale.NAMES)
def test_scale_benchmark_small_runs_and_prints_its_figures(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scale.main([name, *HUNDREDTH, "--folder", str(folder)]) == 0
    assert lines(capsys.readouterr().out)


def test_report_over_a_limit_fails_unless_only_answers_are_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = [Figure("quick", 1, 2, ""), Figure("slow", 3, 2, "")]
    assert not report(figures)
    assert report(figures, answers_only=True)
    assert report(figures[:1])
    assert len(lines(capsys.readouterr().out)) == 5


def test_page_of_twenty_milliseconds_is_always_within_the_limit() -> None:
    assert pytest.approx(0.020) == LEAST_FLOOR * LIMIT
