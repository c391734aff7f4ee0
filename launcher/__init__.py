"""The hall: puts the two wings together, knows people, and owns every page that a human sees.

Read in this order: `config` (what can be set), `db` (transactions and the hall's own tables), `app`
(assembly), `auth` (who may), `launches` and `progress` (what crosses between the wings), then the
pages (`learner`, `admin/`), `transcripts`, and `commands/`. Not in here: any HACP or course file
syntax, and any rule of record.
"""
