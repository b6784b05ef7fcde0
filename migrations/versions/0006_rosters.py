"""Rosters for weights, the numbers that an edition told, and the pooled sums behind the technical annex."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "roster",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.ForeignKeyConstraint(["wave"], ["wave.id"], name=op.f("fk_roster_wave")),
        sa.PrimaryKeyConstraint("wave", name=op.f("pk_roster")),
    )
    op.create_table(
        "edition_numbers",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["wave", "county", "number"],
            ["edition.wave", "edition.county", "edition.number"],
            name=op.f("fk_edition_numbers_wave_county_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("wave", "county", "number", name=op.f("pk_edition_numbers")),
    )
    op.create_table(
        "pooled_figures",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("n_analysed", sa.Integer(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_pooled_figures_number")),
        sa.CheckConstraint("arrived >= 0 AND n_analysed >= 0", name=op.f("ck_pooled_figures_counts")),
        sa.ForeignKeyConstraint(["wave"], ["wave.id"], name=op.f("fk_pooled_figures_wave")),
        sa.PrimaryKeyConstraint("wave", name=op.f("pk_pooled_figures")),
    )


def downgrade() -> None:
    for table in ("pooled_figures", "edition_numbers", "roster"):
        op.drop_table(table)
