"""The tabs of the oversight page. A new tab is one line here and one maker.

Makers import their panel when it is first opened. Who may open no tab has no such page.
"""

from ui.panel import Panel
from ui.session import Session
from ui.tabbed_page import Tab


def _data_map(session: Session) -> Panel:
    from ui.oversight.data_map import DataMapTab

    return DataMapTab(session)


def _due(session: Session) -> Panel:
    from ui.oversight.due_tab import DueTab

    return DueTab(session)


def _inspections(session: Session) -> Panel:
    from ui.oversight.controls.tab import InspectionsTab

    return InspectionsTab(session)


def _audits(session: Session) -> Panel:
    from ui.oversight.controls.tab import AuditsTab

    return AuditsTab(session)


def _leaks(session: Session) -> Panel:
    from ui.oversight.leaks.tab import LeaksTab

    return LeaksTab(session)


def _policy(session: Session) -> Panel:
    from ui.oversight.policy.tab import PolicyTab

    return PolicyTab(session)


def _registers(session: Session) -> Panel:
    from ui.oversight.registers.tab import RegistersTab

    return RegistersTab(session)


def _help_calls(session: Session) -> Panel:
    from ui.help_calls.list_tab import HelpCallsTab

    return HelpCallsTab(session)


TABS: tuple[Tab, ...] = (
    Tab("due", "ui_oversight.tab_due", "oversee", _due),
    Tab("policy", "ui_oversight.tab_policy", "read_registers", _policy),
    Tab("registers", "ui_oversight.tab_registers", "read_registers", _registers),
    Tab("data_map", "ui_oversight.tab_data_map", "oversee", _data_map),
    Tab("inspections", "ui_oversight.tab_inspections", "oversee", _inspections),
    Tab("leaks", "ui_oversight.tab_leaks", "handle_leaks", _leaks),
    Tab("audits", "ui_oversight.tab_audits", "oversee", _audits),
    Tab("help_calls", "ui_oversight.tab_help_calls", "read_help_calls", _help_calls),
)
