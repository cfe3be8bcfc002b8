"""What rows of privacy requests, disclosures, disposals and leaks may be changed to on a server.

Bodies for `whole`: who decides, approves, witnesses or reports does so in their own name, another
person than the one before, and a state is only left for one that follows. What personal columns
hold is left alone here, as erasure empties them; so are the steps' own ``version``.
"""

_OWN_NAME = "NEW.{column} IS NOT DISTINCT FROM desk_user()"


def _added(column: str, may_change: str, *, who: str = "TRUE") -> str:
    """Rows that are added in one's own name, and never changed but for what erasure empties."""
    return f"""
    IF TG_OP = 'INSERT' THEN
        IF {who} AND {_OWN_NAME.format(column=column)} THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND changed <@ ARRAY[{may_change}]::text[] THEN
        RETURN NEW;
    END IF;"""


_OFFICER = "desk_holds('dpo')"
_LEADERS = "desk_holds('dpo', 'supervisor')"

ROWS: dict[str, str] = {
    "privacy_request": """
    DECLARE
        decision text[] := ARRAY['outcome', 'grounds', 'scope', 'decided_by', 'decided_at'];
        agreement text[] := ARRAY['approved_by', 'approved_at'];
        way text := OLD.state || '>' || NEW.state;
        signs boolean := way IN ('decided>approved', 'decided>signed', 'turned_away>signed');
        decides boolean := way IN ('verified>decided', 'received>turned_away');
        back boolean := way IN ('decided>verified', 'approved>verified', 'turned_away>received');
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.received_by = desk_user() AND NEW.state = 'received' AND NEW.outcome IS NULL
            AND NEW.decided_by IS NULL AND NEW.approved_by IS NULL AND NEW.executed_by IS NULL
            AND NEW.told_by IS NULL THEN
                RETURN NEW;
            END IF;
        ELSIF TG_OP = 'DELETE'
        OR changed && ARRAY['id', 'case_id', 'kind', 'agency', 'received_at', 'received_by']
        OR 'customer_id' = ANY (changed) AND NEW.customer_id IS NOT NULL
            AND (OLD.state <> 'received' OR NEW.state <> 'received')
        OR changed && decision AND NOT decides AND NOT back
        OR changed && agreement AND NOT signs AND NOT back
        OR 'executed_by' = ANY (changed) AND way <> 'approved>executed'
        OR 'told_by' = ANY (changed)
            AND way NOT IN ('signed>notified', 'executed>notified') THEN
            NULL;
        ELSIF decides THEN
            IF desk_holds('dpo') AND NEW.decided_by = desk_user() THEN
                RETURN NEW;
            END IF;
        ELSIF signs THEN
            IF desk_holds('dpo', 'supervisor') AND NEW.approved_by = desk_user()
            AND (way = 'decided>approved') = (OLD.outcome IN ('granted', 'partly'))
            AND desk_person(desk_user()) NOT IN (desk_person(OLD.received_by),
                desk_person(OLD.decided_by)) THEN
                RETURN NEW;
            END IF;
        ELSIF back THEN
            IF desk_holds('dpo', 'supervisor') AND NEW.decided_by IS NULL
            AND NEW.approved_by IS NULL AND NEW.outcome IS NULL THEN
                RETURN NEW;
            END IF;
        ELSIF way = 'approved>executed' THEN
            IF NEW.executed_by = desk_user() THEN
                RETURN NEW;
            END IF;
        ELSIF way IN ('signed>notified', 'executed>notified') THEN
            IF NEW.told_by = desk_user() THEN
                RETURN NEW;
            END IF;
        ELSIF way = 'received>verified' THEN
            IF EXISTS (SELECT FROM privacy_identity_check c WHERE c.request_id = OLD.id
                AND c.party = 'customer' AND c.proven)
            AND (OLD.agency = 'self' OR EXISTS (SELECT FROM privacy_identity_check c
                WHERE c.request_id = OLD.id AND c.party = 'agent' AND c.proven)) THEN
                RETURN NEW;
            END IF;
        ELSIF OLD.state = NEW.state OR way IN ('received>withdrawn', 'turned_away>withdrawn',
            'verified>withdrawn', 'decided>withdrawn', 'approved>withdrawn', 'notified>closed',
            'withdrawn>closed') THEN
            RETURN NEW;
        END IF;
    END;""",
    "privacy_request_step": _added("user_id", "'text'"),
    "privacy_identity_check": _added("checked_by", "'note'"),
    "disclosure": """
    IF NOT desk_holds('dpo') OR TG_OP = 'DELETE' THEN
        NULL;
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.begun_by = desk_user() AND NEW.state = 'reviewing' AND NEW.reviewed_by IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF changed && ARRAY['id', 'request_id', 'begun_at', 'begun_by']
    OR OLD.state = 'delivered' AND NEW.state <> 'delivered'
    OR 'customer_id' = ANY (changed) AND NEW.customer_id IS NOT NULL
    OR (changed && ARRAY['reviewed_by', 'reviewed_at', 'marks']
            OR OLD.state = 'reviewing' AND NEW.state = 'reviewed')
        AND (NEW.state <> 'reviewed' OR NEW.reviewed_by IS DISTINCT FROM desk_user()) THEN
        NULL;
    ELSE
        RETURN NEW;
    END IF;""",
    "disclosure_choice": _added("chosen_by", "", who=_OFFICER),
    "disclosure_pack": _added("made_by", "", who=_OFFICER),
    "disclosure_delivery": _added("entered_by", "'to_whom'", who=_OFFICER),
    "disposal_batch": """
    DECLARE
        way text := OLD.state || '>' || NEW.state;
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.drawn_up_by = desk_user() AND NEW.state = 'drawn_up' AND NEW.approved_by IS NULL
            AND NEW.carried_out_by IS NULL AND NEW.witnessed_by IS NULL
            AND NEW.digest IS NULL THEN
                RETURN NEW;
            END IF;
        ELSIF TG_OP = 'DELETE' THEN
            NULL;
        ELSIF way = 'drawn_up>approved' THEN
            IF changed <@ ARRAY['state', 'version', 'approved_at', 'approved_by']
            AND desk_holds('dpo') AND NEW.approved_by = desk_user()
            AND desk_person(desk_user()) <> desk_person(OLD.drawn_up_by) THEN
                RETURN NEW;
            END IF;
        ELSIF way = 'approved>carried_out' THEN
            IF changed <@ ARRAY['state', 'version', 'method', 'company', 'disposed_on',
                'carried_out_by'] AND NEW.carried_out_by = desk_user() THEN
                RETURN NEW;
            END IF;
        ELSIF way = 'carried_out>witnessed' THEN
            IF changed <@ ARRAY['state', 'version', 'witnessed_at', 'witnessed_by', 'count',
                'digest'] AND NEW.witnessed_by = desk_user()
            AND desk_person(desk_user()) <> desk_person(OLD.carried_out_by) THEN
                RETURN NEW;
            END IF;
        ELSIF way IN ('drawn_up>withdrawn', 'approved>withdrawn', 'drawn_up>drawn_up',
            'approved>approved') AND changed <@ ARRAY['state', 'version'] THEN
            RETURN NEW;
        END IF;
    END;""",
    "paper_original": """
    IF TG_OP = 'INSERT' THEN
        IF NEW.entered_by = desk_user() AND NEW.disposed_on IS NULL AND NEW.batch_id IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' OR OLD.disposed_on IS NOT NULL
        AND NOT changed <@ ARRAY['version', 'description', 'customer_id', 'case_id', 'scan_id']
    OR changed && ARRAY['id', 'kind', 'received_on', 'due_on', 'rule_from', 'has_scan',
        'entered_at', 'entered_by']
    OR 'batch_id' = ANY (changed) AND NEW.batch_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM disposal_batch b WHERE b.id = NEW.batch_id AND b.state = 'drawn_up') THEN
        NULL;
    ELSIF 'disposed_on' = ANY (changed) THEN
        IF EXISTS (SELECT FROM disposal_batch b WHERE b.id = OLD.batch_id
            AND b.state = 'witnessed' AND b.witnessed_by = desk_user()
            AND b.disposed_on = NEW.disposed_on) THEN
            RETURN NEW;
        END IF;
    ELSE
        RETURN NEW;
    END IF;""",
    "leak": """
    DECLARE
        way text := OLD.state || '>' || NEW.state;
        decides boolean := way IN ('open>reportable', 'open>not_reportable',
            'not_reportable>reportable');
    BEGIN
        IF NOT desk_holds('dpo', 'supervisor') OR TG_OP = 'DELETE' THEN
            NULL;
        ELSIF TG_OP = 'INSERT' THEN
            IF NEW.entered_by = desk_user() AND NEW.state = 'open' AND NEW.decided_by IS NULL
            AND NEW.prompt_at IS NULL AND NEW.final_at IS NULL AND NEW.closed_at IS NULL THEN
                RETURN NEW;
            END IF;
        ELSIF changed && ARRAY['id', 'known_at', 'known_on', 'entered_at', 'entered_by']
        OR OLD.state = 'closed'
        OR changed && ARRAY['decided_at', 'decided_by', 'decision_reason'] AND NOT decides
        OR 'prompt_at' = ANY (changed) AND way <> 'reportable>prompt_sent'
        OR 'final_at' = ANY (changed) AND way <> 'prompt_sent>final_sent' THEN
            NULL;
        ELSIF decides THEN
            IF desk_holds('dpo') AND NEW.decided_by = desk_user() THEN
                RETURN NEW;
            END IF;
        ELSIF way IN ('final_sent>closed', 'not_reportable>closed') THEN
            IF desk_holds('dpo') THEN
                RETURN NEW;
            END IF;
        ELSIF OLD.state = NEW.state
        OR way IN ('reportable>prompt_sent', 'prompt_sent>final_sent') THEN
            RETURN NEW;
        END IF;
    END;""",
    "leak_entry": _added("user_id", "", who=_LEADERS),
    "leak_person": """
    IF TG_OP = 'INSERT' THEN
        IF desk_holds('dpo', 'supervisor') AND NEW.told_at IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF changed <@ ARRAY['customer_id'] AND NEW.customer_id IS NULL
        OR changed <@ ARRAY['told_at', 'told_by', 'told_how'] AND OLD.told_at IS NULL
            AND NEW.told_by = desk_user() AND desk_holds('dpo', 'supervisor') THEN
            RETURN NEW;
        END IF;
    END IF;""",
}
"""What lets a row through, by table; whatever isn't let through is refused."""
