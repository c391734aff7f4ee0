"""The catalog: which courses there are, and where they came from.

Read in this order: `model` (the words), `errors`; the syntax `decoding`, `crs`, `tables`, `values`,
`address`, `tree`, `script`, `requirements`, `course`; the packages `members`, `sources`, `package`,
`scorm`; then what a course amounts to (`naming`, `structure`) and who has to wait in it (`needs`,
`prerequisites`, `openings`); `shelf` and `store` (where it is kept), and the door `intake`. What a
provider lists: `languages`, `item_fields`, `provided`; what follows from it: `plan`, `duplicates`.
How it is asked: `provider_errors`, `public_addresses`, `outbound`, `patience`, `provider_calls`,
`pictures`, `opensesame`. What is exchanged with it (`supply`) is kept by `connections`, `items`,
`deliveries`, `runs` with `entries`, and `decisions`; what becomes of courses by it, by
`provided_courses`, `versions` and `categories`. Courses are found by `marks` and `search` (over
`words`), which `indexing` keeps true.

A sync run: `sync` (begin here), `ahead`, `journal`; `judging` says what becomes of a page,
`applying` with `questions` and `downloads` does it, `ending` with `doubts` closes the listing.
`settling` is what an admin decides afterwards; `illustrating` fetches pictures.

What must not be here: HACP, people and enrolments, pages, Flask.
"""
