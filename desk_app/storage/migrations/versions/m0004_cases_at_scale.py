"""Cases at scale: workflow, deadlines, search, several desks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "attachment_key",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("recovery_recipient", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment_key")),
    )
    op.create_table(
        "change_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tx", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_event")),
    )
    with op.batch_alter_table("change_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_event_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_change_event_tx"), ["tx"], unique=False)

    op.create_table(
        "department",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reached_by", sa.String(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("name", name=op.f("uq_department_name")),
    )
    op.create_table(
        "done_act",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("result", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_done_act")),
    )
    with op.batch_alter_table("done_act", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_done_act_at"), ["at"], unique=False)

    op.create_table(
        "erasure_tombstone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column(
            "subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_tombstone")),
    )
    op.create_table(
        "tag",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("folded", name=op.f("uq_tag_folded")),
    )
    op.create_table(
        "backup_destination",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("marker", sa.String(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("bucket", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("access_key", sa.String(), nullable=False),
        sa.Column("secret_key", sa.String(), nullable=False),
        sa.Column(
            "entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "tombstones", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.CheckConstraint("kind IN ('folder', 's3')", name=op.f("ck_backup_destination_kind")),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["user_account.id"], name=op.f("fk_backup_destination_entered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_destination")),
    )
    op.create_table(
        "bulk_act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_bulk_act_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_act")),
    )
    with op.batch_alter_table("bulk_act", schema=None) as batch_op:
        batch_op.create_index("ix_bulk_act_user", ["user_id", "id"], unique=False)

    op.create_table(
        "case_type_revision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.String(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user_account.id"], name=op.f("fk_case_type_revision_made_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_type_revision")),
        sa.UniqueConstraint("key", "number", name=op.f("uq_case_type_revision_key_number")),
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user_account.id"], name=op.f("fk_saved_filter_owner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_filter_owner_id_name")),
    )
    op.create_table(
        "text_module",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "written_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user_account.id"], name=op.f("fk_text_module_written_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_module")),
        sa.UniqueConstraint(
            "kind",
            "language",
            "title",
            "revision",
            name=op.f("uq_text_module_kind_language_title_revision"),
        ),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("pages", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("width_px", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("height_px", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("mark", sa.String(), nullable=True),
        sa.Column("header", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column(
            "key_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "withdrawn_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["user_account.id"], name=op.f("fk_attachment_added_by")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_attachment_case_id")),
        sa.ForeignKeyConstraint(
            ["key_version"], ["attachment_key.id"], name=op.f("fk_attachment_key_version")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["user_account.id"], name=op.f("fk_attachment_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index("ix_attachment_case_number", ["case_id", "number"], unique=True)
        batch_op.create_index("ix_attachment_key_version", ["key_version"], unique=False)

    op.create_table(
        "bulk_item",
        sa.Column("bulk_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "version_after", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulk_act.id"], name=op.f("fk_bulk_item_bulk_id")),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_bulk_item_case_id")),
        sa.PrimaryKeyConstraint("bulk_id", "case_id", name=op.f("pk_bulk_item")),
    )
    with op.batch_alter_table("bulk_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_item_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_article",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "linked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["desk_case.id"], name=op.f("fk_case_article_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["linked_by"], ["user_account.id"], name=op.f("fk_case_article_linked_by")
        ),
        sa.ForeignKeyConstraint(
            ["text_id"], ["text_module.id"], name=op.f("fk_case_article_text_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "text_id", name=op.f("pk_case_article")),
    )
    with op.batch_alter_table("case_article", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_article_text_id"), ["text_id"], unique=False)

    op.create_table(
        "case_deadline",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("episode", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rule", sa.String(), nullable=True),
        sa.Column("rule_from", sa.Date(), nullable=True),
        sa.Column("known_on", sa.Date(), nullable=True),
        sa.Column("days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calendars", sa.JSON(), nullable=False),
        sa.Column("came_with", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'statutory') = (known_on IS NOT NULL)", name=op.f("ck_case_deadline_known_on")
        ),
        sa.CheckConstraint(
            "(kind = 'statutory') = (minutes IS NULL)", name=op.f("ck_case_deadline_minutes")
        ),
        sa.CheckConstraint(
            "kind <> 'statutory' OR due_at IS NOT NULL", name=op.f("ck_case_deadline_never_paused")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["desk_case.id"], name=op.f("fk_case_deadline_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_deadline")),
    )
    with op.batch_alter_table("case_deadline", schema=None) as batch_op:
        batch_op.create_index("ix_case_deadline_case", ["case_id"], unique=False)
        batch_op.create_index(
            "ix_case_deadline_warn",
            ["warn_at"],
            unique=False,
            sqlite_where=sa.text("warn_at IS NOT NULL"),
            postgresql_where=sa.text("warn_at IS NOT NULL"),
        )

    op.create_table(
        "case_field_value",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_type", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column(
            "type_revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["desk_case.id"], name=op.f("fk_case_field_value_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["user_account.id"], name=op.f("fk_case_field_value_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["type_revision"],
            ["case_type_revision.id"],
            name=op.f("fk_case_field_value_type_revision"),
        ),
        sa.PrimaryKeyConstraint("case_id", "case_type", "field", name=op.f("pk_case_field_value")),
    )
    op.create_table(
        "case_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "linked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(["from_id"], ["desk_case.id"], name=op.f("fk_case_link_from_id")),
        sa.ForeignKeyConstraint(
            ["linked_by"], ["user_account.id"], name=op.f("fk_case_link_linked_by")
        ),
        sa.ForeignKeyConstraint(["to_id"], ["desk_case.id"], name=op.f("fk_case_link_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
        sa.UniqueConstraint(
            "from_id", "to_id", "kind", name=op.f("uq_case_link_from_id_to_id_kind")
        ),
    )
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.create_index("ix_case_link_to", ["to_id"], unique=False)

    op.create_table(
        "case_merge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "merged_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "merged_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state_before", sa.String(), nullable=False),
        sa.Column("journal", sa.JSON(), nullable=False),
        sa.Column("final_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["into_id"], ["desk_case.id"], name=op.f("fk_case_merge_into_id")),
        sa.ForeignKeyConstraint(
            ["merged_by"], ["user_account.id"], name=op.f("fk_case_merge_merged_by")
        ),
        sa.ForeignKeyConstraint(
            ["merged_id"], ["desk_case.id"], name=op.f("fk_case_merge_merged_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_merge")),
        sa.UniqueConstraint("merged_id", name=op.f("uq_case_merge_merged_id")),
    )
    with op.batch_alter_table("case_merge", schema=None) as batch_op:
        batch_op.create_index("ix_case_merge_into", ["into_id"], unique=False)

    op.create_table(
        "case_pause",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_case_pause_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_pause")),
    )
    with op.batch_alter_table("case_pause", schema=None) as batch_op:
        batch_op.create_index("ix_case_pause_case", ["case_id"], unique=False)

    op.create_table(
        "case_presence",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("desk_id", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_writing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["desk_case.id"], name=op.f("fk_case_presence_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_case_presence_user_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "user_id", "desk_id", name=op.f("pk_case_presence")),
    )
    op.create_table(
        "case_tag",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "tagged_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_case_tag_case_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_case_tag_tag_id")),
        sa.ForeignKeyConstraint(
            ["tagged_by"], ["user_account.id"], name=op.f("fk_case_tag_tagged_by")
        ),
        sa.PrimaryKeyConstraint("case_id", "tag_id", name=op.f("pk_case_tag")),
    )
    with op.batch_alter_table("case_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_tag_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "case_task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(assignee_id IS NULL) <> (department_id IS NULL)", name=op.f("ck_case_task_who")
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["user_account.id"], name=op.f("fk_case_task_assignee_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["desk_case.id"], name=op.f("fk_case_task_case_id")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_case_task_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["user_account.id"], name=op.f("fk_case_task_ended_by")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user_account.id"], name=op.f("fk_case_task_made_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_task")),
    )
    with op.batch_alter_table("case_task", schema=None) as batch_op:
        batch_op.create_index("ix_case_task_case", ["case_id"], unique=False)
        batch_op.create_index(
            "ix_case_task_open",
            ["remind_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "cases_apart",
        sa.Column("first_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "second_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_id"], ["desk_case.id"], name=op.f("fk_cases_apart_first_id")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["desk_case.id"], name=op.f("fk_cases_apart_second_id")
        ),
        sa.ForeignKeyConstraint(
            ["told_by"], ["user_account.id"], name=op.f("fk_cases_apart_told_by")
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_cases_apart")),
    )
    with op.batch_alter_table("cases_apart", schema=None) as batch_op:
        batch_op.create_index("ix_cases_apart_second", ["second_id"], unique=False)

    op.create_table(
        "attachment_part",
        sa.Column(
            "attachment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_attachment_part_attachment_id")
        ),
        sa.PrimaryKeyConstraint("attachment_id", "position", name=op.f("pk_attachment_part")),
    )
    op.create_table(
        "case_approval",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "resolution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("level", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user_account.id"], name=op.f("fk_case_approval_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["desk_case.id"], name=op.f("fk_case_approval_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_case_approval_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["resolution_id"], ["timeline_entry.id"], name=op.f("fk_case_approval_resolution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_approval")),
    )
    with op.batch_alter_table("case_approval", schema=None) as batch_op:
        batch_op.create_index("ix_case_approval_case", ["case_id", "id"], unique=False)
        batch_op.create_index("ix_case_approval_resolution", ["resolution_id", "id"], unique=False)

    op.create_table(
        "deadline_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "deadline_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("old_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("new_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["case_deadline.id"], name=op.f("fk_deadline_move_deadline_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_deadline_move_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_move")),
    )
    with op.batch_alter_table("deadline_move", schema=None) as batch_op:
        batch_op.create_index("ix_deadline_move_deadline", ["deadline_id"], unique=False)

    with op.batch_alter_table("desk_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stage", sa.String(), nullable=True))
        batch_op.add_column(
            sa.Column("approval_asked_at", sa.DateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column(
                "merged_into_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.create_index("ix_desk_case_approval", ["approval_asked_at"], unique=False)
        batch_op.create_index("ix_desk_case_callback", ["callback_due_at"], unique=False)
        batch_op.create_index("ix_desk_case_merged_into", ["merged_into_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_desk_case_merged_into_id"), "desk_case", ["merged_into_id"], ["id"]
        )

    with op.batch_alter_table("gram_sample", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "folded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )

    with op.batch_alter_table("stored_copy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("desk_id", sa.String(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "destination_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column(
                "size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("trouble", sa.String(), nullable=True))
    carry_over()


# --- By hand: what rooms attach as DDL, and rows that are carried over.


def _carry_approvals() -> None:
    """A case that waited for its supervisor is one whose closing is to be approved."""
    op.execute(
        "UPDATE desk_case SET approval_asked_at = resolved_at"
        " WHERE state = 'resolved' AND case_type IN ('complaint', 'accident')"
    )


_LOG_ON_SERVER = (
    """
CREATE FUNCTION desk_check_name(actor bigint) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> current_user AND actor IS NOT NULL AND NOT EXISTS (
        SELECT FROM user_account
        WHERE id = actor AND server_role = session_user AND removed_at IS NULL
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'nobody writes the log in another''s name';
    END IF;
END $$
""",
    """
CREATE FUNCTION desk_entered_at(said timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN session_user = current_user
    OR said BETWEEN statement_timestamp() - interval '10 minutes'
        AND statement_timestamp() + interval '10 minutes' THEN said
    ELSE statement_timestamp() END
$$
""",
    """
CREATE FUNCTION desk_record(
    at timestamptz, actor bigint, desk text, action text, subject_kind text, subject_id bigint,
    purpose text, particulars text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    word text := '^([a-z][a-z0-9_]{0,63}|[A-H])$';
    worth text := '^([a-z][a-z0-9_]{0,63}|[A-H]|[0-9a-f]{16,128}'
        '|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
        '|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]{8,15}[+]00:00)?)$';
    told jsonb := particulars;
    entered_at timestamptz := desk_entered_at(at);
    made bigint;
BEGIN
    PERFORM desk_check_name(actor);
    IF session_user <> current_user AND actor IS NULL AND action NOT IN (
        'attachments_key.unborn', 'people.keyring_mended', 'people.listening_lapsed',
        'recordings_key.unborn'
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'somebody has done this';
    END IF;
    IF action !~ '^[a-z][a-z0-9_]{0,31}[.][a-z][a-z0-9_]{0,31}$'
    OR desk !~ (CASE WHEN actor IS NULL THEN '^$' ELSE '^[A-Za-z0-9_-]{1,64}$' END)
    OR subject_kind !~ word OR purpose !~ word OR (subject_kind IS NULL) <> (subject_id IS NULL)
    OR jsonb_typeof(told) <> 'object'
    OR EXISTS (SELECT FROM json_object_keys(particulars::json) AS name
        GROUP BY name HAVING count(*) > 1 OR name !~ word)
    OR EXISTS (
        SELECT FROM jsonb_each(told), jsonb_path_query(jsonb_each.value, 'strict $.**') AS leaf
        WHERE jsonb_typeof(leaf) = 'object'
        OR jsonb_typeof(leaf) = 'string' AND leaf #>> '{}' !~ worth)
    THEN
        RAISE check_violation USING MESSAGE = 'the audit log takes ids, counts, dates and tokens';
    END IF;
    INSERT INTO audit_entry (at, user_id, desk_id, action, subject_kind, subject_id, purpose,
        particulars, content_hash)
    VALUES (entered_at, actor, desk, action, subject_kind, subject_id, purpose, particulars,
        encode(sha256(convert_to(concat(
            '["', to_char(entered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '",',
            coalesce(actor::text, 'null'), ',"', desk, '","', action, '",',
            coalesce('"' || subject_kind || '"', 'null'), ',',
            coalesce(subject_id::text, 'null'), ',',
            coalesce('"' || purpose || '"', 'null'), ',', particulars, ']'), 'UTF8')), 'hex'))
    RETURNING id INTO made;
    RETURN made;
END $$
""",
    """
CREATE FUNCTION desk_sign(
    link bigint, of_link text, at timestamptz, actor bigint, desk text, signed text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM desk_check_name(actor);
    IF actor IS NULL OR desk !~ '^[A-Za-z0-9_-]{1,64}$' OR signed !~ '^[0-9a-f]{128}$'
    OR NOT EXISTS (SELECT FROM audit_link WHERE seq = link AND hash = of_link) THEN
        RAISE check_violation USING MESSAGE = 'this is no head of the audit log';
    END IF;
    INSERT INTO audit_head (seq, hash, at, user_id, desk_id, signature)
    VALUES (link, of_link, at, actor, desk, signed);
END $$
""",
    """
CREATE FUNCTION desk_latest_entry_at() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT at FROM audit_entry ORDER BY id DESC LIMIT 1
$$
""",
    """
CREATE OR REPLACE FUNCTION audit_link_entry() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last record;
    next_seq bigint := 1;
    prev_hash text := repeat('0', 64);
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the audit chain needs READ COMMITTED';
    END IF;
    LOCK TABLE audit_head IN SHARE UPDATE EXCLUSIVE MODE;
    SELECT * INTO last FROM audit_link ORDER BY seq DESC LIMIT 1;
    IF FOUND THEN
        next_seq := last.seq + 1;
        prev_hash := last.hash;
    END IF;
    INSERT INTO audit_link (seq, entry_id, prev, hash) VALUES (
        next_seq, NEW.id, prev_hash,
        encode(sha256(convert_to(
            next_seq || ':' || prev_hash || ':' || NEW.content_hash, 'UTF8')), 'hex')
    );
    RETURN NULL;
END $$
""",
    """
REVOKE ALL ON FUNCTION desk_check_name, desk_entered_at, desk_record, desk_sign,
    desk_latest_entry_at FROM PUBLIC
""",
)


def _write_the_log_by_functions() -> None:
    """The log on a server is written by functions from now on."""
    if op.get_bind().dialect.name == "postgresql":
        for statement in _LOG_ON_SERVER:
            op.get_bind().exec_driver_sql(statement.strip().replace("%", "%%"))


def _carry_deadlines() -> None:
    """Make of the rows what this revision keeps instead."""
    from desk_app.storage.migrations.carrying.deadlines_0004 import carry_deadlines

    carry_deadlines()


_DUE_ON_SERVER = (
    """
CREATE FUNCTION desk_case_numbers(cases bigint[]) RETURNS TABLE (case_id bigint, number text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> current_user THEN
        IF NOT (desk_handles() OR desk_holds('administrator')) THEN
            RAISE insufficient_privilege;
        END IF;
    END IF;
    RETURN QUERY SELECT c.id::bigint, c.number::text FROM desk_case c WHERE c.id = ANY (cases);
END $$
""",
    """
CREATE FUNCTION desk_hold_cases() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> current_user THEN
        IF NOT (desk_handles() OR desk_holds('administrator')) THEN
            RAISE insufficient_privilege;
        END IF;
    END IF;
    PERFORM FROM desk_case c WHERE EXISTS (SELECT FROM case_deadline o
        WHERE o.case_id = c.id AND o.met_at IS NULL AND o.ended_at IS NULL)
    ORDER BY c.id FOR UPDATE;
END $$
""",
    """
CREATE FUNCTION desk_refresh_due(cases bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE desk_case c SET due_at = d.due_at, version = c.version + 1
    FROM (
        SELECT k.id, (SELECT min(o.due_at) FROM case_deadline o
            WHERE o.case_id = k.id AND o.met_at IS NULL AND o.ended_at IS NULL) AS due_at
        FROM desk_case k WHERE k.id = ANY (cases)
    ) d
    WHERE c.id = d.id AND c.due_at IS DISTINCT FROM d.due_at;
END $$
""",
    "REVOKE ALL ON FUNCTION desk_case_numbers, desk_hold_cases, desk_refresh_due FROM PUBLIC",
    """
CREATE FUNCTION desk_promises(after timestamptz) RETURNS TABLE
    (task bigint, department bigint, case_id bigint, due_at timestamptz, remind_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> current_user THEN
        IF NOT (desk_handles() OR desk_holds('administrator')) THEN
            RAISE insufficient_privilege;
        END IF;
    END IF;
    RETURN QUERY
        SELECT t.id::bigint, t.department_id::bigint, t.case_id::bigint, t.due_at, t.remind_at
        FROM case_task t WHERE t.ended_at IS NULL AND t.due_at > after
        UNION ALL
        SELECT NULL, NULL, c.id::bigint, c.callback_due_at, NULL
        FROM desk_case c WHERE c.callback_due_at > after AND c.merged_into_id IS NULL;
END $$
""",
    """
CREATE FUNCTION desk_remind(tasks bigint[], times timestamptz[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> current_user THEN
        IF NOT (desk_handles() OR desk_holds('administrator')) THEN
            RAISE insufficient_privilege;
        END IF;
    END IF;
    UPDATE case_task t SET remind_at = least(n.at, t.due_at) FROM unnest(tasks, times) AS n(id, at)
    WHERE t.id = n.id AND t.ended_at IS NULL;
END $$
""",
    "REVOKE ALL ON FUNCTION desk_promises, desk_remind FROM PUBLIC",
)


def _refresh_due_by_functions() -> None:
    """Who changes the calendar on a server sees no case."""
    if op.get_bind().dialect.name == "postgresql":
        for statement in _DUE_ON_SERVER:
            op.get_bind().exec_driver_sql(statement.strip())


def _never_give_ids_again() -> None:
    """A file gives the id of an erased row to the next one unless the table is made otherwise."""
    if op.get_context().dialect.name != "sqlite":
        return
    for table in ("contact", "customer", "desk_case", "recording"):
        with op.batch_alter_table(
            table, recreate="always", table_kwargs={"sqlite_autoincrement": True}
        ):
            pass


def carry_over() -> None:
    """Everything that is written by hand."""
    _carry_approvals()
    _write_the_log_by_functions()
    _refresh_due_by_functions()
    _carry_deadlines()
    _never_give_ids_again()  # last: a table that is made anew once more is as before
