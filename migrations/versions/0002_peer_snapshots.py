"""The numbers that counties bring to the peer reference are frozen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "peer_snapshot",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("n_submitted", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("counted", JSON, nullable=False),
        sa.Column("measured", JSON, nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_peer_snapshot_number")),
        sa.ForeignKeyConstraint(
            ["wave", "county"], ["wave_county.wave", "wave_county.county"], name=op.f("fk_peer_snapshot_wave_county")
        ),
        sa.PrimaryKeyConstraint("wave", "county", name=op.f("pk_peer_snapshot")),
    )


def downgrade() -> None:
    op.drop_table("peer_snapshot")
