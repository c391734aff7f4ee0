"""The catalog: which courses there are, and where they came from.

Read in this order: `model` (the words), `errors`; the syntax `decoding`, `crs`, `tables`, `values`,
`address`, `tree`, `course`; the packages `members`, `sources`, `package`, `scorm`; then `structure`
(what a course amounts to), `shelf` and `store` (where it is kept), and the door `intake`.

What must not be here: HACP, people and enrolments, pages, Flask.
"""
