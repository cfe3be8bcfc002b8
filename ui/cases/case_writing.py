"""What is written on the page of a case, from the first letter until it is saved.

It is kept in a draft, the others see that somebody writes, and an act is sent under a token, so
that it is never done twice. If somebody else was faster nothing is overwritten: both versions
are shown side by side, and what was written stays until its writer has decided.
"""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from desk_app.cases import service
from desk_app.cases import views as case_views
from desk_app.cases.approval import service as approval
from desk_app.cases.conflicts.rules import Difference, difference
from desk_app.cases.pages import CasePage
from desk_app.cases.presence.pages import Present
from desk_app.cases.rules import CaseAct
from desk_app.errors import DeskError
from desk_app.people.access import Actor
from desk_app.storage.once import once
from desk_app.storage.unit_of_work import UnitOfWork
from ui.cases.case_actions import ActWanted
from ui.cases.case_draft_keeper import CaseDraftKeeper
from ui.cases.case_page import CaseView
from ui.cases.conflict_panel import ConflictPanel
from ui.cases.presence import PresenceKeeper
from ui.session import Session


class CaseWriting(QObject):
    """``changed`` after an act: the case is to be read again. ``read`` carries the case as it
    was read to be compared."""

    changed = Signal()
    read = Signal(object)

    def __init__(self, session: Session, view: CaseView, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._view = session, view
        self._page: CasePage | None = None
        self._others: tuple[Present, ...] = ()
        self._has_changed = False
        self.conflict = ConflictPanel(session.look, zone=session.zone)
        view.player_place.addWidget(self.conflict)
        bar = view.act_bar
        self.drafts = CaseDraftKeeper(session, self._written, self)
        self.presence = PresenceKeeper(session, lambda: self.is_writing, self)
        bar.wanted.connect(self._send)
        bar.edited.connect(self._on_edited)
        bar.given_up.connect(self._on_given_up)
        self.presence.changed.connect(self._on_presence)
        self.conflict.again.connect(self._on_again)
        self.conflict.copied.connect(self._on_copied)
        self.conflict.goes_on.connect(self._write_on)
        self.conflict.dropped.connect(self._on_dropped)
        session.changed_elsewhere.connect(self._on_changed_elsewhere)
        self.drafts.left_over(self._on_left_over)

    @property
    def is_writing(self) -> bool:
        """Something stands there that would be missed."""
        return self.conflict.mine is not None or bool(self._view.act_bar.text.toPlainText())

    def follow(self, page: CasePage) -> None:
        """This is the case on the page, or it was read again."""
        is_other = self._page is None or self._page.id != page.id
        if is_other:
            self.leave()
            self._view.act_bar.done()
        self._page = page
        self._has_changed = False
        self.drafts.follow(page.id, page.version)
        self.presence.come(page.id)
        self._show_presence()

    def opened(self) -> None:
        """The case is shown for the first time: what was left of it comes back."""
        if not self.is_writing:
            self.drafts.recover(self._on_recovered)

    def leave(self) -> None:
        """No case is on the page any more; what was written stays in its draft."""
        self.drafts.save()
        self.conflict.close_it()
        self._view.act_bar.show()
        self.presence.go()
        self._page = None

    def _written(self) -> ActWanted | None:
        return self.conflict.mine or self._view.act_bar.written()

    def _send(self, wanted: ActWanted) -> None:
        page = self._page
        if page is None:
            return
        use_case, fields = use_case_of(wanted)
        self._view.act_bar.setEnabled(False)
        self.conflict.setEnabled(False)
        self._session.change(
            self,
            once(self.drafts.token_of(wanted), use_case),
            page.id,
            page.version,
            **fields,
            done=lambda _version: self._on_done(),
            failed=lambda error: self._on_failed(wanted, error),
        )
        self.drafts.save()

    def _on_done(self) -> None:
        """The case is read again; until then nothing can be done to the version before."""
        self.conflict.setEnabled(True)
        self._forget()
        self.changed.emit()

    def _on_failed(self, wanted: ActWanted, error: Exception) -> None:
        """What was written stays."""
        self._view.act_bar.setEnabled(True)
        self.conflict.setEnabled(True)
        page = self._page
        is_conflict = isinstance(error, DeskError) and error.code == "storage.conflict"
        if not is_conflict or page is None:
            self._session.notices.error(error)
            return
        self._session.change(
            self,
            service.open_case,
            page.id,
            purpose=self._session.viewing,
            done=lambda now: self._on_conflict(wanted, page, now),
        )

    def _on_conflict(self, wanted: ActWanted, before: CasePage, now: CasePage) -> None:
        if self._page is None or self._page.id != now.id:
            return
        self._compare(difference(before, now), wanted, now)
        self.read.emit(now)

    def _compare(self, theirs: Difference, mine: ActWanted, now: CasePage) -> None:
        bar = self._view.act_bar
        at = bar.assignee.findData(mine.assignee_id) if mine.assignee_id is not None else -1
        self.conflict.present(
            theirs,
            mine,
            assignee=bar.assignee.itemText(at) if at >= 0 else "",
            is_possible=mine.act in now.acts,
        )
        bar.hide()
        self.conflict.enter()

    def _on_again(self) -> None:
        if self.conflict.mine is not None:
            self._send(self.conflict.mine)

    def _write_on(self) -> None:
        """Back to the form, on what the case is now."""
        mine, page = self.conflict.mine, self._page
        self.conflict.close_it()
        self._view.act_bar.show()
        if mine is not None and page is not None and mine.act in page.acts:
            self._view.act_bar.write_again(mine)
        elif mine is not None and page is not None and CaseAct.NOTE in page.acts:
            self._view.act_bar.write_again(ActWanted(CaseAct.NOTE, mine.text))

    def _on_copied(self, text: str) -> None:
        self._session.copying.copy(text)

    def _on_dropped(self) -> None:
        self._forget()

    def _on_given_up(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.conflict.close_it()
        self._view.act_bar.show()
        self._view.act_bar.done()
        self.drafts.drop()
        self.presence.look_at_writing()

    def _on_edited(self) -> None:
        self.drafts.touch()
        self.presence.look_at_writing()

    def _on_recovered(self, wanted: ActWanted, is_older: bool) -> None:
        page = self._page
        if page is None or self.is_writing:
            return
        if wanted.act in page.acts:
            self._view.act_bar.write_again(wanted)
            key = "ui_conflict.draft_back_changed" if is_older else "ui_conflict.draft_back"
            self._session.notices.say(key, tone="warning" if is_older else "info")
        else:
            self._compare(Difference(), wanted, page)

    def _on_left_over(self, cases: list[int]) -> None:
        if not cases:
            return

        def numbers(actor: Actor, work: UnitOfWork) -> list[str]:
            read = (case_views.case_number(actor, work, case_id) for case_id in cases)
            return [number for number in read if number]

        def say(found: list[str]) -> None:
            if found:
                self._session.notices.say(
                    "ui_conflict.left_over", tone="info", numbers=", ".join(found)
                )

        self._session.read(self, numbers, done=say)

    def _on_changed_elsewhere(self, changes: tuple[Any, ...]) -> None:
        page = self._page
        if page is None or not any(
            one.kind == "case" and one.id in (0, page.id) for one in changes
        ):
            return
        if self.is_writing or self._view.act_bar.act is not None:
            self._has_changed = True  # what is written was written to what is shown
            self._show_presence()
        else:
            self.changed.emit()

    def _on_presence(self, others: tuple[Present, ...]) -> None:
        self._others = others
        self._show_presence()

    def _show_presence(self) -> None:
        self._view.presence.present(self._others, has_changed=self._has_changed)


def use_case_of(wanted: ActWanted) -> tuple[Callable[..., int], dict[str, Any]]:
    """The use case of an act and what was entered for it."""
    if wanted.act is CaseAct.PROMISE and wanted.withdraws_promise:
        return service.withdraw_callback, {"reason": wanted.text}
    known: dict[CaseAct, tuple[Callable[..., int], dict[str, Any]]] = {
        CaseAct.NOTE: (service.add_note, {"text": wanted.text}),
        CaseAct.ASSIGN: (
            service.assign,
            {"assignee_id": wanted.assignee_id, "reason": wanted.text},
        ),
        CaseAct.PROMISE: (service.promise_callback, {"at": wanted.at, "reason": wanted.text}),
        CaseAct.WAIT: (service.wait_for_customer, {"reason": wanted.text}),
        CaseAct.RESUME: (service.resume, {"reason": wanted.text}),
        CaseAct.RESOLVE: (
            service.resolve,
            {"resolution": wanted.resolution, "text": wanted.text},
        ),
        CaseAct.CLOSE: (service.close, {"reason": wanted.text}),
        CaseAct.SPOT_CHECK: (service.pass_spot_check, {"remark": wanted.text}),
        CaseAct.ASK_CLOSING: (approval.ask_closing, {"remark": wanted.text}),
        CaseAct.APPROVE: (approval.approve_closing, {"remark": wanted.text}),
        CaseAct.REFUSE: (approval.refuse_closing, {"reason": wanted.text}),
        CaseAct.REOPEN: (service.reopen, {"reason": wanted.text}),
    }
    return known[wanted.act]
