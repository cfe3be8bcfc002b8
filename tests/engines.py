"""Which database engines tests run on, where it isn't both.

One is enough for what the engine makes no difference to. What might differ (locks, counters, row
policies, searched texts, times, whole journeys) is tried on a server as well.
"""

import pytest

FILE = ("file",)
"""``ENGINES = FILE`` in a module holds for all its tests; see `tests.conftest`."""

on_file = pytest.mark.parametrize("office_db", FILE, indirect=True)
"""For one test."""
