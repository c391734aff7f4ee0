"""The wire to a provider: how OpenSesame is asked, and how what it answers is read.

Read `opensesame` first, then `calls` (tokens, tries, limits) with `patience`, and `outbound` with
`public_addresses` (whither a call may lead). What comes back: `provided` over `item_fields` and
`languages`; `pictures`. What can go wrong, in words for a training admin: `errors`.

What must not be here: tables of a database, and what becomes of the courses.
"""
