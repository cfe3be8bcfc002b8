"""What a row may be changed to on a server, where who may write the table at all isn't enough.

The services decide with the same rules; these hold for whoever brings a client of their own. Each
guarded table has a trigger, ``desk_guard_<table>``, that lets the owner and the owner's functions
through and judges everybody else's rows as the person whose session it is. Where the product asks
for four eyes, a row is let in only in the transaction that approves a step for it; the guard of the
steps takes none in another's name, and no approval by who asked or whom it is about.
"""

from desk_app.storage import guards_of_answers
from desk_app.storage.handling import definer

_HEAD = """
CREATE OR REPLACE FUNCTION desk_guard_{table}() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    changed text[] := '{{}}';
BEGIN
    IF desk_owns(TG_RELID) THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' THEN
        changed := ARRAY(SELECT n.key FROM jsonb_each(to_jsonb(NEW)) AS n
            WHERE n.value IS DISTINCT FROM to_jsonb(OLD) -> n.key);
    END IF;
{before}{body}
    RAISE insufficient_privilege USING MESSAGE = 'this may not be changed to that: {table}';
END $$
"""

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
            WHERE control_id = of_control AND judged_by IS NOT NULL);
END""",
)
"""Whether the one who asks carried a part of a control out: they don't sign it off."""

_ACCOUNT_OF = definer(
    "desk_account_of(member text)",
    "bigint",
    "BEGIN RETURN (SELECT id FROM user_account WHERE server_role = member); END",
)

_PERIOD = """
    IF TG_OP = 'INSERT' OR changed = '{{}}' OR changed <@ ARRAY['last_on', 'ended_by']
    AND NEW.ended_by = desk_user() AND NEW.last_on <= coalesce(OLD.last_on, 'infinity') THEN
        RETURN NEW;
    END IF;"""
"""A period of a register is ended and never begun earlier: what was handed over rests on it."""

_ROWS: dict[str, str] = {
    "pending_step": """
    IF NOT desk_is_steward(session_user) THEN
        NULL;
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.requested_by = desk_user() AND NEW.decided_by IS NULL AND NEW.decided_at IS NULL
        AND NEW.decision IS NULL AND NOT NEW.used_recovery_key THEN
            RETURN NEW;
        END IF;
    ELSIF NOT changed <@ ARRAY['decided_by', 'decided_at', 'decision', 'used_recovery_key'] THEN
        NULL;
    ELSIF OLD.decision IS NOT NULL THEN
        -- said a moment after the decision; never later, or an old approval would count anew
        IF changed <@ ARRAY['used_recovery_key'] AND NEW.used_recovery_key
        AND NEW.decided_by = desk_user() AND EXISTS (SELECT FROM pending_step
            WHERE id = OLD.id AND xmin = pg_current_xact_id()::xid) THEN
            RETURN NEW;
        END IF;
    ELSIF NEW.decided_by = desk_user() AND NEW.decided_at IS NOT NULL
    AND (NEW.decision IN ('declined', 'withdrawn') OR NEW.decision = 'approved'
        AND desk_person(NEW.decided_by) <> desk_person(NEW.requested_by)
        AND desk_person(NEW.decided_by) IS DISTINCT FROM coalesce(
            desk_person((NEW.particulars ->> 'user_id')::bigint),
            (NEW.particulars ->> 'person_id')::bigint)) THEN
        RETURN NEW;
    END IF;""",
    "person": """
    IF TG_OP = 'INSERT' AND desk_approved(ARRAY['add_user'], 'name', NEW.name) THEN
        RETURN NEW;
    END IF;""",
    "user_account": """
    IF TG_OP = 'INSERT' THEN
        IF desk_approved(ARRAY['add_user'], 'login', NEW.login) AND NEW.removed_at IS NULL
        AND NOT NEW.holds_recordings AND NEW.server_role IS NOT NULL THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['last_signed_in_at', 'told_until', 'language', 'must_change_password']
    AND OLD.server_role = session_user THEN
        RETURN NEW;
    ELSIF changed <@ ARRAY['holds_recordings'] THEN
        IF NOT NEW.holds_recordings OR desk_holds('dpo')
        OR desk_approved(ARRAY['give_listening'], 'user_id', NEW.id::text) THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['recipient', 'verify_key', 'must_change_password', 'holds_recordings']
    THEN
        IF desk_approved(ARRAY['reset_password'], 'user_id', NEW.id::text) THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['removed_at', 'server_role', 'holds_recordings'] THEN
        IF desk_holds('administrator') AND NEW.removed_at IS NOT NULL
        AND (NEW.server_role IS NULL OR NEW.server_role = OLD.server_role)
        AND (OLD.removed_at IS NULL OR NEW.removed_at = OLD.removed_at)
        AND NEW.holds_recordings <= OLD.holds_recordings
        AND desk_person(NEW.id) <> desk_person(desk_user()) THEN
            RETURN NEW;
        END IF;
    END IF;""",
    "user_role": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.ended_at IS NULL AND NEW.granted_by = desk_user()
        AND desk_role_approved(NEW.user_id, NEW.role) THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['ended_at'] AND OLD.ended_at IS NULL AND desk_holds('administrator') THEN
        RETURN NEW;
    END IF;""",
    "appointment": """
    IF TG_OP = 'INSERT' THEN
        IF desk_holds('dpo') AND NEW.appointed_by = desk_user()
        AND desk_person(NEW.user_id) <> desk_person(desk_user()) THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['ends_at'] AND desk_holds('dpo', 'administrator')
    AND NEW.ends_at <= coalesce(OLD.ends_at, 'infinity') THEN
        RETURN NEW;
    END IF;""",
    "control": """
    IF TG_OP = 'INSERT' THEN
        IF desk_holds('dpo') AND NEW.state = 'planned' AND NEW.signed_by IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF OLD.state = 'reported' AND NEW.state IN ('signed', 'running') THEN
        IF changed <@ ARRAY['state', 'version', 'signed_by', 'signed_at', 'remark']
        AND (NEW.state = 'running' AND NEW.signed_by IS NULL
            OR NEW.state = 'signed' AND NEW.signed_by = desk_user())
        AND desk_person(desk_user()) NOT IN (desk_person(OLD.planned_by),
            desk_person(OLD.responsible_id), desk_person(OLD.reported_by))
        AND NOT desk_took_part(OLD.id) THEN
            RETURN NEW;
        END IF;
    ELSIF desk_holds('dpo') AND OLD.state IN ('planned', 'running')
    AND NEW.state <> 'signed' AND NOT changed && ARRAY['signed_by', 'signed_at'] THEN
        RETURN NEW;
    END IF;""",
    "training": """
    IF TG_OP = 'INSERT' AND desk_holds('dpo') AND NEW.entered_by = desk_user()
    AND desk_person(NEW.user_id) <> desk_person(desk_user()) THEN
        RETURN NEW;
    END IF;""",
    "office_setting": """
    DECLARE
        this text := COALESCE(NEW.name, OLD.name);
        checked boolean := this = 'recordings_compared_at'
            OR this ~ '^(recordings|recording_copies)_checked[.]';
        recovery boolean := desk_approved(ARRAY['rotate_recovery']);
    BEGIN
        IF 'name' = ANY (changed) THEN
            NULL;
        ELSIF TG_OP <> 'DELETE' AND checked
        OR TG_OP = 'INSERT'
            AND this IN ('audit_query_key', 'office_id', 'recordings_rotation_due')
        OR TG_OP = 'DELETE' AND this = 'recordings_rotation_due'
            AND (recovery OR desk_approved(ARRAY['rotate_recordings']))
        OR TG_OP = 'UPDATE' AND this = 'recovery_recipient' AND recovery
        OR TG_OP <> 'DELETE' AND this = 'escrow_due' AND recovery
        OR TG_OP = 'DELETE' AND this = 'escrow_due' AND desk_is_steward(session_user)
        OR this IN ('rekey_due', 'backup_hour', 'recordings_compared_until')
            AND desk_is_steward(session_user) THEN
            RETURN COALESCE(NEW, OLD);
        END IF;
    END;""",
    "policy_version": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.entered_by = desk_user() AND NEW.decision IS NULL AND NEW.decided_by IS NULL
        AND NEW.decided_at IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['decision', 'decided_at', 'decided_by'] AND OLD.decision IS NULL
    AND NEW.decided_by = desk_user() AND NEW.decided_at IS NOT NULL
    AND (NEW.decision = 'declined' OR NEW.decision = 'approved'
        AND desk_person(NEW.decided_by) <> desk_person(OLD.entered_by)) THEN
        RETURN NEW;
    END IF;""",
    "announcement": """
    IF TG_OP = 'INSERT' AND EXISTS (SELECT FROM policy_version v
        WHERE v.id = NEW.policy_version_id AND v.decision IS NULL
        AND v.entered_by = desk_user() AND v.effective_on = NEW.effective_on) THEN
        RETURN NEW;
    END IF;""",
    "named_use": """
    IF TG_OP = 'INSERT' AND NEW.entered_by = desk_user() AND NEW.ended_at IS NULL
    OR TG_OP = 'UPDATE' AND changed <@ ARRAY['ended_at'] AND OLD.ended_at IS NULL THEN
        RETURN NEW;
    END IF;""",
    "consent": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.entered_by = desk_user() AND NEW.withdrawn_at IS NULL
        AND NEW.withdrawn_by IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL
    AND NEW.withdrawn_by = desk_user() AND changed <@ ARRAY['version', 'withdrawn_at',
        'withdrawn_by', 'withdrawn_contact_id', 'withdrawn_second', 'withdrawn_document'] THEN
        RETURN NEW;
    END IF;""",
    "opt_out": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.declared_by = desk_user() AND NEW.ended_at IS NULL
        AND NEW.ended_by_consent_id IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND changed <@ ARRAY['ended_at', 'ended_by_consent_id']
    AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND EXISTS (SELECT FROM consent c
        WHERE c.id = NEW.ended_by_consent_id AND c.customer_id = OLD.customer_id
        AND c.topics::jsonb ? OLD.topic AND c.given_at >= OLD.declared_at
        AND c.withdrawn_at IS NULL) THEN
        RETURN NEW;
    END IF;""",
    "use_block": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.started_by = desk_user() AND NEW.ended_at IS NULL AND NEW.ended_by IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP <> 'UPDATE' THEN
        NULL;
    ELSIF changed <@ ARRAY['case_id'] AND NEW.case_id IS NOT NULL
    OR changed <@ ARRAY['ended_at', 'ended_by'] AND OLD.ended_at IS NULL
        AND NEW.ended_by = desk_user() AND desk_holds('dpo') AND (NOT EXISTS (
            SELECT FROM privacy_request r WHERE r.case_id = OLD.case_id)
        OR EXISTS (SELECT FROM privacy_request r JOIN privacy_request_step s
            ON s.request_id = r.id WHERE r.case_id = OLD.case_id AND s.act = 'agree_to_resume'
            AND s.particulars->>'block_id' = OLD.id::text
            AND desk_person(s.user_id) <> desk_person(desk_user()))) THEN
        RETURN NEW;
    END IF;""",
    "provision": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.provided_by = desk_user() AND NEW.not_left_at IS NULL
        AND NEW.not_left_by IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP <> 'UPDATE' THEN
        NULL;
    ELSIF changed <@ ARRAY['case_id'] AND NEW.case_id IS NOT NULL
    OR changed <@ ARRAY['keep_until'] AND NEW.keep_until >= OLD.keep_until
    OR changed <@ ARRAY['not_left_at', 'not_left_by'] AND OLD.not_left_at IS NULL
        AND NEW.not_left_at IS NOT NULL AND NEW.not_left_by = desk_user()
        AND (OLD.provided_by = desk_user() OR desk_holds('dpo')) THEN
        RETURN NEW;
    END IF;""",
    "provision_series": """
    IF TG_OP = 'INSERT'
    OR TG_OP = 'UPDATE' AND changed <@ ARRAY['last_on'] AND NEW.last_on >= OLD.last_on THEN
        RETURN NEW;
    END IF;""",
    "receipt": """
    IF TG_OP = 'INSERT' AND NEW.entered_by = desk_user()
    OR TG_OP = 'UPDATE' AND changed <@ ARRAY['case_id'] AND NEW.case_id IS NOT NULL THEN
        RETURN NEW;
    END IF;""",
    "told_abroad": """
    IF TG_OP = 'INSERT' AND NEW.told_by = desk_user() AND EXISTS (SELECT FROM consent c
        WHERE c.id = NEW.consent_id AND c.customer_id = NEW.customer_id) THEN
        RETURN NEW;
    END IF;""",
    "sealed_record": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.made_by = desk_user() THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP <> 'UPDATE' THEN
        NULL;
    ELSIF changed <@ ARRAY['case_id'] AND NEW.case_id IS NOT NULL
    OR changed <@ ARRAY['content', 'key_version'] AND desk_holds('supervisor', 'dpo') THEN
        RETURN NEW;
    END IF;""",
    "recipient": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.entered_by = desk_user() AND NEW.retired_at IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF changed = '{{}}' OR OLD.retired_at IS NULL AND NEW.retired_by = desk_user()
    AND changed <@ ARRAY['retired_at', 'retired_by'] THEN
        RETURN NEW;
    END IF;""",
    "group_listing": _PERIOD,
    "subcontract": _PERIOD,
    "equivalent_system": _PERIOD,
    "legal_hold": """
    IF TG_OP = 'DELETE' OR NOT desk_holds('dpo') THEN
        NULL;
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.placed_by = desk_user() AND NEW.released_at IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF OLD.released_at IS NULL THEN
        IF changed <@ ARRAY['released_at', 'released_by', 'release_reason']
        AND NEW.released_by = desk_user() THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['customer_id', 'case_id', 'contact_id', 'recording_id', 'reason',
        'release_reason'] THEN  -- what it was on is erased
        RETURN NEW;
    END IF;""",
    "hours_permit": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.permitted_by = desk_user() THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['used_at'] AND OLD.used_at IS NULL
    OR changed <@ ARRAY['ends_at'] AND NEW.ends_at < OLD.ends_at AND desk_holds('supervisor') THEN
        RETURN NEW;
    END IF;""",
    "help_call": """
    DECLARE
        supervises boolean := desk_holds('supervisor')
            AND desk_person(desk_user()) <> desk_person(NEW.called_by);
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.called_by = desk_user() AND desk_is_own_contact(NEW.contact_id)
            AND NEW.answered_by IS NULL AND NEW.handed_over_to IS NULL
            AND NEW.ended_at IS NULL AND NEW.followed_up_by IS NULL THEN
                RETURN NEW;
            END IF;
        ELSIF TG_OP = 'UPDATE' THEN
            IF changed <@ ARRAY['kind', 'ended_by', 'ended_at', 'ended_how', 'follow_up_due_at']
            AND OLD.ended_at IS NULL AND (NEW.ended_by = desk_user()
                OR NEW.ended_by IS NULL AND NEW.ended_at IS NULL)
            OR changed <@ ARRAY['kind']
            OR supervises AND changed <@ ARRAY[
                'answered_by', 'answered_at', 'handed_over_to', 'handed_over_at']
                AND (OLD.answered_by IS NULL OR NEW.answered_by = OLD.answered_by)
                AND NEW.answered_by = desk_user() AND OLD.handed_over_to IS NULL
                AND (NEW.handed_over_to IS NULL OR NEW.handed_over_to = desk_user())
            OR supervises AND changed <@ ARRAY['followed_up_by', 'followed_up_at', 'outcome']
                AND OLD.followed_up_by IS NULL AND NEW.followed_up_by = desk_user() THEN
                RETURN NEW;
            END IF;
        END IF;
    END;""",
    "help_listening": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.listener_id = desk_user() AND desk_may_listen_in() AND NEW.host IS NULL
        AND NEW.port IS NULL AND NEW.line_certificate IS NULL AND NEW.began_at IS NULL
        AND NEW.ended_at IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP <> 'UPDATE' THEN
        NULL;
    ELSIF changed <@ ARRAY['host', 'port', 'line_certificate'] THEN
        IF OLD.line_certificate IS NULL AND OLD.ended_at IS NULL
        AND desk_called_help(NEW.help_call_id) THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['began_at', 'ended_at', 'ended_how'] THEN
        IF OLD.ended_at IS NULL
        AND (NEW.listener_id = desk_user() OR desk_called_help(NEW.help_call_id)) THEN
            RETURN NEW;
        END IF;
    END IF;""",
    "recording_key": """
    IF desk_approved(ARRAY['rotate_recordings', 'rotate_recovery']) THEN
        IF TG_OP = 'INSERT' OR changed <@ ARRAY['retired_at'] AND OLD.retired_at IS NULL THEN
            RETURN NEW;
        END IF;
    END IF;""",
    "recording": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.uid ~ '^[0-9a-f]{{32}}$' AND NEW.state = 'recording' AND NEW.digest IS NULL
        AND desk_is_own_contact(NEW.contact_id) AND EXISTS (SELECT FROM recording_key
            WHERE id = NEW.key_version AND retired_at IS NULL) THEN
            RETURN NEW;
        END IF;
    ELSIF changed && ARRAY['id', 'uid', 'contact_id', 'part', 'started_at']
    OR 'digest' = ANY (changed) AND OLD.digest IS NOT NULL
    OR 'discarded_at' = ANY (changed) AND NEW.state <> 'discarded'
    OR OLD.state = 'discarded' AND NEW.state <> OLD.state
    OR NEW.surplus AND NOT OLD.surplus
    OR changed && ARRAY['key_version', 'rewrap_trouble'] AND NOT desk_is_steward(session_user) THEN
        NULL;
    ELSIF NEW.state = OLD.state OR NEW.state <> 'discarded' OR OLD.surplus
    OR desk_objected(OLD.contact_id) OR desk_erases('recordings', OLD.id) THEN
        RETURN NEW;
    END IF;""",
    "backup_destination": """
    IF changed <@ ARRAY['trouble', 'tombstones'] AND TG_OP = 'UPDATE'
    OR desk_is_steward(session_user) THEN
        IF NEW.kind IN ('folder', 's3') AND NOT 'id' = ANY (changed) AND NEW.tombstones BETWEEN 0
            AND (SELECT coalesce(max(id), 0) FROM erasure_tombstone) THEN
            RETURN NEW;
        END IF;
    END IF;""",
    "erasure": """
    IF TG_OP = 'DELETE' THEN
        NULL;
    ELSIF TG_OP = 'INSERT' THEN
        IF desk_holds('dpo') AND NEW.asked_by = desk_user() AND NEW.state = 'waiting'
        AND NEW.approved_at IS NULL AND NEW.approved_by IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF changed && ARRAY['id', 'origin', 'request_id', 'roots', 'asked_at', 'asked_by'] THEN
        NULL;
    ELSIF OLD.state = 'waiting' AND NEW.state = 'approved' THEN
        IF (NEW.approved_by = desk_user() AND desk_person(NEW.approved_by)
            <> desk_person(OLD.asked_by)) OR (desk_holds('dpo') AND NEW.approved_by IS NULL
            AND EXISTS (SELECT FROM privacy_request r WHERE r.id = NEW.request_id
                AND r.kind = 'deletion' AND r.state = 'approved'))
            OR (NEW.origin = 'retention' AND desk_holds('dpo')
            AND desk_person(NEW.approved_by) <> desk_person(OLD.asked_by)
            AND desk_runs(NEW.roots::jsonb, NEW.approved_by)) THEN
            RETURN NEW;
        END IF;
    ELSIF desk_holds('dpo') AND NOT changed && ARRAY['approved_at', 'approved_by'] THEN
        RETURN NEW;
    END IF;""",
    "retention_rule": """
    IF TG_OP = 'INSERT' THEN
        IF desk_holds('dpo') AND NEW.entered_by = desk_user() AND NEW.state = 'waiting'
        AND NEW.decided_at IS NULL AND NEW.decided_by IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND changed <@ ARRAY['state', 'decided_at', 'decided_by']
    AND OLD.state = 'waiting' AND NEW.decided_by = desk_user() THEN
        IF NEW.state = 'declined' OR NEW.state = 'approved'
        AND desk_person(NEW.decided_by) <> desk_person(OLD.entered_by) THEN
            RETURN NEW;
        END IF;
    END IF;""",
    "retention_run": """
    IF TG_OP = 'INSERT' THEN
        IF desk_holds('dpo') AND NEW.drawn_up_by = desk_user() AND NEW.state = 'drawn_up'
        AND NEW.approved_at IS NULL AND NEW.approved_by IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' OR changed && ARRAY['id', 'kinds', 'day', 'digest', 'drawn_up_at',
        'drawn_up_by'] THEN
        NULL;
    ELSIF OLD.state = 'drawn_up' AND NEW.state = 'approved' THEN
        IF NEW.approved_by = desk_user()
        AND desk_person(NEW.approved_by) <> desk_person(OLD.drawn_up_by) THEN
            RETURN NEW;
        END IF;
    ELSIF desk_holds('dpo') AND NOT changed && ARRAY['approved_at', 'approved_by'] THEN
        RETURN NEW;
    END IF;""",
    "retention_item": """
    IF TG_OP = 'INSERT' THEN
        IF desk_holds('dpo') AND NEW.state = 'waiting' AND EXISTS (SELECT FROM retention_run r
            WHERE r.id = NEW.run_id AND r.state = 'drawn_up' AND r.drawn_up_by = desk_user()) THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND changed <@ ARRAY['state', 'why'] AND desk_holds('dpo') THEN
        RETURN NEW;
    END IF;""",
    "erasure_tombstone": """
    BEGIN
        IF NEW.id = currval(pg_get_serial_sequence('erasure_tombstone', 'id')) THEN
            RETURN NEW;
        END IF;
    EXCEPTION WHEN object_not_in_prerequisite_state THEN
        NULL;  -- not the sequence, but whoever inserts has chosen the id
    END;""",
    "stored_copy": """
    IF TG_OP = 'INSERT' THEN
        IF desk_is_steward(session_user) AND NEW.kind = 'backup' AND NEW.removed_at IS NULL
        AND NEW.destination_id IS NOT NULL AND NEW.expires_at > NEW.made_at + interval '1 day'
        AND split_part(NEW.name, '-', 2)
            = to_char(NEW.made_at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"')
        AND NEW.name ~ ('^' || NEW.destination_id
            || '/backup-[0-9]{{8}}T[0-9]{{6}}Z-[0-9a-f]{{8}}-(0|[1-9][0-9]{{0,17}})[.]age$') THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['removed_at', 'trouble'] THEN
        -- what never arrived is given up by the clock of the desk that sent it
        IF NEW.removed_at IS NULL AND (OLD.removed_at IS NULL OR desk_is_steward(session_user))
        OR OLD.expires_at <= desk_now() + interval '10 minutes' OR OLD.arrived_at IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['arrived_at', 'expires_at', 'trouble', 'size_bytes']
    AND desk_is_steward(session_user) AND OLD.kind = 'backup' AND OLD.arrived_at IS NULL THEN
        RETURN NEW;
    END IF;""",
    "case_counter": """
    IF NEW.last > coalesce(OLD.last, 0) AND NOT 'period' = ANY (changed) THEN
        RETURN NEW;
    END IF;""",
    "contact_counter": """
    IF NEW.last > coalesce(OLD.last, 0) AND NOT 'period' = ANY (changed) THEN
        RETURN NEW;
    END IF;""",
}
"""What lets a row through, by table; whatever isn't let through is refused."""


_ROWS |= guards_of_answers.ROWS

_RECORDS = frozenset(
    {
        "consent",
        "opt_out",
        "provision",
        "provision_series",
        "receipt",
        "sealed_record",
        "told_abroad",
        "use_block",
    }
)
"""What customers agreed to, refused and had stopped, and what left the house: only ever added to,
but for what is said here, until the officer erases it."""

_ERASABLE = """    IF desk_forgets(TG_OP, changed, to_jsonb(NEW)) THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
"""

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

_MOST_AT_ONCE = 10_000
"""Numbers that one transaction may give out: checking them has to end."""


def _at_commit(name: str, body: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION {name} RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> current_user AND NOT ({body}) THEN
        RAISE insufficient_privilege USING MESSAGE = 'this is not so: ' || TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$
"""


def _numbered(counter: str, table: str, digits: int) -> str:
    """A counter's last number, and each since the one before, is a row's by the commit."""
    return _at_commit(
        f"desk_numbered_{counter}()",
        f"""NEW.last - coalesce(OLD.last, 0) <= {_MOST_AT_ONCE} AND NOT EXISTS (
        SELECT FROM generate_series(coalesce(OLD.last, 0) + 1, NEW.last) AS n
        WHERE NOT EXISTS (SELECT FROM {table} WHERE number = NEW.period || '-'
            || lpad(n::text, greatest({digits}, length(n::text)), '0')))""",  # noqa: S608 -- constants
    )


_ERASED = _at_commit(
    "desk_erased()",
    """CASE NEW.kind
        WHEN 'customer' THEN NEW.subject_id <= desk_last_id('customer')
            AND NOT EXISTS (SELECT FROM customer WHERE id = NEW.subject_id AND name <> '')
        WHEN 'contact' THEN NEW.subject_id <= desk_last_id('contact')
            AND NOT EXISTS (SELECT FROM contact WHERE id = NEW.subject_id
                AND (customer_id IS NOT NULL OR caller_name <> '' OR callback_number <> ''))
        WHEN 'case' THEN NEW.subject_id <= desk_last_id('desk_case')
            AND NOT EXISTS (SELECT FROM desk_case WHERE id = NEW.subject_id
                AND (customer_id IS NOT NULL OR subject <> '' OR resolution_text <> ''))
        WHEN 'recording' THEN NEW.subject_id <= desk_last_id('recording')
            AND NOT EXISTS (SELECT FROM recording
                WHERE id = NEW.subject_id AND state <> 'discarded')
        WHEN 'consent' THEN NEW.subject_id <= desk_last_id('consent')
            AND NOT EXISTS (SELECT FROM consent WHERE id = NEW.subject_id)
        WHEN 'provision' THEN NEW.subject_id <= desk_last_id('provision')
            AND NOT EXISTS (SELECT FROM provision WHERE id = NEW.subject_id)
        WHEN 'receipt' THEN NEW.subject_id <= desk_last_id('receipt')
            AND NOT EXISTS (SELECT FROM receipt WHERE id = NEW.subject_id)
        ELSE false END""",
)
"""A tombstone speaks of what is gone or empty by the commit, not of what lives or will live."""

_LAST_ID = definer(
    "desk_last_id(of_table text)",
    "bigint",
    "BEGIN RETURN coalesce(pg_sequence_last_value(pg_get_serial_sequence(of_table, 'id')), 0); END",
)

_COUNTERS = (("case_counter", "desk_case", 6), ("contact_counter", "contact", 4))

FUNCTIONS = (
    "DROP FUNCTION IF EXISTS desk_people() CASCADE",  # of revision 0003, before each had its own
    _OWNS,
    _PERSON,
    _IS_REMOVING,
    _FORGETS,
    _APPROVED,
    _ROLE_APPROVED,
    _ERASES,
    _RUNS,
    _TOOK_PART,
    _ACCOUNT_OF,
    _OBJECTED,
    _MAY_LISTEN_IN,
    _CALLED_HELP,
    _HELP_WAITS,
    *(
        _HEAD.format(table=table, body=body.format(), before=_ERASABLE if table in _RECORDS else "")
        for table, body in _ROWS.items()
    ),
    *(_numbered(*counter) for counter in _COUNTERS),
    _LAST_ID,
    _ERASED,
)

TRIGGERS = (
    *(
        f"CREATE OR REPLACE TRIGGER {table}_guard BEFORE INSERT OR UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION desk_guard_{table}()"
        for table in _ROWS
    ),
    *(
        statement
        for name, function, events in (
            *((f"{c}_numbered", f"desk_numbered_{c}", "INSERT OR UPDATE") for c, _, _ in _COUNTERS),
            ("erasure_tombstone_erased", "desk_erased", "INSERT"),
        )
        for statement in (
            f"DROP TRIGGER IF EXISTS {name} ON {name.rpartition('_')[0]}",
            f"CREATE CONSTRAINT TRIGGER {name} AFTER {events} ON {name.rpartition('_')[0]}"
            f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {function}()",
        )
    ),
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
)
"""What guards call as whoever asks."""

ASKED_BY_DESKS = ("desk_help_waits()",)
"""What a desk may ask before anybody has signed in, and while it is locked."""

KEPT_BY_OWNER = (
    "desk_account_of(text)",
    "desk_last_id(text)",
    "desk_erased()",
    *(f"desk_numbered_{counter}()" for counter, _, _ in _COUNTERS),
)
