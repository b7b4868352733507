"""Convert a worker's error to the library's own error, without Spark's stack."""

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
    """Raise a worker's error as its original `LadderError`; other errors pass unchanged.

    Spark runs a query only when its rows are needed, and only then can a worker raise. Use it
    around `collect()`, `count()` and your own writing. `Result.write` includes it.
    """
    try:
        yield
    except PythonException as error:
        refusal = _refusal(str(error))
        if refusal is None:
            raise
        raise refusal from None


def _refusal(text: str) -> LadderError | None:
    match = _OURS.search(text)
    kind = None if match is None else getattr(errors, match[1], None)
    if match is None or not (isinstance(kind, type) and issubclass(kind, LadderError)):
        return None
    refusal = kind.__new__(kind)  # the message is complete: some constructors would add to it
    refusal.args = (match[2],)
    return refusal
