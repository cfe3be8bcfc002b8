"""What rows of holds, erasures, retention and copies may be changed to on a server.

Bodies for `whole`, by table.
"""

ROWS: dict[str, str] = {
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
}
