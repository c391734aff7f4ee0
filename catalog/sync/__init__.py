"""A sync run: from a provider's listing to the courses of an academy.

Begin in `listing`, which reads page by page (`ahead`, `journal`). `plan` and `judging` say what is
to be done with a page, `applying` with `questions`, `provided_courses` and `downloads` does it,
`ending` with `doubts` closes the listing. `settling` is what an admin decides afterwards;
`illustrating` fetches pictures.

What must not be here: what a course file or a provider's answer looks like, and when a run is due.
"""
