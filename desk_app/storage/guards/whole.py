"""What a row may be changed to on a server, where who may write the table at all isn't enough.

The services decide with the same rules; these hold for whoever brings a client of their own. Each
guarded table has a trigger, ``desk_guard_<table>``, that lets the owner and the owner's functions
through and judges everybody else's rows as the person whose session it is. Where the product asks
for four eyes, a row is let in only in the transaction that approves a step for it; the guard of the
steps takes none in another's name, and no approval by who asked or whom it is about.
"""

from desk_app.storage.guards import of_answers, of_calls, of_keeping, of_people, of_uses, questions
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

_ROWS = of_people.ROWS | of_uses.ROWS | of_calls.ROWS | of_keeping.ROWS | of_answers.ROWS
"""What lets a row through, by table; whatever isn't let through is refused."""

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
    *questions.QUESTIONS,
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

KEPT_BY_OWNER = (
    "desk_account_of(text)",
    "desk_last_id(text)",
    "desk_erased()",
    *(f"desk_numbered_{counter}()" for counter, _, _ in _COUNTERS),
)
