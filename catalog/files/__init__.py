"""Course structure files and their packages: from bytes to a course, or to all that is wrong.

Read `package` (what lies in a zip, a folder or loose files) with `members` and `sources`, then
`course`, which brings the files of one set together: `decoding`, `crs`, `tables` with `layouts`,
`elements`, `tree`, `requirements`, `values`, `address`; `scorm` names what is no AICC at all.

What must not be here: tables of a database, providers, what a learner did.
"""
