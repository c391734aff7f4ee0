"""Why a course is not complete: the facts of a case, the finding, and its words.

Read `facts`, `explain`, `findings`, then `cases` (the facts from both wings) and `explanations`
(what pages and commands ask). `conditions` has locks in words, `handover` the file for a vendor.
"""
