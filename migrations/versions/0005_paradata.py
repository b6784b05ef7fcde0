"""How a response was filled in: seconds by section, corrections, without a network or not, kind of device."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    for table in ("response", "variant"):
        op.add_column(table, sa.Column("paradata", JSON, nullable=True))


def downgrade() -> None:
    for table in ("variant", "response"):
        op.drop_column(table, "paradata")
