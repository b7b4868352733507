"""Evaluate one supporter in plain Python, slow and obvious: the meaning of the language.

The columnar and the incremental engine must agree with it exactly. It imports neither.
"""
