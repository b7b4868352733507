"""The evaluators: reference is the meaning, columnar and incremental are held against it."""
