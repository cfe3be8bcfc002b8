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
        "named_use",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["user_account.id"], name=op.f("fk_named_use_entered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_named_use")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column(
            "named_use_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column(
            "policy_version_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("second", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "withdrawn_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "withdrawn_contact_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "withdrawn_second", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_consent_contact_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_consent_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["user_account.id"], name=op.f("fk_consent_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["named_use_id"], ["named_use.id"], name=op.f("fk_consent_named_use_id")
        ),
        sa.ForeignKeyConstraint(
            ["policy_version_id"], ["policy_version.id"], name=op.f("fk_consent_policy_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["user_account.id"], name=op.f("fk_consent_withdrawn_by")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_contact_id"], ["contact.id"], name=op.f("fk_consent_withdrawn_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_customer_id"), ["customer_id"], unique=False)

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

    op.create_table(
        "use_block",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("acts", sa.JSON(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "started_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_use_block_case_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_use_block_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["user_account.id"], name=op.f("fk_use_block_ended_by")
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["user_account.id"], name=op.f("fk_use_block_started_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_use_block")),
    )
    with op.batch_alter_table("use_block", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_use_block_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_use_block_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "opt_out",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "declared_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("second", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ended_by_consent_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_opt_out_contact_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_opt_out_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["declared_by"], ["user_account.id"], name=op.f("fk_opt_out_declared_by")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_consent_id"], ["consent.id"], name=op.f("fk_opt_out_ended_by_consent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_out")),
    )
    with op.batch_alter_table("opt_out", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opt_out_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opt_out_customer_id"), ["customer_id"], unique=False)

    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("may_see_sealed", sa.Boolean(), server_default=sa.false(), nullable=False)
        )

    with op.batch_alter_table("policy_version", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("texts", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("changes", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("purposes", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("recipients", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(
            sa.Column("widened_purposes", sa.JSON(), server_default="[]", nullable=False)
        )
        batch_op.add_column(
            sa.Column("widened_recipients", sa.JSON(), server_default="[]", nullable=False)
        )
        batch_op.add_column(sa.Column("decision", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column(
                "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_policy_version_decided_by"), "user_account", ["decided_by"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_policy_version_entered_by"), "user_account", ["entered_by"], ["id"]
        )
    carry_over()


# --- By hand: rows that are carried over, a function for each room.

import json  # noqa: E402

from desk_app.words import resource_path  # noqa: E402


def _carry_sealed() -> None:
    """The first people who were appointed to listen were given both keys, and nobody since."""
    op.execute(
        "UPDATE appointment SET may_see_sealed = true WHERE may_listen"
        " AND starts_at = (SELECT min(starts_at) FROM appointment)"
    )


def _carry_policy() -> None:
    """The published policy has its texts now, and what was in force goes on being so."""
    text = resource_path("policy", "2022-04-01.json").read_text("utf-8")
    published = json.loads(text)
    filled = ("texts", "changes", "purposes", "recipients")
    version = sa.table(
        "policy_version", sa.column("label"), *(sa.column(name, sa.JSON()) for name in filled)
    )
    op.execute("UPDATE policy_version SET decision = 'approved', decided_at = entered_at")
    op.execute(
        version.update()
        .where(version.c.label == published["label"])
        .values({name: published[name] for name in filled})
    )


def carry_over() -> None:
    """What rows become."""
    _carry_sealed()
    _carry_policy()
