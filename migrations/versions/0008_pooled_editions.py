"""Issues of pooled reports are kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "pooled_edition",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("counties", JSON, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("n_analysed", sa.Integer(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("pdf_en", sa.LargeBinary(), nullable=False),
        sa.Column("csv", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("counted", JSON, nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_pooled_edition_number")),
        sa.ForeignKeyConstraint(["wave"], ["wave.id"], name=op.f("fk_pooled_edition_wave")),
        sa.PrimaryKeyConstraint("wave", "pool", "number", name=op.f("pk_pooled_edition")),
    )


def downgrade() -> None:
    op.drop_table("pooled_edition")
