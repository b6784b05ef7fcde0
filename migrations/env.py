"""Run by Alembic for every migration; the connection comes from fieldkit.store.engine.migrate."""

from alembic import context

from fieldkit.store.tables import Kept

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Kept.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
