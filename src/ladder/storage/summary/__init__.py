"""Sums over histories that are kept beside them, so that a large history need not be read."""
