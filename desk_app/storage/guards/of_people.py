"""What rows of people, permissions and settings may be changed to on a server.

Bodies for `whole`, by table.
"""

ROWS: dict[str, str] = {
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
        AND desk_person(NEW.id) <> desk_person(desk_user())
        AND NOT desk_is_last(NEW.id, 'dpo', false) AND NOT desk_is_last(NEW.id, 'dpo', true)
        AND NOT desk_is_last(NEW.id, 'administrator', false) THEN
            RETURN NEW;
        END IF;
    END IF;""",
    "user_role": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.ended_at IS NULL AND NEW.granted_by = desk_user()
        AND desk_role_approved(NEW.user_id, NEW.role) THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['ended_at'] AND OLD.ended_at IS NULL AND desk_holds('administrator')
    AND NOT (OLD.role IN ('dpo', 'administrator') AND desk_is_last(OLD.user_id, OLD.role, false))
    AND NOT (OLD.role = 'dpo' AND desk_is_last(OLD.user_id, 'dpo', true)) THEN
        RETURN NEW;
    END IF;""",
    "appointment": """
    IF TG_OP = 'INSERT' THEN
        IF desk_holds('dpo') AND NEW.appointed_by = desk_user()
        AND desk_person(NEW.user_id) <> desk_person(desk_user()) THEN
            RETURN NEW;
        END IF;
    ELSIF changed <@ ARRAY['ends_at'] AND desk_holds('dpo', 'administrator')
    AND NEW.ends_at <= coalesce(OLD.ends_at, 'infinity')
    AND (OLD.starts_at > desk_now() OR NOT desk_is_last(OLD.user_id, 'dpo', true)
        OR EXISTS (SELECT FROM appointment a WHERE a.user_id = OLD.user_id AND a.id <> OLD.id
            AND a.starts_at <= NEW.ends_at AND (a.ends_at IS NULL OR a.ends_at > NEW.ends_at)))
    THEN
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
}
