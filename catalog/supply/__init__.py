"""What is exchanged with providers, and where it is kept: the words, the tables and their stores.

`model` has the words and `schema` the tables. `connections` (how academies are connected), `pushes`
and `deliveries` (what was announced), `items` and `item_pictures` (what a provider said of each
course), `runs` with `entries` (what a sync did), `decisions` (duplicates, and what was said to
them).

What must not be here: calls to a provider, and what follows from what it said.
"""
