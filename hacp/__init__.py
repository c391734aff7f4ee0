"""Talking with running content: everything between the street and the store of one conversation.

Read in this order: `model` and `records` (the words), `messages` -> `groups` -> `fields`, then
`remarks` and `tables` (the syntax, outermost first), `life` (what counts when), `rules` and
`filing` (what a message means), `schema` and `statements`, `talks`, `store` and `archive` (what is
kept), `door` and `endpoint` (the one way in), `launch` (the address that starts it all). Not in
here: which courses there are, who a learner is, and any page that a person sees.
"""
