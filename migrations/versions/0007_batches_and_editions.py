"""Editions keep what they were made from; batches say which reports must exist."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("edition") as edition:
        edition.add_column(sa.Column("snapshot", sa.LargeBinary(), nullable=False, server_default=sa.text("''")))
        edition.add_column(sa.Column("snapshot_id", sa.String(), nullable=False, server_default=sa.text("''")))
        edition.add_column(sa.Column("versions", JSON, nullable=False, server_default=sa.text("'{}'")))
        edition.add_column(sa.Column("correction", sa.Text(), nullable=False, server_default=sa.text("''")))
        edition.create_index(op.f("ix_edition_sha256"), ["sha256"])
    op.create_table(
        "batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.CheckConstraint("state IN ('running', 'cancelled', 'done')", name=op.f("ck_batch_state")),
        sa.ForeignKeyConstraint(["wave"], ["wave.id"], name=op.f("fk_batch_wave")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_wave"), "batch", ["wave"])
    op.create_table(
        "batch_piece",
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'working', 'done', 'held', 'failed')", name=op.f("ck_batch_piece_state")
        ),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_batch_piece_tries")),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name=op.f("fk_batch_piece_batch"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("batch", "county", name=op.f("pk_batch_piece")),
    )


def downgrade() -> None:
    op.drop_table("batch_piece")
    op.drop_index(op.f("ix_batch_wave"), "batch")
    op.drop_table("batch")
    with op.batch_alter_table("edition") as edition:
        edition.drop_index(op.f("ix_edition_sha256"))
        for name in ("correction", "versions", "snapshot_id", "snapshot"):
            edition.drop_column(name)
