"""The deadlines of a case: service targets in business time, statutory clocks in calendar days.

Each is a row of its own, and none touches another. What ends or restarts which stands in `rules`.
"""

from desk_app.cases.deadlines.callbacks import check_callback

__all__ = ["check_callback"]
