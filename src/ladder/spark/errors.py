"""A worker's error as the user should see it: the library's own, without Spark's stack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pyspark.errors import PythonException

from ladder import errors
from ladder.errors import LadderError

_OURS: Final = re.compile(
    r"^ladder\.errors\.(\w+): (.*?)\s*(?:SQLSTATE: \w+\s*)?\Z", re.MULTILINE | re.DOTALL
)


@contextmanager
def readable() -> Iterator[None]:
    """Raise what a worker refused as the `LadderError` that it was; all else as Spark raises it.

    Spark runs a query only when its rows are asked for, and only then can a worker refuse: put it
    around `collect()`, `count()` and your own writing. `Result.write` has it inside.
    """
    try:
        yield
    except PythonException as error:
        refusal = _refusal(str(error))
        if refusal is None:
            raise
        raise refusal from None


def _refusal(told: str) -> LadderError | None:
    found = _OURS.search(told)
    kind = None if found is None else getattr(errors, found[1], None)
    if found is None or not (isinstance(kind, type) and issubclass(kind, LadderError)):
        return None
    refusal = kind.__new__(kind)  # the words are whole: some of these classes would add to them
    refusal.args = (found[2],)
    return refusal
