"""Write docs/patterns from the catalogue and its cases: `python -m tests.catalogue`."""

from tests.catalogue.page import FOLDER, pages

for name, text in pages().items():
    (FOLDER / name).write_text(text, encoding="utf-8")
print(f"wrote {FOLDER}")  # noqa: T201  (a command says what it did)
