"""The database: SQLModel's only home. Takes a session, returns core objects, never commits.

Reading order: engine (open, migrate), tables (everything that is kept), frozen (instruments as JSON), instruments,
waves, intake (the fast way in), responses (the way out, and withdrawal), traces (what deletion leaves in files),
editions, peers, accounts, audit.
"""
