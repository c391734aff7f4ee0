"""Who there is: academies, accounts, memberships, enrolments, and signing in.

Read `academies`, `accounts`, `enrolments`, then `auth`; `passwords` and `roster` serve them. What
people do in courses stands in `records`; no page stands here.
"""
