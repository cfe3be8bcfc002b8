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
        "recipient",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("representative", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "retired_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["user_account.id"], name=op.f("fk_recipient_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["recipient.id"], name=op.f("fk_recipient_replaces_id")
        ),
        sa.ForeignKeyConstraint(
            ["retired_by"], ["user_account.id"], name=op.f("fk_recipient_retired_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
    )
    with op.batch_alter_table("recipient", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recipient_folded"), ["folded"], unique=False)

    op.create_table(
        "told_abroad",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "consent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_told_abroad_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["told_by"], ["user_account.id"], name=op.f("fk_told_abroad_told_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told_abroad")),
    )
    with op.batch_alter_table("told_abroad", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_told_abroad_customer_id"), ["customer_id"], unique=False
        )

    op.create_table(
        "equivalent_system",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "recipient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("ended_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["user_account.id"], name=op.f("fk_equivalent_system_ended_by")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["user_account.id"], name=op.f("fk_equivalent_system_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name=op.f("fk_equivalent_system_recipient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equivalent_system")),
    )
    with op.batch_alter_table("equivalent_system", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_equivalent_system_recipient_id"), ["recipient_id"], unique=False
        )

    op.create_table(
        "group_listing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "recipient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("ended_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["user_account.id"], name=op.f("fk_group_listing_ended_by")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["user_account.id"], name=op.f("fk_group_listing_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name=op.f("fk_group_listing_recipient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_listing")),
    )
    with op.batch_alter_table("group_listing", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_group_listing_recipient_id"), ["recipient_id"], unique=False
        )

    op.create_table(
        "provision_series",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "recipient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name=op.f("fk_provision_series_recipient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provision_series")),
        sa.UniqueConstraint(
            "recipient_id",
            "kind",
            "folded",
            name=op.f("uq_provision_series_recipient_id_kind_folded"),
        ),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "recipient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("provider_name", sa.String(), nullable=False),
        sa.Column("provider_address", sa.String(), nullable=False),
        sa.Column("provider_representative", sa.String(), nullable=False),
        sa.Column("obtained", sa.String(), nullable=False),
        sa.Column("confirmed_by_means", sa.String(), nullable=False),
        sa.Column("with_consent", sa.Boolean(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("rule_from", sa.Date(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_receipt_case_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_receipt_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["user_account.id"], name=op.f("fk_receipt_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name=op.f("fk_receipt_recipient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipt_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipt_entered_at"), ["entered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipt_keep_until"), ["keep_until"], unique=False)

    op.create_table(
        "subcontractor",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["recipient.id"], name=op.f("fk_subcontractor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subcontractor")),
    )
    op.create_table(
        "subcontract",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "recipient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("work", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("ended_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["user_account.id"], name=op.f("fk_subcontract_ended_by")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["user_account.id"], name=op.f("fk_subcontract_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["subcontractor.id"], name=op.f("fk_subcontract_recipient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subcontract")),
    )
    with op.batch_alter_table("subcontract", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_subcontract_recipient_id"), ["recipient_id"], unique=False
        )

    op.create_table(
        "provision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "recipient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("recipient_name", sa.String(), nullable=False),
        sa.Column("recipient_address", sa.String(), nullable=False),
        sa.Column("recipient_representative", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("legal_form", sa.String(), nullable=False),
        sa.Column(
            "contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "consent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("ground", sa.String(), nullable=True),
        sa.Column("ground_from", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("abroad", sa.String(), nullable=True),
        sa.Column("system_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "abroad_consent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("means", sa.String(), nullable=False),
        sa.Column("provided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provided_on", sa.Date(), nullable=False),
        sa.Column(
            "provided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("record_kind", sa.String(), nullable=False),
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rule_from", sa.Date(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("not_left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "not_left_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_provision_case_id")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["subcontract.id"], name=op.f("fk_provision_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_provision_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["not_left_by"], ["user_account.id"], name=op.f("fk_provision_not_left_by")
        ),
        sa.ForeignKeyConstraint(
            ["provided_by"], ["user_account.id"], name=op.f("fk_provision_provided_by")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name=op.f("fk_provision_recipient_id")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["provision_series.id"], name=op.f("fk_provision_series_id")
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["equivalent_system.id"], name=op.f("fk_provision_system_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provision")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("provision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_provision_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_provision_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_provision_keep_until"), ["keep_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_provision_provided_at"), ["provided_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_provision_recipient_id"), ["recipient_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_provision_series_id"), ["series_id"], unique=False)
