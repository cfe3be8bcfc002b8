"""Acts that are carried out once, however often they are sent.

Who sends an act and doesn't hear that it was committed can't know whether it was. Sent again
under the same token it is carried out if it was not, and answered as the first time if it was.
"""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from desk_app.storage.model import DoneAct
from desk_app.storage.unit_of_work import UnitOfWork

A = TypeVar("A")
P = ParamSpec("P")
R = TypeVar("R", bound="int | None")

KEPT = timedelta(days=35)
"""How long a repeated act is recognised; also `announcing.ACTS_KEPT`."""


def once(
    token: str, use_case: Callable[Concatenate[A, UnitOfWork, P], R]
) -> Callable[Concatenate[A, UnitOfWork, P], R]:
    """The use case, carried out once under this token, which is 128 random bits in hexadecimal.
    Its answer is a number or nothing.

    The token is entered first: who sends the same act at the same time waits for the outcome.
    """

    @functools.wraps(use_case)
    def carried_out(actor: A, work: UnitOfWork, /, *args: P.args, **kwargs: P.kwargs) -> R:
        on_server = work.session.get_bind().dialect.name == "postgresql"
        if not on_server:  # on a server those who listen look after it
            work.session.execute(delete(DoneAct).where(DoneAct.at < work.now - KEPT))
        insert = postgresql.insert if on_server else sqlite.insert
        entered = work.session.execute(
            insert(DoneAct)
            .values(token=token, result=None, at=work.now)
            .on_conflict_do_nothing()
            .returning(DoneAct.token)
        ).first()
        if entered is None:
            answered: R = work.session.scalar(select(DoneAct.result).where(DoneAct.token == token))
            return answered
        result = use_case(actor, work, *args, **kwargs)
        if result is not None:
            work.session.execute(
                update(DoneAct).where(DoneAct.token == token).values(result=result)
            )
        return result

    return carried_out
