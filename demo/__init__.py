"""The demo: courses of our own and the servers they come from, the other side of the wire.

Read `packages` first (what an academy imports), then `content` (where it runs), `phishing` and
`wire` (a course whose server talks HACP), `opensesame` (a pretend provider), `seeding`,
`introducing` and `run` (`make run`). Nothing here imports the product, and the product imports
nothing of it.
"""
