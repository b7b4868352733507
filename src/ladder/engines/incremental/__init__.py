"""Evaluate one more touchpoint from a snapshot, without reading the past again."""
