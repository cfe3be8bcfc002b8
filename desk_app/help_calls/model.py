"""Calls for help, where they rang, who listened in, and what was written down afterwards."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import PERSONAL, Base

_RUNS = text("ended_at IS NULL")


class HelpCall(Base):
    """The operator of a call wants somebody beside them. ``uid`` comes from the desk: the same
    call for help, sent again, finds its row."""

    __tablename__ = "help_call"
    __table_args__ = (
        Index(
            "uq_help_call_runs",
            "contact_id",
            unique=True,
            sqlite_where=_RUNS,
            postgresql_where=_RUNS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    kind: Mapped[str]  # see rules.HelpKind
    called_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    called_at: Mapped[datetime] = mapped_column(index=True)
    desk_id: Mapped[str]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None]
    handed_over_to: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    handed_over_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str | None]  # see rules.HelpEnd
    follow_up_due_at: Mapped[datetime | None]  # for a supervisor, once it has ended
    followed_up_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    followed_up_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # see rules.Outcome


class HelpRing(Base):
    """A desk at which a call for help has rung: the operator sees that somebody is told."""

    __tablename__ = "help_ring"

    help_call_id: Mapped[int] = mapped_column(ForeignKey("help_call.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    desk_id: Mapped[str] = mapped_column(primary_key=True)
    rang_at: Mapped[datetime]


class HelpListening(Base):
    """Somebody listens in on the call: the two ends, what each is known by, and how long."""

    __tablename__ = "help_listening"

    id: Mapped[int] = mapped_column(primary_key=True)
    help_call_id: Mapped[int] = mapped_column(ForeignKey("help_call.id"), index=True)
    listener_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    desk_id: Mapped[str]  # of the listener
    listener_certificate: Mapped[str]
    wanted_at: Mapped[datetime]
    host: Mapped[str | None]  # where the operator's desk waits
    port: Mapped[int | None]
    line_certificate: Mapped[str | None]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str | None]  # see rules.ListeningEnd


class HelpRecord(Base):
    """What happened, as it was written down after the call."""

    __tablename__ = "help_record"

    help_call_id: Mapped[int] = mapped_column(ForeignKey("help_call.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    version: Mapped[int] = mapped_column()
    what_happened: Mapped[str] = mapped_column(default="", info=PERSONAL)
    words_used: Mapped[str] = mapped_column(default="", info=PERSONAL)
    measures: Mapped[str] = mapped_column(default="", info=PERSONAL)
    written_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    written_at: Mapped[datetime]
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it as it is
