"""The history of the database's tables, for the hall and both wings together.

Serves `hacp migrate`. Holds no query that the running server uses.
"""
