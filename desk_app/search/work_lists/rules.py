"""The lists that the office works through."""

from enum import StrEnum


class WorkList(StrEnum):
    """Which cases a person, or the office, has to look at next. The order is that on screen."""

    MINE = "mine"  # not finished, assigned to who asks: open, or resolved and yet to be closed
    UNASSIGNED = "unassigned"  # not finished, assigned to nobody
    DUE_TODAY = "due_today"  # open, due from now to the end of the office's day
    OVERDUE = "overdue"  # open, the time is past
    WAITING = "waiting"  # for the customer
    TO_APPROVE = "to_approve"  # resolved, closing was asked for
    CALLBACKS = "callbacks"  # a promise to call back that is neither kept nor withdrawn
