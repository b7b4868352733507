"""Write docs/language.md from the spec cases: `python -m tests.spec`."""

from tests.spec.page import page
from tests.spec.test_spec import PAGE

PAGE.write_text(page(), encoding="utf-8")
print(f"wrote {PAGE}")  # noqa: T201  (a command says what it did)
