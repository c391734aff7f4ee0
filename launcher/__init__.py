"""The hall: puts the two wings together, knows people, and owns every page that a human sees.

Read in this order: `settings` and `config` (what can be set, what is), `db` (transactions and the
hall's own tables), `app` (assembly), `people.auth` (who may), `launches` and `records.progress`
(what crosses between the wings), then the pages (`learner`, `admin/`) and `commands/`. Not in here:
any HACP or course file syntax, and any rule of record.
"""
