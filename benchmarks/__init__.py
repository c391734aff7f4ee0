"""Measuring: our server beside the floor that any correct one must at least be, in one run.

`python -m benchmarks` prints a table with ratios. Nothing in here is asserted by a test, and
nothing of the product imports it.
"""
