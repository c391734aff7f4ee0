"""The catalog: which courses there are, and where they came from.

Read `model` (the words) and `errors` first. `files` reads course structure files and packages; what
a course amounts to is said by `script`, `naming` and `structure`, and who has to wait in it by
`needs`, `prerequisites` and `openings`. Courses come in by `intake` and are kept by `store`,
`versions` and `shelf`; they are found by `marks` (with `duplicates`) and `search` (over `words`),
which `indexing` keeps true, and sorted by `categories` and `tags`. `archive` and `availability` say
whether one may be launched.

What a provider supplies: `provider` asks and reads, `supply` keeps what was exchanged, `sync` lets
the courses follow, and `webhook` is the door where deliveries are announced.

What must not be here: HACP, people and enrolments, pages, Flask.
"""
