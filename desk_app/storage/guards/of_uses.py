"""What rows of consents, provisions and registers may be changed to on a server.

Bodies for `whole`, by table.
"""

_PERIOD = """
    IF TG_OP = 'INSERT' OR changed = '{{}}' OR changed <@ ARRAY['last_on', 'ended_by']
    AND NEW.ended_by = desk_user() AND NEW.last_on <= coalesce(OLD.last_on, 'infinity') THEN
        RETURN NEW;
    END IF;"""
"""A period of a register is ended and never begun earlier: what was handed over rests on it."""

ROWS: dict[str, str] = {
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
}
