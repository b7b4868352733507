"""Write docs/language.md from the spec cases: `python -m tests.spec`."""

from tests.spec.page import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
print(f"wrote {PAGE}")  # noqa: T201  (a command says what it did)
