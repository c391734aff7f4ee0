"""What learners have done, as the hall keeps and lists it.

Read `progress` (one row a learner and course), then the read models on it: `transcripts`,
`standing`, `overview`. What content said stands in `hacp`; no page stands here.
"""
