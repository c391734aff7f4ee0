"""Talking with running content: everything between the street and the store of one conversation.

Read in this order: `model` (the words), `messages` -> `groups` -> `fields` (the syntax, outermost
first), `rules` (what a message means), `store` (what is kept), `endpoint` (the one door), and
`launch` (the address that starts it all). Not in here: which courses there are, who a learner is,
and any page that a person sees.
"""
