"""What a person can do, one verb per file: permission, core, store, audit.

A service that takes a session never commits; who opened the session does, once, when everything is done. The
collector has its own connection, because an answer may be given only after the commit.

Reading order: publish, waves, collect (with group_commit), withdraw, daily, report (with peers), export (with
export_files), accounts, demonstration.
"""
