"""The types of cases: data in ``resources/case_types.json``, and what the office made of it.

Fields, stages and the closing level of a case are those that its type has now; its targets are
those of when it was opened. A type with a ``workflow`` of its own is the door for the room that
will carry it: today ``privacy``, worked like any other case.
"""

from desk_app.cases.types.catalogue import case_type, gravest, in_force

__all__ = ["case_type", "gravest", "in_force"]
