"""Drafts with their revisions, what was published by whom, which questions stayed the same, and trial waves."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KIND = "kind IN ('module', 'questionnaire')"


def moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def words(name: str) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "draft",
        words("id"),
        words("kind"),
        words("instrument"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        words("based_on"),
        words("made_by"),
        moment("made_at"),
        words("changed_by"),
        moment("changed_at"),
        words("test_wave"),
        sa.CheckConstraint(KIND, name=op.f("ck_draft_kind")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_draft_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_table(
        "revision",
        words("draft"),
        sa.Column("revision", sa.Integer(), nullable=False),
        words("by"),
        moment("at"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["draft"], ["draft.id"], name=op.f("fk_revision_draft"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("draft", "revision", name=op.f("pk_revision")),
    )
    op.create_table(
        "release",
        words("kind"),
        words("instrument"),
        words("version"),
        words("before"),
        words("verdict"),
        words("note"),
        words("by"),
        moment("at"),
        sa.CheckConstraint(KIND, name=op.f("ck_release_kind")),
        sa.CheckConstraint(
            "verdict IN ('first', 'same', 'wording_fix', 'compatible', 'breaking')", name=op.f("ck_release_verdict")
        ),
        sa.PrimaryKeyConstraint("kind", "instrument", "version", name=op.f("pk_release")),
    )
    op.create_table(
        "identity",
        words("kind"),
        words("instrument"),
        words("item"),
        words("from_version"),
        words("to_version"),
        sa.Column("same", sa.Boolean(), nullable=False),
        words("by"),
        moment("at"),
        sa.CheckConstraint(KIND, name=op.f("ck_identity_kind")),
        sa.PrimaryKeyConstraint(
            "kind", "instrument", "item", "from_version", "to_version", name=op.f("pk_identity")
        ),
    )
    op.add_column("wave", sa.Column("test", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Back to a program that does not know of trials: their answers go, or it would count them as real ones."""
    trials = "(SELECT id FROM wave WHERE test)"
    for table in ("comment", "variant", "response", "tally", "edition", "withdrawn", "wave_county"):
        op.execute(f"DELETE FROM {table} WHERE wave IN {trials}")
    op.execute("DELETE FROM wave WHERE test")
    op.execute("DELETE FROM questionnaire WHERE id LIKE 'test-%'")
    op.execute("DELETE FROM study WHERE id LIKE 'test-%' AND id NOT IN (SELECT study FROM wave)")
    op.drop_column("wave", "test")
    for table in ("identity", "release", "revision", "draft"):
        op.drop_table(table)
