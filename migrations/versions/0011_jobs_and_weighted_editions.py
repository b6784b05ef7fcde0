"""Files that take long to make are rows that say how far they are; weighted results are kept as they were issued."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asked", JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'working', 'done', 'failed', 'cancelled', 'gone')", name=op.f("ck_job_state")
        ),
        sa.CheckConstraint(
            "kind IN ('responses', 'pooled', 'overview', 'technical', 'weighted')", name=op.f("ck_job_kind")
        ),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_job_tries")),
        sa.CheckConstraint("share >= 0 AND share <= 1", name=op.f("ck_job_share")),
        sa.ForeignKeyConstraint(["wave"], ["wave.id"], name=op.f("fk_job_wave")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_wave"), "job", ["wave"])
    op.create_table(
        "weighted_edition",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("csv", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("counted", JSON, nullable=False),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("roster", sa.String(), nullable=False),
        sa.Column("n_min", sa.Integer(), nullable=False),
        sa.Column("n_min_sensitive", sa.Integer(), nullable=False),
        sa.Column("correction", sa.String(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_weighted_edition_number")),
        sa.ForeignKeyConstraint(["wave"], ["wave.id"], name=op.f("fk_weighted_edition_wave")),
        sa.PrimaryKeyConstraint("wave", "number", name=op.f("pk_weighted_edition")),
    )


def downgrade() -> None:
    op.drop_table("weighted_edition")
    op.drop_index(op.f("ix_job_wave"), "job")
    op.drop_table("job")
