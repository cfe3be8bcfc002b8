"""P5: what is shared inside the group is what was published, with companies that are listed."""

from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton

from desk_app.audit import views as audit
from desk_app.privacy.provisions import views
from desk_app.privacy.provisions.rules import LegalForm
from desk_app.privacy.registers.rules import Item
from tests.journeys.called import with_case
from tests.journeys.seat import Seat
from tests.offices import DPO, OPERATOR
from ui.oversight.page import OversightPage
from ui.oversight.registers.view import RegistersView

__all__ = ["with_case"]
COMPANY = "カイ インダストリーズ"


def enter_company(seat: Seat) -> None:
    """The officer enters a company of the group, and that it stands in the published list."""
    hands = seat.hands
    page = seat.app.window.open_page("oversight")
    assert isinstance(page, OversightPage)
    page.book.open_key("registers")
    hands.click("recipient_new")
    hands.choose("recipient_kind", "group_company")
    hands.type("recipient_name", COMPANY)
    hands.type("recipient_address", "岐阜県関市小屋名1110")
    hands.click("recipient_save")
    view = seat.find(RegistersView, "registers")
    hands.wait("the company", view.current)
    hands.click("period_add")
    hands.wait("the listing", lambda: (row := view.current()) and row.listings)


def choose(seat: Seat, *items: Item) -> None:
    for item in Item:
        box = seat.find(QCheckBox, f"hand_over_item_{item}")
        box.setChecked(item in items)


def verdict(seat: Seat) -> str:
    return seat.find(QLabel, "hand_over_verdict").text()


def test_a_listed_company_is_given_the_published_items_and_nothing_beyond(
    with_case: None, seat: Seat
) -> None:
    hands = seat.hands
    seat.sign_in(DPO)
    enter_company(seat)
    seat.sign_in(OPERATOR)
    seat.open_only_case()
    hands.press("Ctrl+Shift+H")
    start = seat.find(QPushButton, "hand_over_start")
    choose(seat, Item.NAME, Item.INQUIRY)
    words = seat.look.words
    form, no = words("provisions.form.joint_use"), words("ui_provisions.may_not")
    hands.wait("the refusal", lambda: no in verdict(seat))
    assert form in verdict(seat), "the recipient decides the form"
    assert not start.isEnabled()
    shown = seat.find(QLabel, "hand_over_value_name").text()
    assert shown == "佐藤 花子", "what leaves is shown as it is"
    assert not seat.find(QCheckBox, "hand_over_item_address").isEnabled(), "it was declined"
    choose(seat, Item.NAME, Item.EMAIL)
    hands.wait("the permission", start.isEnabled)
    hands.choose("hand_over_means", "post")
    hands.wait("the permission", start.isEnabled)
    hands.press("Ctrl+Return")
    hands.wait("the record", lambda: seat.shows("provisions_table"))
    (row,) = seat.read(views.provisions)
    assert (row.recipient_name, row.form) == (COMPANY, LegalForm.JOINT_USE)
    assert row.items == (Item.NAME, Item.EMAIL)
    seat.look_around()
    assert not any("佐藤" in title for title in seat.titles)
    seat.sign_in(DPO)
    actions = [one.action for one in seat.read(audit.entries)]
    assert "provision.prepared" in actions
    assert actions.count("provision.made") == 1
