"""Alembic runs this for every command; the connection, in a transaction, is handed in."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,  # SQLite's too: the engine begins each transaction itself
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
