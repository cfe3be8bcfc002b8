"""Views of hand-overs and registers: what they ask for, and that nothing of them flashes up."""

from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desk_app.privacy.provisions.rules import Means, RecordKind
from desk_app.privacy.registers.rules import Item, RecipientForm, RecipientKind
from desk_app.purposes.rules import OtherUse, Purpose
from tests.ui.scenes.handing import COMPANY, FIRM, PAGE, POLICE, by_law, may, may_not, withheld
from tests.ui.scenes.handing import _registers as registers
from ui.controls import refill
from ui.look import Look
from ui.privacy.provisions.hand_over import HandOverView, HandOverWanted


def shown(qtbot: QtBot, view: QWidget) -> HandOverView:
    assert isinstance(view, HandOverView)
    qtbot.addWidget(view)
    view.show()
    return view


def test_what_is_wanted_is_what_is_shown(qtbot: QtBot, look: Look) -> None:
    view = shown(qtbot, may(look))
    assert not view.boxes[Item.ADDRESS].isEnabled(), "nothing there that could leave"
    with qtbot.waitSignal(view.wanted) as wanted:
        view.start.click()
    asked: HandOverWanted = wanted.args[0]
    assert asked.wanted.items == {Item.NAME, Item.TELEPHONE}
    assert (asked.wanted.recipient_id, asked.wanted.purpose) == (COMPANY.id, Purpose.INQUIRIES)
    assert (asked.means, asked.keeping.kind) == (Means.FILE, RecordKind.SINGLE)
    view.purpose.setCurrentIndex(view.purpose.count() - 1)
    chosen = view.chosen()
    assert chosen is not None
    assert isinstance(chosen.purpose, OtherUse)


def test_nothing_is_handed_over_without_a_verdict_on_just_that(qtbot: QtBot, look: Look) -> None:
    assert not shown(qtbot, may_not(look)).start.isEnabled()
    view = shown(qtbot, may(look))
    assert view.start.isEnabled()
    with qtbot.waitSignal(view.changed):
        view.boxes[Item.INQUIRY].setChecked(True)
    assert not view.start.isEnabled()


def test_what_is_withheld_is_shown_on_a_legal_ground_beside_what_is_chosen(
    qtbot: QtBot, look: Look
) -> None:
    view = shown(qtbot, withheld(look))
    assert not view.start.isVisible()
    assert view.boxes[Item.NAME].isEnabled(), "there is a name"
    assert look.words("purposes.stopped_name") in view.values[Item.NAME].text()
    with qtbot.waitSignal(view.revealed) as revealed:
        view.reveal.click()
    assert (revealed.args[0].ground, bool(revealed.args[0].reference)) == ("law", True)
    view.show_values(PAGE)
    assert view.values[Item.NAME].text() == "佐藤 花子"
    assert view.chosen() == revealed.args[0]
    view.judge(None)
    view.ground.setCurrentIndex(0)
    assert not view.reveal.isEnabled()


def test_a_legal_ground_is_asked_for_where_there_can_be_one(qtbot: QtBot, look: Look) -> None:
    view = shown(qtbot, by_law(look))
    assert view.ground.isVisible()
    assert view.reference.isVisible()
    wanted = view.chosen()
    assert wanted is not None
    assert (wanted.recipient_id, wanted.ground) == (POLICE.id, "law")
    view.recipient.setCurrentIndex(1)
    wanted = view.chosen()
    assert wanted is not None
    assert (wanted.recipient_id, wanted.ground, wanted.reference) == (FIRM.id, None, "")
    assert not view.ground.isVisible()
    assert not view.passphrase.isVisible(), "the register has a key of theirs"


def test_what_one_matter_rested_on_is_not_chosen_for_the_next(qtbot: QtBot, look: Look) -> None:
    view = shown(qtbot, by_law(look))
    view.purpose.setCurrentIndex(view.purpose.findData(Purpose.FRAUD.value))
    police = view.recipient.currentIndex()
    view.present(PAGE)
    view.recipient.setCurrentIndex(police)
    chosen = view.chosen()
    assert chosen is not None
    assert (chosen.ground, chosen.purpose, chosen.items) == (None, Purpose.INQUIRIES, frozenset())


def test_an_entry_that_changed_takes_the_place_of_the_earlier_one(qtbot: QtBot, look: Look) -> None:
    view = registers(look, 1)
    qtbot.addWidget(view)
    view.change.click()
    view.address.setText("岐阜市1-1")
    with qtbot.waitSignal(view.entered) as entered:
        view.save.click()
    form, replaces = entered.args
    assert replaces == FIRM.id
    assert form == RecipientForm(
        RecipientKind.SUBCONTRACTOR,
        FIRM.name,
        "岐阜市1-1",
        FIRM.representative,
        "JP",
        FIRM.public_key,
    )
    assert len(PAGE.lines) == len(Item)


def test_what_is_replaced_before_it_was_shown_is_no_window(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    layout = QVBoxLayout(owner)
    owner.show()
    first = QWidget()
    refill(layout, [first])
    refill(layout, [QWidget()])
    assert not first.isVisible()
    windows = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
    QApplication.processEvents()
    assert [one for one in QApplication.topLevelWidgets() if one.isVisible()] == windows
