"""Who asks on a server, and who handles customers' rows now: what the policies of `rights` call.

The handlers are a group whose members follow the appointments: triggers on what makes a handler
keep it. The time of the next lapse stands beside it, so that the first entry in the log after that
time, at whichever desk, takes the rights back; comparing two times is all that it costs otherwise.
"""

GRACE = "12 hours"
"""How long after an appointment has ended its holder may finish a call that was running."""


def definer(signature: str, returns: str, body: str, *, changes: bool = False) -> str:
    """A function that runs as the owner, for whoever asks; ``changes``: it also writes."""
    stable = "" if changes else "STABLE "
    return (
        f"CREATE OR REPLACE FUNCTION {signature} RETURNS {returns} LANGUAGE plpgsql {stable}"
        f"SECURITY DEFINER SET search_path = public, pg_temp AS $$\n{body}\n$$"
    )


_NOW = """
CREATE OR REPLACE FUNCTION desk_now() RETURNS timestamptz LANGUAGE sql STABLE
AS 'SELECT statement_timestamp()'
"""
"""The server's clock says which appointments are current: nobody sets it at a desk."""

_USER = definer(
    "desk_user()",
    "bigint",
    """
BEGIN
    RETURN (SELECT id FROM user_account WHERE server_role = session_user AND removed_at IS NULL);
END""",
)

_HOLDS = definer(
    "desk_holds(VARIADIC wanted text[])",
    "boolean",
    """
BEGIN
    RETURN EXISTS (
        SELECT FROM user_account u JOIN user_role r ON r.user_id = u.id
        WHERE u.server_role = session_user AND u.removed_at IS NULL
          AND r.ended_at IS NULL AND r.role = ANY (wanted));
END""",
)

_MAY_HANDLE = definer(
    "desk_may_handle(member name)",
    "boolean",
    f"""
DECLARE
    account bigint := (SELECT u.id FROM user_account u WHERE u.server_role = member
        AND u.removed_at IS NULL AND EXISTS (SELECT FROM user_role r WHERE r.user_id = u.id
            AND r.ended_at IS NULL AND r.role IN ('operator', 'supervisor', 'dpo')));
BEGIN
    IF account IS NULL THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM appointment WHERE user_id = account AND starts_at <= desk_now()
        AND (ends_at IS NULL OR ends_at > desk_now())) THEN
        RETURN true;
    END IF;
    RETURN EXISTS (SELECT FROM appointment a JOIN contact c ON c.operator_id = account
        WHERE a.user_id = account AND a.ends_at > desk_now() - interval '{GRACE}'
        AND c.state <> 'saved' AND c.received_at >= a.starts_at AND c.received_at < a.ends_at);
END""",  # noqa: S608 -- a constant
)
"""Whether a role is an appointed handler's, or may still finish a call that it took as one."""

_HANDLES_FUNCTION = definer(
    "desk_handles()", "boolean", "BEGIN RETURN desk_may_handle(session_user); END"
)

_IS_OWN_CONTACT = definer(
    "desk_is_own_contact(contact_id bigint)",
    "boolean",
    """
BEGIN
    RETURN EXISTS (SELECT FROM contact c JOIN user_account u ON u.id = c.operator_id
        WHERE c.id = contact_id AND u.server_role = session_user AND u.removed_at IS NULL);
END""",
)

_TIMES = """
CREATE OR REPLACE FUNCTION desk_times() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    moved text[] := ARRAY['due_at', 'warn_at', 'calendars'];
BEGIN
    IF to_jsonb(NEW) - moved = to_jsonb(OLD) - moved OR desk_handles()
    OR NOT row_security_active('case_deadline') THEN
        RETURN NEW;
    END IF;
    RAISE insufficient_privilege USING MESSAGE = 'only when it is due may be changed';
END $$
"""

LAPSE = "handlers_lapse_at"
"""The setting that says when the group of the handlers has to be looked at next."""

_KEEP_HANDLERS = definer(
    "desk_keep_handlers()",
    "void",
    f"""
DECLARE
    one record;
    next_at timestamptz;
    handlers name := current_database() || '_handlers';
BEGIN
    LOCK TABLE alembic_version IN SHARE UPDATE EXCLUSIVE MODE;  -- nobody else may hold it
    FOR one IN
        SELECT m.member, m.may, m.is FROM (
            SELECT r.rolname AS member, desk_may_handle(r.rolname) AS may,
                EXISTS (SELECT FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid
                    WHERE a.member = r.oid AND g.rolname = handlers) AS is
            FROM pg_roles r
            WHERE starts_with(r.rolname, current_database() || '_p_')
        ) AS m WHERE m.may <> m.is
    LOOP
        IF one.may THEN
            EXECUTE format('GRANT %I TO %I', handlers, one.member);
        ELSE
            EXECUTE format('REVOKE %I FROM %I', handlers, one.member);
        END IF;
    END LOOP;
    SELECT min(at) INTO next_at FROM (
        SELECT starts_at FROM appointment UNION ALL SELECT ends_at FROM appointment
        UNION ALL SELECT ends_at + interval '{GRACE}' FROM appointment
    ) AS change(at) WHERE at > desk_now();
    IF EXISTS (SELECT FROM appointment
        WHERE ends_at <= desk_now() AND ends_at > desk_now() - interval '{GRACE}') THEN
        next_at := least(next_at, desk_now() + interval '1 minute');
    END IF;
    INSERT INTO office_setting (name, value)
    VALUES ('{LAPSE}', coalesce(next_at, 'infinity'::timestamptz)::text)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
END""",  # noqa: S608 -- two constants
    changes=True,
)
"""Lets the handlers be those who may handle now; while a call may be running after the end of an
appointment, every minute anew."""

_HANDLERS_CHANGED = definer(
    "desk_handlers_changed()",
    "trigger",
    "BEGIN PERFORM desk_keep_handlers(); RETURN NULL; END",
    changes=True,
)

_LAPSED = definer(
    "desk_lapsed()",
    "trigger",
    f"""
BEGIN
    IF (SELECT value::timestamptz FROM office_setting WHERE name = '{LAPSE}') <= desk_now() THEN
        PERFORM desk_keep_handlers();
    END IF;
    RETURN NULL;
END""",  # noqa: S608 -- a constant
    changes=True,
)

FUNCTIONS = (
    _NOW,
    _USER,
    _HOLDS,
    _MAY_HANDLE,
    _HANDLES_FUNCTION,
    _IS_OWN_CONTACT,
    _TIMES,
    _KEEP_HANDLERS,
    _HANDLERS_CHANGED,
    _LAPSED,
)

TRIGGERS = (
    *(
        f"CREATE OR REPLACE TRIGGER {table}_handlers AFTER INSERT OR UPDATE OR DELETE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION desk_handlers_changed()"
        for table in ("appointment", "user_role")
    ),
    "CREATE OR REPLACE TRIGGER user_account_handlers AFTER INSERT OR DELETE"
    " OR UPDATE OF server_role, removed_at ON user_account"
    " FOR EACH STATEMENT EXECUTE FUNCTION desk_handlers_changed()",
    "CREATE OR REPLACE TRIGGER case_deadline_times BEFORE UPDATE ON case_deadline"
    " FOR EACH ROW EXECUTE FUNCTION desk_times()",
    "CREATE OR REPLACE TRIGGER audit_entry_lapsed AFTER INSERT ON audit_entry"
    " FOR EACH STATEMENT EXECUTE FUNCTION desk_lapsed()",
)

ASKED_BY_STAFF = (
    "desk_user()",
    "desk_holds(text[])",
    "desk_handles()",
    "desk_is_own_contact(bigint)",
    "desk_case_numbers(bigint[])",
    "desk_hold_cases()",
    "desk_refresh_due(bigint[])",
    "desk_promises(timestamptz)",
    "desk_remind(bigint[], timestamptz[])",
)
"""What policies call as whoever asks."""

KEPT_BY_OWNER = (
    "desk_may_handle(name)",
    "desk_keep_handlers()",
    "desk_handlers_changed()",
    "desk_lapsed()",
)
