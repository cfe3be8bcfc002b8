"""What rows of calls, their recordings and their numbers may be changed to on a server.

Bodies for `whole`, by table.
"""

ROWS: dict[str, str] = {
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
    "case_counter": """
    IF NEW.last > coalesce(OLD.last, 0) AND NOT 'period' = ANY (changed) THEN
        RETURN NEW;
    END IF;""",
    "contact_counter": """
    IF NEW.last > coalesce(OLD.last, 0) AND NOT 'period' = ANY (changed) THEN
        RETURN NEW;
    END IF;""",
}
