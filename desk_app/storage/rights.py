"""Who of the staff reaches which rows on a server: every table's class, and what it means there.

Whoever has a role of their own can use any client, so the server keeps what the services keep:
customers' rows are for handlers with a current appointment. A table that isn't named in `TABLES`
is nobody's but the owner's until somebody says whose it is.

Row policies look up who asks once a statement (``(SELECT …)`` is an InitPlan). A policy keeps
operators that might leak a row (LIKE, @>, trigrams) from using an index, so the search index has
none: it is granted to a group, the handlers, whose members follow the appointments (`handling`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Rows(StrEnum):
    """Whose a table's rows are."""

    STAFF = "staff"  # no personal data: read by everybody who works here, written as `WRITERS` says
    COLLEAGUES = "colleagues"  # of the staff itself: read by everybody, changed as `guards` say
    HANDLERS = "handlers"  # of customers
    TIMES = "times"  # of handlers; who changes the hours sees them, to move what is due
    HANDLERS_AND_OWN = "handlers_and_own"  # of customers; what one wrote oneself as well
    OWN_CONTACT = "own_contact"  # as well of whoever takes the contact, `id` or `contact_id`
    OWN_OR_SHARED = (
        "own_or_shared"  # of its owner, of all handlers if shared; of the officer, who erases
    )
    CALL_TAKERS = "call_takers"  # of who takes calls, appointed or not
    HELP = "help"  # of handlers, of whoever takes the contact, and of the officer who counts them
    STEPS = "steps"  # of who approves them; what the recovery key was used for is told to all
    INDEX = "index"  # of customers, and searched by patterns
    OVERSIGHT = "oversight"  # of the officer; who signs off beside them sees and signs
    OFFICER = "officer"  # of the officer alone
    LOG = "log"  # read by officer and administrator, written by functions
    LINKS = "links"  # read by everybody, written by functions
    NOBODY = "nobody"  # read by everybody, changed by the owner


TABLES: dict[str, Rows] = {
    "alembic_version": Rows.NOBODY,
    "announcement": Rows.STAFF,
    "appointment": Rows.COLLEAGUES,
    "attachment": Rows.HANDLERS,
    "attachment_key": Rows.STAFF,
    "attachment_part": Rows.HANDLERS,
    "audit_entry": Rows.LOG,
    "audit_head": Rows.LOG,
    "audit_link": Rows.LINKS,
    "backup_destination": Rows.STAFF,
    "bulk_act": Rows.HANDLERS,
    "bulk_item": Rows.HANDLERS,
    "calendar_revision": Rows.STAFF,
    "call": Rows.OWN_CONTACT,
    "case_approval": Rows.HANDLERS,
    "case_article": Rows.HANDLERS,
    "case_contact": Rows.HANDLERS,
    "case_counter": Rows.STAFF,
    "case_deadline": Rows.TIMES,
    "case_field_value": Rows.HANDLERS,
    "case_link": Rows.HANDLERS,
    "case_merge": Rows.HANDLERS,
    "case_pause": Rows.TIMES,
    "case_presence": Rows.STAFF,
    "case_tag": Rows.HANDLERS,
    "case_task": Rows.HANDLERS,
    "case_text": Rows.INDEX,
    "case_type_revision": Rows.STAFF,
    "cases_apart": Rows.HANDLERS,
    "change_event": Rows.STAFF,
    "closure": Rows.STAFF,
    "consent": Rows.HANDLERS,
    "contact": Rows.OWN_CONTACT,
    "control": Rows.OVERSIGHT,
    "control_answer": Rows.OFFICER,
    "control_evidence": Rows.OFFICER,
    "control_finding": Rows.OFFICER,
    "contact_counter": Rows.STAFF,
    "contact_event": Rows.STAFF,
    "contact_point": Rows.HANDLERS,
    "customer": Rows.HANDLERS,
    "deadline_move": Rows.HANDLERS_AND_OWN,
    "department": Rows.STAFF,
    "desk_case": Rows.HANDLERS,
    "disposal_batch": Rows.HANDLERS,
    "disclosure": Rows.HANDLERS,
    "disclosure_choice": Rows.HANDLERS,
    "disclosure_delivery": Rows.HANDLERS,
    "disclosure_pack": Rows.HANDLERS,
    "done_act": Rows.STAFF,
    "equivalent_system": Rows.STAFF,
    "erasure": Rows.STAFF,
    "erasure_desk": Rows.STAFF,
    "erasure_step": Rows.STAFF,
    "erasure_tombstone": Rows.STAFF,
    "frequent_gram": Rows.INDEX,
    "gram_sample": Rows.INDEX,
    "group_listing": Rows.STAFF,
    "help_call": Rows.HELP,
    "help_listening": Rows.STAFF,
    "help_record": Rows.OWN_CONTACT,
    "help_ring": Rows.STAFF,
    "hours_permit": Rows.STAFF,
    "inquiry": Rows.OWN_CONTACT,
    "leak": Rows.HANDLERS,
    "leak_entry": Rows.HANDLERS,
    "leak_person": Rows.HANDLERS,
    "named_use": Rows.STAFF,
    "legal_hold": Rows.HANDLERS,
    "inspection_item": Rows.OFFICER,
    "inspection_sample": Rows.OFFICER,
    "office_setting": Rows.COLLEAGUES,
    "opt_out": Rows.HANDLERS,
    "paper_original": Rows.HANDLERS,
    "pending_step": Rows.STEPS,
    "person": Rows.COLLEAGUES,
    "policy_version": Rows.STAFF,
    "provision": Rows.HANDLERS,
    "provision_series": Rows.HANDLERS,
    "receipt": Rows.HANDLERS,
    "recipient": Rows.STAFF,
    "privacy_correction": Rows.HANDLERS,
    "privacy_identity_check": Rows.HANDLERS,
    "privacy_request": Rows.HANDLERS,
    "privacy_request_step": Rows.HANDLERS,
    "privacy_told": Rows.HANDLERS,
    "recording": Rows.STAFF,
    "recording_bookmark": Rows.HANDLERS,
    "recording_copy": Rows.STAFF,
    "recording_finding": Rows.CALL_TAKERS,
    "recording_key": Rows.STAFF,
    "recording_played": Rows.HANDLERS,
    "recording_store": Rows.STAFF,
    "retention_item": Rows.STAFF,
    "retention_rule": Rows.STAFF,
    "retention_run": Rows.STAFF,
    "saved_filter": Rows.OWN_OR_SHARED,
    "sealed_key": Rows.STAFF,
    "sealed_record": Rows.OWN_CONTACT,
    "stored_copy": Rows.STAFF,
    "subcontract": Rows.STAFF,
    "subcontractor": Rows.STAFF,
    "tag": Rows.STAFF,
    "text_module": Rows.STAFF,
    "timeline_entry": Rows.HANDLERS,
    "use_block": Rows.HANDLERS,
    "told_abroad": Rows.HANDLERS,
    "training": Rows.COLLEAGUES,
    "user_account": Rows.COLLEAGUES,
    "user_role": Rows.COLLEAGUES,
}
"""Every table of the office, one on each line."""

_HANDLES = "(SELECT desk_handles())"
ANYBODY = "(SELECT desk_user()) IS NOT NULL"
"""Whoever works here: a role whose account has gone reads and writes nothing any more."""

_POLICIES: dict[Rows, str] = {
    Rows.COLLEAGUES: ANYBODY,
    Rows.HANDLERS: _HANDLES,
    Rows.TIMES: _HANDLES,
    Rows.HANDLERS_AND_OWN: _HANDLES + " OR user_id = (SELECT desk_user())",
    Rows.OWN_CONTACT: _HANDLES + " OR desk_is_own_contact({contact})",
    Rows.OWN_OR_SHARED: _HANDLES
    + " AND (shared OR owner_id = (SELECT desk_user()) OR (SELECT desk_holds('dpo')))",
    Rows.CALL_TAKERS: _HANDLES + " OR (SELECT desk_holds('operator', 'supervisor'))",
    Rows.HELP: _HANDLES + " OR desk_is_own_contact({contact}) OR (SELECT desk_holds('dpo'))",
    Rows.STEPS: "(SELECT desk_is_steward(session_user)) OR used_recovery_key",
    Rows.OVERSIGHT: "(SELECT desk_is_steward(session_user))",
    Rows.OFFICER: "(SELECT desk_holds('dpo'))",
    Rows.LOG: "(SELECT desk_holds('dpo', 'administrator'))",
}
"""Which rows are seen, and may be written. The others have no policy, because no row of theirs
is another's than the table, but those of `Rows.STAFF`: see `WRITERS`."""

_MORE_POLICIES = {
    "case_deadline": ("SELECT", "UPDATE"),
    "case_pause": ("SELECT",),
}
"""What an administrator may as well, who changes the hours and with them when cases are due. These
rows hold ids and times; of a deadline, `desk_times` lets them change nothing but the times."""

_READ_ONLY = frozenset({Rows.LOG, Rows.LINKS, Rows.NOBODY})

_KEPT_ROWS = frozenset(
    {
        "appointment",
        "control",
        "control_answer",
        "control_evidence",
        "control_finding",
        "inspection_item",
        "inspection_sample",
        "pending_step",
        "person",
        "training",
        "user_account",
        "user_role",
    }
)
"""Rows of the staff, and of what was looked at, that are ended and never deleted."""


@dataclass(frozen=True, slots=True)
class Writers:
    """Who of the staff writes a table that everybody reads: for each act a condition on the row,
    as a policy says it, or None for nobody. ``after``: on the row that an update makes of it, if
    that is another."""

    insert: str | None = None
    update: str | None = None
    delete: str | None = None
    after: str | None = None

    @property
    def acts(self) -> Mapping[str, str]:
        """What somebody may do, and when."""
        said = {"INSERT": self.insert, "UPDATE": self.update, "DELETE": self.delete}
        return {act: condition for act, condition in said.items() if condition is not None}


def _holding(*roles: str) -> str:
    return f"(SELECT desk_holds({', '.join(repr(role) for role in roles)}))"


_GUARDED = Writers(insert=ANYBODY, update=ANYBODY)
_ADMINISTRATORS = _holding("administrator")
_OFFICERS = _holding("dpo")
_EDITORS = _holding("supervisor", "administrator")
_KEEPERS_OF_SEALED = f"{_HANDLES} AND {_holding('supervisor', 'dpo')}"

WRITERS: dict[str, Writers] = {
    "announcement": Writers(insert=_OFFICERS),
    "attachment_key": Writers(insert=_HANDLES, update=_HANDLES),
    "backup_destination": _GUARDED,
    "calendar_revision": Writers(insert=_ADMINISTRATORS),
    "case_counter": _GUARDED,
    "case_presence": Writers(
        insert="user_id = (SELECT desk_user())",
        update="user_id = (SELECT desk_user())",
        delete="user_id = (SELECT desk_user())"
        " OR seen_at < statement_timestamp() - interval '45 seconds'",
    ),
    "case_type_revision": Writers(insert=_ADMINISTRATORS),
    "change_event": Writers(
        insert=ANYBODY, delete="at < statement_timestamp() - interval '1 hour'"
    ),
    "closure": Writers(insert=_ADMINISTRATORS, update=_ADMINISTRATORS),
    "contact_counter": _GUARDED,
    "contact_event": Writers(insert="desk_is_own_contact(contact_id)"),
    "department": Writers(insert=_EDITORS, update=_EDITORS),
    "done_act": Writers(
        insert=ANYBODY,
        update="result IS NULL",
        after=ANYBODY,
        delete="at < statement_timestamp() - interval '35 days'",
    ),
    "equivalent_system": Writers(insert=_OFFICERS, update=_OFFICERS),
    "erasure": Writers(insert=_OFFICERS, update=_holding("dpo", "supervisor")),
    "erasure_desk": Writers(insert=_OFFICERS, update=ANYBODY),
    "erasure_step": Writers(insert=_OFFICERS, update=_OFFICERS),
    "erasure_tombstone": Writers(insert=ANYBODY),
    "group_listing": Writers(insert=_OFFICERS, update=_OFFICERS),
    "help_listening": _GUARDED,
    "help_ring": Writers(
        insert="user_id = (SELECT desk_user()) AND (SELECT desk_holds('supervisor'))"
    ),
    # a permit for one call is used by whoever takes that call
    "hours_permit": Writers(
        insert=_holding("supervisor"), update=_holding("operator", "supervisor")
    ),
    "named_use": Writers(insert=_OFFICERS, update=_OFFICERS),
    "policy_version": Writers(
        insert=_OFFICERS, update=_holding("dpo", "supervisor", "administrator")
    ),
    "recipient": Writers(insert=_OFFICERS, update=_OFFICERS),
    "recording": _GUARDED,
    "recording_copy": Writers(
        insert=ANYBODY,
        update=ANYBODY,
        delete=f"{_ADMINISTRATORS} OR EXISTS (SELECT FROM recording AS r"
        " WHERE r.id = recording_id AND r.state = 'discarded')",
    ),
    "recording_key": _GUARDED,
    "recording_store": Writers(insert=_ADMINISTRATORS, update=_ADMINISTRATORS),
    "retention_item": Writers(insert=_OFFICERS, update=_OFFICERS),
    "retention_rule": Writers(insert=_OFFICERS, update=_holding("dpo", "supervisor")),
    "retention_run": Writers(insert=_OFFICERS, update=_holding("dpo", "supervisor")),
    "sealed_key": Writers(insert=_KEEPERS_OF_SEALED, update=_KEEPERS_OF_SEALED),
    "stored_copy": _GUARDED,
    "subcontract": Writers(insert=_OFFICERS, update=_OFFICERS),
    "subcontractor": Writers(insert=_OFFICERS),
    "tag": Writers(insert=_HANDLES),
    "text_module": Writers(insert=_EDITORS, update=_EDITORS),
}
"""Of every table that is `Rows.STAFF`; where `guards` has the table as well, its rows are looked
at one by one."""


def statements(there: list[str], *, staff: str, handlers: str) -> list[str]:
    """What gives the staff its rights to the tables that are ``there``; both names quoted."""
    made: list[str] = []
    for table in sorted(there):
        rows = TABLES.get(table)
        made += [
            f"REVOKE ALL ON {table} FROM {staff}, {handlers}",
            f"DROP POLICY IF EXISTS desk_rows ON {table}",
            *(
                f"DROP POLICY IF EXISTS desk_{act} ON {table}"
                for act in ("insert", "update", "delete")
            ),
            *(
                f"DROP POLICY IF EXISTS desk_times_{act.lower()} ON {table}"
                for act in _MORE_POLICIES.get(table, ())
            ),
        ]
        if rows is None:
            continue
        if rows is Rows.STAFF:
            made += _for_staff(table, WRITERS.get(table, Writers()), staff)
            continue
        acts = "SELECT" if rows in _READ_ONLY else "SELECT, INSERT, UPDATE"
        if rows not in _READ_ONLY and table not in _KEPT_ROWS:
            acts += ", DELETE"
        made.append(f"GRANT {acts} ON {table} TO {handlers if rows is Rows.INDEX else staff}")
        if rows not in _POLICIES:
            made.append(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
            continue
        seen = _POLICIES[rows].format(contact="id" if table == "contact" else "contact_id")
        made += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY desk_rows ON {table} TO {staff} USING ({seen})",
            *(
                f"CREATE POLICY desk_times_{act.lower()} ON {table} FOR {act} TO {staff}"
                " USING ((SELECT desk_holds('administrator')))"
                for act in _MORE_POLICIES.get(table, ())
            ),
        ]
    return made


def _for_staff(table: str, writers: Writers, staff: str) -> list[str]:
    made = [
        f"GRANT {', '.join(('SELECT', *writers.acts))} ON {table} TO {staff}",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY desk_rows ON {table} FOR SELECT TO {staff} USING ({ANYBODY})",
    ]
    for act, condition in writers.acts.items():
        kept = "WITH CHECK" if act == "INSERT" else "USING"
        after = f" WITH CHECK ({writers.after or condition})" if act == "UPDATE" else ""
        made.append(
            f"CREATE POLICY desk_{act.lower()} ON {table} FOR {act} TO {staff}"
            f" {kept} ({condition}){after}"
        )
    return made
