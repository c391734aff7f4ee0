"""OpenSesame as the hall sees it: who connects with what, when something runs, and what came of it.

`catalog` knows the provider's wire, the plan and the tables. Here the settings of the installation,
the keys of the vault and the academy's clock come to it. Pages stand in `launcher.admin`.
"""
