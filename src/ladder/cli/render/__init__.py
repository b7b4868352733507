"""How results are shown in a terminal and as JSON: one module for each kind of result."""
