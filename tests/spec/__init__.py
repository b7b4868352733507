"""The language reference as cases: a small table of touchpoints, an expression, its episodes."""
