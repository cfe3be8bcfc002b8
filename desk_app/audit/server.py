"""The log on a server: written by functions that run as the schema's owner, and by nothing else.

No role of the staff may insert into the log's tables. `record` and `sign_head` call these
functions, which take the name from the session, refuse whatever has not the shape of an entry,
and hash what they store themselves: an entry in another's name, one with words in it, or one that
would look like damage later can't be written, whatever client is used. Only the owner, who makes
the office and recovers it, names another person.
"""

from sqlalchemy import DDL, event

from desk_app.audit.model import AuditHead

RECORD = """
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
"""

SIGN = """
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
"""

ENTERED_AT = """
CREATE FUNCTION desk_entered_at(said timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN session_user = current_user
    OR said BETWEEN statement_timestamp() - interval '10 minutes'
        AND statement_timestamp() + interval '10 minutes' THEN said
    ELSE statement_timestamp() END
$$
"""
"""When an entry was made: by the desk's clock, or by the server's where the two don't agree. Nobody
dates an entry back; whoever restores or moves the office, its owner, keeps the times."""

CHECK_NAME = """
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
"""

LATEST = """
CREATE FUNCTION desk_latest_entry_at() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT at FROM audit_entry ORDER BY id DESC LIMIT 1
$$
"""

_TO_NOBODY = """
REVOKE ALL ON FUNCTION desk_check_name, desk_entered_at, desk_record, desk_sign,
    desk_latest_entry_at FROM PUBLIC
"""

for _statement in (CHECK_NAME, ENTERED_AT, RECORD, SIGN, LATEST, _TO_NOBODY):
    event.listen(
        AuditHead.__table__,
        "after_create",
        DDL(_statement.strip().replace("%", "%%")).execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
    )
