"""Photos, recordings and files that answers name, in pieces as they arrive."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = ("wave", "county", "response", "file")


def words(name: str) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=False)


def number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "attachment",
        *(words(name) for name in KEY),
        words("item"),
        number("total"),
        number("received"),
        words("state"),
        words("sha256"),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.CheckConstraint("state IN ('arriving', 'arrived', 'cleared', 'kept_out')", name=op.f("ck_attachment_state")),
        sa.CheckConstraint("total > 0 AND received >= 0 AND received <= total", name=op.f("ck_attachment_received")),
        sa.ForeignKeyConstraint(
            ["wave", "county", "response"],
            ["response.wave", "response.county", "response.id"],
            name=op.f("fk_attachment_wave"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*KEY, name=op.f("pk_attachment")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "attachment_part",
        *(words(name) for name in KEY),
        number("begins"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            list(KEY),
            [f"attachment.{name}" for name in KEY],
            name=op.f("fk_attachment_part_attachment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*KEY, "begins", name=op.f("pk_attachment_part")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("attachment_part")
    op.drop_table("attachment")
