"""The window: PySide6 widgets and what brings them together with the use cases.

How a page is made:

- ``ui/<room>/page.py``: a `Panel` (ui/panel.py) built of ui/controls.py. Signals out, one
  ``present(view)`` in, ``enter()`` sets the focus. Words by ``bind``/``label``/``labelled`` from
  ``resources/words/ui_<page>.json``; stored data only in a `DataLabel` or a model.
- ``ui/<room>/conductor.py``: a `QObject`, child of its page, that connects the page's signals to
  use cases with ``session.read(self, views.x, …, done=self._on_x)`` and ``session.change(…)``,
  ``session.create(…)`` for what makes something new, and reads again when ``session.changed``
  names its kind of row. Errors need no code: they reach the notices.
- one entry in ui/pages.py, its word ``ui_main.page_<key>``;
- ``tests/ui/scenes/<page>.py``: the page in the states that matter. All checks of
  tests/ui/test_every_page.py and the pictures of ``python -m tests.screenshots`` follow.
"""
