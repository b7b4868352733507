"""The reference evaluator: plain Python, one supporter, slow and obvious.

It serves the live path and every explanation; the columnar evaluator must agree with it exactly.
"""
