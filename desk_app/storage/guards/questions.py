"""What the guards ask the database: functions that answer as its owner, for whoever asks."""

from desk_app.storage.handling import definer

_OWNS = """
CREATE OR REPLACE FUNCTION desk_owns(of_table oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT pg_get_userbyid(relowner) = current_user FROM pg_class WHERE oid = of_table
$$
"""
"""Whether the owner acts, or a function that does so for somebody: whoever is signed in acts as
themselves or, by SET ROLE, as the staff."""


_PERSON = definer(
    "desk_person(account bigint)",
    "bigint",
    "BEGIN RETURN (SELECT person_id FROM user_account WHERE id = account); END",
)

_FORGETS = """
CREATE OR REPLACE FUNCTION desk_forgets(act text, changed text[], made jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT desk_holds('dpo') AND (act = 'DELETE' AND desk_is_removing() OR act = 'UPDATE'
        AND NOT changed && ARRAY['withdrawn_at', 'ended_at', 'not_left_at', 'keep_until']
        AND NOT EXISTS (SELECT FROM unnest(changed) AS name WHERE name <> 'version'
            AND made -> name NOT IN ('null', '""', '[]', '{}', '0', '"\\\\x"')))
$$
"""
"""Whether the officer erases a record whose time is over or whose customer is erased: nobody else
deletes one, nothing is written in the place of what goes, and only what another person has approved
deletes anything."""

_IS_REMOVING = definer(
    "desk_is_removing()",
    "boolean",
    """
BEGIN
    RETURN EXISTS (SELECT FROM erasure WHERE state = 'running' AND approved_at IS NOT NULL)
    OR EXISTS (SELECT FROM retention_run WHERE state = 'running' AND approved_by IS NOT NULL);
END""",
)

_APPROVED = definer(
    "desk_approved(kinds text[], particular text DEFAULT NULL, worth text DEFAULT NULL)",
    "boolean",
    """
BEGIN
    RETURN EXISTS (SELECT FROM pending_step s
        WHERE s.xmin = pg_current_xact_id()::xid AND s.decision = 'approved'
        AND s.decided_by = desk_user() AND s.kind = ANY (kinds)
        AND (particular IS NULL OR s.particulars ->> particular = worth));
END""",
)
"""Whether the one who asks has approved such a step in this very transaction; that another person
had asked for it was seen to by the guard of the steps."""

_ROLE_APPROVED = definer(
    "desk_role_approved(account bigint, wanted text)",
    "boolean",
    """
BEGIN
    RETURN EXISTS (SELECT FROM pending_step s JOIN user_account u ON u.id = account
        WHERE s.xmin = pg_current_xact_id()::xid AND s.decision = 'approved'
        AND s.decided_by = desk_user() AND s.particulars::jsonb -> 'roles' ? wanted
        AND (s.kind = 'grant_role' AND s.particulars ->> 'user_id' = account::text
            OR s.kind = 'add_user' AND s.particulars ->> 'login' = u.login));
END""",
)

_ERASES = definer(
    "desk_erases(of_roots text, subject bigint)",
    "boolean",
    """
BEGIN
    RETURN desk_holds('dpo') AND EXISTS (SELECT FROM erasure e WHERE e.state = 'running'
        AND e.approved_at IS NOT NULL AND (e.roots::jsonb -> of_roots) @> to_jsonb(subject));
END""",
)
"""Whether an approved erasure runs that names it, and the officer acts."""

_RUNS = definer(
    "desk_runs(roots jsonb, approver bigint)",
    "boolean",
    """
BEGIN
    RETURN roots -> 'customer' = 'null' AND EXISTS (SELECT FROM retention_run r
        WHERE r.state = 'running' AND r.approved_by = approver
        AND NOT EXISTS (SELECT FROM jsonb_array_elements_text(roots -> 'contacts') AS one(id)
            WHERE NOT EXISTS (SELECT FROM retention_item i WHERE i.run_id = r.id
                AND i.subject = 'contact' AND i.subject_id = one.id::bigint))
        AND NOT EXISTS (SELECT FROM jsonb_array_elements_text(roots -> 'recordings') AS one(id)
            WHERE NOT EXISTS (SELECT FROM retention_item i WHERE i.run_id = r.id
                AND (i.subject = 'recording' AND i.subject_id = one.id::bigint
                OR i.subject = 'contact' AND i.subject_id
                    = (SELECT contact_id FROM recording WHERE id = one.id::bigint))))
        AND NOT EXISTS (SELECT FROM jsonb_array_elements_text(roots -> 'cases') AS one(id)
            WHERE NOT EXISTS (
                WITH RECURSIVE goes_on(id) AS (SELECT one.id::bigint UNION
                    SELECT c.merged_into_id FROM desk_case c JOIN goes_on g ON c.id = g.id
                    WHERE c.merged_into_id IS NOT NULL)
                SELECT FROM goes_on g JOIN retention_item i ON i.subject_id = g.id
                WHERE i.run_id = r.id AND i.subject = 'case')));
END""",
)
"""Whether a run of retention that this person has approved is under way, and has in it all that is
to be erased: recordings go with their contact, and what was merged with the case that goes on."""

_TOOK_PART = definer(
    "desk_took_part(of_control bigint)",
    "boolean",
    """
BEGIN
    RETURN desk_person(desk_user()) IN (
        SELECT desk_person(answered_by) FROM control_answer WHERE control_id = of_control
        UNION SELECT desk_person(added_by) FROM control_evidence WHERE control_id = of_control
        UNION SELECT desk_person(found_by) FROM control_finding WHERE control_id = of_control
        UNION SELECT desk_person(drawn_by) FROM inspection_sample WHERE control_id = of_control
        UNION SELECT desk_person(judged_by) FROM inspection_item
            WHERE control_id = of_control AND judged_by IS NOT NULL
        UNION SELECT desk_person(user_id) FROM audit_entry
            WHERE subject_kind = 'control' AND subject_id = of_control AND user_id IS NOT NULL
            AND action IN ('control.action_laid_down', 'control.answered',
                'control.evidence_added', 'control.finding_added', 'control.planned',
                'control.reported', 'control.started', 'inspection.access_judged',
                'inspection.sample_drawn'));
END""",
)
"""Whether the one who asks carried a part of a control out: they don't sign it off."""

_IS_LAST = definer(
    "desk_is_last(account bigint, of_role text, appointed boolean)",
    "boolean",
    """
DECLARE
    holders bigint[] := ARRAY(SELECT u.id FROM user_account u JOIN user_role r ON r.user_id = u.id
        WHERE r.role = of_role AND r.ended_at IS NULL AND u.removed_at IS NULL
        AND (NOT appointed OR EXISTS (SELECT FROM appointment a WHERE a.user_id = u.id
            AND a.starts_at <= desk_now() AND (a.ends_at IS NULL OR a.ends_at > desk_now()))));
BEGIN
    RETURN coalesce(account = ANY (holders) AND holders <@ ARRAY[account], false);
END""",
)
"""Whether this account is the only one that holds a role, or the only appointed one that does."""

_ACCOUNT_OF = definer(
    "desk_account_of(member text)",
    "bigint",
    "BEGIN RETURN (SELECT id FROM user_account WHERE server_role = member); END",
)

_OBJECTED = definer(
    "desk_objected(of_contact bigint)",
    "boolean",
    "BEGIN RETURN EXISTS (SELECT FROM call"
    " WHERE contact_id = of_contact AND objected_at IS NOT NULL); END",
)

_MAY_LISTEN_IN = definer(
    "desk_may_listen_in()",
    "boolean",
    """
BEGIN
    RETURN desk_holds('supervisor') AND EXISTS (SELECT FROM appointment
        WHERE user_id = desk_user() AND may_listen AND starts_at <= desk_now()
        AND (ends_at IS NULL OR ends_at > desk_now()));
END""",
)

_CALLED_HELP = definer(
    "desk_called_help(of_help_call bigint)",
    "boolean",
    "BEGIN RETURN EXISTS (SELECT FROM help_call"
    " WHERE id = of_help_call AND called_by = desk_user()); END",
)
"""Only who has called for help says where their desk lets a listener in, or a stranger's end could
be put in the place of theirs."""

_HELP_WAITS = definer(
    "desk_help_waits()",
    "timestamptz",
    """
BEGIN
    RETURN (SELECT min(called_at) FROM help_call WHERE ended_at IS NULL AND answered_by IS NULL
        AND called_at > desk_now() - interval '12 hours');
END""",
)
"""Since when somebody calls for help and nobody has answered: all that a locked desk is told."""

QUESTIONS = (
    _OWNS,
    _PERSON,
    _IS_REMOVING,
    _FORGETS,
    _APPROVED,
    _ROLE_APPROVED,
    _ERASES,
    _RUNS,
    _TOOK_PART,
    _IS_LAST,
    _ACCOUNT_OF,
    _OBJECTED,
    _MAY_LISTEN_IN,
    _CALLED_HELP,
    _HELP_WAITS,
)

ASKED_BY_STAFF = (
    "desk_owns(oid)",
    "desk_person(bigint)",
    "desk_forgets(text, text[], jsonb)",
    "desk_approved(text[], text, text)",
    "desk_role_approved(bigint, text)",
    "desk_objected(bigint)",
    "desk_may_listen_in()",
    "desk_called_help(bigint)",
    "desk_erases(text, bigint)",
    "desk_runs(jsonb, bigint)",
    "desk_is_removing()",
    "desk_took_part(bigint)",
    "desk_is_last(bigint, text, boolean)",
)
"""What guards call as whoever asks."""

ASKED_BY_DESKS = ("desk_help_waits()",)
"""What a desk may ask before anybody has signed in, and while it is locked."""
