"""Recordings: whose key a stored copy is sealed for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what this revision adds."""
    with op.batch_alter_table("recording_copy", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "key_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )

    with op.batch_alter_table("recording_store", schema=None) as batch_op:
        batch_op.add_column(sa.Column("marker", sa.String(), server_default="", nullable=False))
