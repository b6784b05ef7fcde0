"""Long work: processes that work off what the database says must exist.

There is no queue beside the database: every county of a batch is a line that says whose turn it is, so work goes on
where it stopped, after a power cut as well as on several machines that share one PostgreSQL.
"""
