"""Drafts that a respondent carries to another phone with a code: sealed there, kept for some days, read by nobody here."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resume",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("found_by", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(found_by) = 64", name=op.f("ck_resume_found_by")),
        sa.CheckConstraint("length(sealed) <= 65536", name=op.f("ck_resume_sealed")),
        sa.ForeignKeyConstraint(["wave"], ["wave.id"], name=op.f("fk_resume_wave")),
        sa.PrimaryKeyConstraint("wave", "found_by", name=op.f("pk_resume")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("resume")
