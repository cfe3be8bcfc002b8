"""An office on a server that stands still while it moves, also for desks that are signed in.

A trigger on each table refuses every change but the owner's, who copies. It stays when the office
has left, so that no desk goes on in a database that nobody looks at any more.
"""

from sqlalchemy import Connection, inspect

from desk_app.storage.faults import MOVING_STATE

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION desk_moving() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> TG_ARGV[0] THEN
        RAISE EXCEPTION 'the office is being moved' USING ERRCODE = '{MOVING_STATE}';
    END IF;
    RETURN NULL;
END $$
"""


def stand_still(connection: Connection) -> None:
    """As the owner: from the commit on only the owner changes anything."""
    quote = connection.dialect.identifier_preparer.quote
    owner = str(connection.exec_driver_sql("SELECT session_user").scalar_one())
    literal = owner.replace("'", "''")
    connection.exec_driver_sql(_FUNCTION)
    for table in inspect(connection).get_table_names():
        statement = (
            f"CREATE OR REPLACE TRIGGER desk_moving BEFORE INSERT OR UPDATE OR DELETE"
            f" ON {quote(table)} EXECUTE FUNCTION desk_moving('{literal}')"
        )
        connection.exec_driver_sql(statement.replace("%", "%%"))


def go_on(connection: Connection) -> None:
    """As the owner: everybody may work again."""
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS desk_moving() CASCADE")
