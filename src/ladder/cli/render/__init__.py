"""Rendering of results in a terminal and as JSON: one module per kind of result."""
