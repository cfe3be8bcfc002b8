"""The privacy policy: consents, provisions, requests, erasure, retention, oversight."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "sealed_key",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("recovery_recipient", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_key")),
    )
    op.create_table(
        "sealed_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column(
            "key_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["desk_case.id"], name=op.f("fk_sealed_record_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_sealed_record_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_sealed_record_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["key_version"], ["sealed_key.id"], name=op.f("fk_sealed_record_key_version")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user_account.id"], name=op.f("fk_sealed_record_made_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_record")),
        sa.UniqueConstraint("uid", name=op.f("uq_sealed_record_uid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("sealed_record", schema=None) as batch_op:
        batch_op.create_index("ix_sealed_record_case", ["case_id"], unique=False)
        batch_op.create_index("ix_sealed_record_contact", ["contact_id"], unique=False)
        batch_op.create_index("ix_sealed_record_customer", ["customer_id"], unique=False)
        batch_op.create_index("ix_sealed_record_key_version", ["key_version"], unique=False)

    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("may_see_sealed", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    carry_over()


# --- By hand: who the sealed records' key was given to at the founding sees sealed records.


def carry_over() -> None:
    """The first people who were appointed to listen were given both keys, and nobody since."""
    op.execute(
        "UPDATE appointment SET may_see_sealed = true WHERE may_listen"
        " AND starts_at = (SELECT min(starts_at) FROM appointment)"
    )
