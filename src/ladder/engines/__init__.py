"""The engines: `reference` defines the results; `columnar` and `incremental` are tested on it."""
