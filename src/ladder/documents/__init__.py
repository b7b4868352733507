"""Ladders as documents: TOML to `Ladder` and back, and the text form of expressions."""
