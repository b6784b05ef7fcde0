"""Editions are frozen in English too, and pooled ones keep what they were made from.

The English PDFs of pooled reports that were issued before are in the database, so their checksums are worked out here.
"""

import hashlib

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
EMPTY = sa.text("''")


def upgrade() -> None:
    op.create_table(
        "edition_english",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("versions", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["wave", "county", "number"],
            ["edition.wave", "edition.county", "edition.number"],
            name=op.f("fk_edition_english_wave"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("wave", "county", "number", name=op.f("pk_edition_english")),
    )
    op.create_index(op.f("ix_edition_english_sha256"), "edition_english", ["sha256"])
    with op.batch_alter_table("pooled_edition") as edition:
        edition.add_column(sa.Column("sha256_en", sa.String(), nullable=False, server_default=EMPTY))
        edition.add_column(sa.Column("snapshot", sa.LargeBinary(), nullable=False, server_default=EMPTY))
        edition.add_column(sa.Column("snapshot_en", sa.LargeBinary(), nullable=False, server_default=EMPTY))
        edition.add_column(sa.Column("snapshot_id", sa.String(), nullable=False, server_default=EMPTY))
        edition.add_column(sa.Column("versions", JSON, nullable=False, server_default=sa.text("'{}'")))
        edition.add_column(sa.Column("correction", sa.Text(), nullable=False, server_default=EMPTY))
        edition.add_column(sa.Column("name", sa.String(), nullable=False, server_default=EMPTY))
        edition.add_column(sa.Column("members", sa.Integer(), nullable=False, server_default=sa.text("0")))
        edition.create_index(op.f("ix_pooled_edition_sha256"), ["sha256"])
        edition.create_index(op.f("ix_pooled_edition_sha256_en"), ["sha256_en"])
    _sum_english()


def _sum_english() -> None:
    """The checksums of the English PDFs that are there, one file at a time, and of how many counties each is."""
    names = ("wave", "pool", "number", "pdf_en", "sha256_en", "members")
    table = sa.table("pooled_edition", *(sa.column(name) for name in names), sa.column("counties", JSON))
    connection = op.get_bind()
    for key in connection.execute(sa.select(table.c.wave, table.c.pool, table.c.number, table.c.counties)).all():
        this = (table.c.wave == key.wave, table.c.pool == key.pool, table.c.number == key.number)
        pdf = connection.execute(sa.select(table.c.pdf_en).where(*this)).scalar_one()
        found = {"sha256_en": hashlib.sha256(bytes(pdf)).hexdigest(), "members": len(key.counties)}
        connection.execute(sa.update(table).where(*this).values(**found))


def downgrade() -> None:
    with op.batch_alter_table("pooled_edition") as edition:
        edition.drop_index(op.f("ix_pooled_edition_sha256_en"))
        edition.drop_index(op.f("ix_pooled_edition_sha256"))
        for name in (
            "members",
            "name",
            "correction",
            "versions",
            "snapshot_id",
            "snapshot_en",
            "snapshot",
            "sha256_en",
        ):
            edition.drop_column(name)
    op.drop_table("edition_english")
