"""The first shape of the database."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("counties", JSON, nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("throttled_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('researcher', 'county_reader', 'operator')", name=op.f("ck_account_role")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_account_failures")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "module",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_module")),
    )
    op.create_table(
        "questionnaire",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_questionnaire")),
    )
    op.create_table(
        "study",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("ethics_number", sa.String(), nullable=False),
        sa.Column("approval_note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
    )
    op.create_table(
        "wave",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("study", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("withdraw_until", sa.Date(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("peers", JSON, nullable=False),
        sa.Column("peer_rule", sa.String(), nullable=False),
        sa.Column("n_min", sa.Integer(), nullable=False),
        sa.Column("n_min_sensitive", sa.Integer(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed')", name=op.f("ck_wave_state")),
        sa.CheckConstraint("n_min >= 10 AND n_min_sensitive >= 20", name=op.f("ck_wave_thresholds")),
        sa.CheckConstraint(
            "opens_on <= closes_on AND closes_on <= withdraw_until AND withdraw_until <= keep_until",
            name=op.f("ck_wave_dates"),
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire", "version"],
            ["questionnaire.id", "questionnaire.version"],
            name=op.f("fk_wave_questionnaire_version"),
        ),
        sa.ForeignKeyConstraint(["study"], ["study.id"], name=op.f("fk_wave_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave")),
    )
    op.create_table(
        "wave_county",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=True),
        sa.CheckConstraint("invited IS NULL OR invited >= 0", name=op.f("ck_wave_county_invited")),
        sa.CheckConstraint("length(county) = 6", name=op.f("ck_wave_county_county")),
        sa.ForeignKeyConstraint(["wave"], ["wave.id"], name=op.f("fk_wave_county_wave")),
        sa.PrimaryKeyConstraint("wave", "county", name=op.f("pk_wave_county")),
    )
    op.create_table(
        "withdrawn",
        sa.Column("id_hash", sa.String(), nullable=False),
        sa.Column("wave", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["wave"], ["wave.id"], name=op.f("fk_withdrawn_wave")),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_withdrawn")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "edition",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("n_analysed", sa.Integer(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("html", sa.LargeBinary(), nullable=False),
        sa.Column("csv", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("counted", JSON, nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_edition_number")),
        sa.ForeignKeyConstraint(
            ["wave", "county"], ["wave_county.wave", "wave_county.county"], name=op.f("fk_edition_wave_county")
        ),
        sa.PrimaryKeyConstraint("wave", "county", "number", name=op.f("pk_edition")),
    )
    op.create_table(
        "response",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("active_seconds", sa.Integer(), nullable=True),
        sa.Column("receipt_hash", sa.String(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.CheckConstraint("active_seconds IS NULL OR active_seconds >= 0", name=op.f("ck_response_active_seconds")),
        sa.CheckConstraint("length(id) = 32", name=op.f("ck_response_id")),
        sa.CheckConstraint("length(receipt_hash) = 64", name=op.f("ck_response_receipt_hash")),
        sa.ForeignKeyConstraint(
            ["wave", "county"], ["wave_county.wave", "wave_county.county"], name=op.f("fk_response_wave_county")
        ),
        sa.PrimaryKeyConstraint("wave", "county", "id", name=op.f("pk_response")),
        sa.UniqueConstraint("receipt_hash", name=op.f("uq_response_receipt_hash")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tally",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('refused', 'withdrawn')", name=op.f("ck_tally_kind")),
        sa.CheckConstraint("count >= 0", name=op.f("ck_tally_count")),
        sa.ForeignKeyConstraint(
            ["wave", "county"], ["wave_county.wave", "wave_county.county"], name=op.f("fk_tally_wave_county")
        ),
        sa.PrimaryKeyConstraint("wave", "county", "kind", name=op.f("pk_tally")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "comment",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("response", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cleared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wave", "county", "response"],
            ["response.wave", "response.county", "response.id"],
            name=op.f("fk_comment_wave_county_response"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("wave", "county", "response", "item", name=op.f("pk_comment")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "variant",
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("response", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("receipt_hash", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("active_seconds", sa.Integer(), nullable=True),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("comments", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["wave", "county", "response"],
            ["response.wave", "response.county", "response.id"],
            name=op.f("fk_variant_wave_county_response"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("wave", "county", "response", "content_hash", name=op.f("pk_variant")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_variant_receipt_hash"), "variant", ["receipt_hash"])


def downgrade() -> None:
    op.drop_index(op.f("ix_variant_receipt_hash"), "variant")
    op.drop_table("variant")
    op.drop_table("comment")
    op.drop_table("tally")
    op.drop_table("response")
    op.drop_table("edition")
    op.drop_table("withdrawn")
    op.drop_table("wave_county")
    op.drop_table("wave")
    op.drop_table("study")
    op.drop_table("questionnaire")
    op.drop_table("module")
    op.drop_table("audit")
    op.drop_table("account")
