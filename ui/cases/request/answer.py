"""The steps after the decision: a second person's approval, execution, notice, closing."""

from collections.abc import Collection
from datetime import date
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QVBoxLayout

from desk_app.privacy.requests.pages import RequestPage
from desk_app.privacy.requests.rules import Act, Kind, Told
from ui.cases.request.lists import ShortList
from ui.cases.request.step import StepForm
from ui.controls import button, choice, label, labelled, line
from ui.look import Look


class ApprovalForm(StepForm):
    """A second person approves what was decided, signs a refusal, or sends either back."""

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "request_approval", zone=zone)
        self.withheld = label(self, "ui_requests.other_person", name="approval_withheld", wrap=True)
        self.remark = line("approval_remark")
        caption, _ = labelled(self, "ui_requests.remark", self.remark)
        self.send_back = button(self, "approval_back", "ui_requests.send_back")
        self.approve = button(self, "approval_approve", "ui_requests.approve", kind="primary")
        self.sign = button(self, "approval_sign", "ui_requests.sign", kind="primary")
        foot = QHBoxLayout()
        foot.addWidget(self.send_back)
        foot.addStretch(1)
        foot.addWidget(self.sign)
        foot.addWidget(self.approve)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.withheld)
        rows.addWidget(caption)
        rows.addWidget(self.remark)
        rows.addLayout(foot)
        rows.addStretch(1)
        agree = {"remark": ""}
        self.approve.clicked.connect(lambda: self._send("approve", agree))
        self.sign.clicked.connect(lambda: self._send("approve", agree))
        self.send_back.clicked.connect(lambda: self._send("send_back", {"reason": ""}))

    def present(self, page: RequestPage) -> None:
        super().present(page)
        self._show()

    def clear(self) -> None:
        self.remark.clear()

    def enter(self) -> None:
        self.remark.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._show()

    def _show(self) -> None:
        page = self.page
        if page is None:
            return
        self.withheld.setVisible(page.withheld is not None)
        self.approve.setVisible(Act.APPROVE in page.acts)
        self.sign.setVisible(Act.SIGN in page.acts)
        self.send_back.setVisible(Act.SEND_BACK in page.acts)

    def _send(self, act: str, given: dict[str, str]) -> None:
        (name,) = given
        self.wanted.emit(act, {name: self.remark.text()})


class ExecutionForm(StepForm):
    """Carries out what is carried out here; names the recipients who have to be told. Requests of
    the kinds in ``may_open`` are carried out elsewhere, where "open" leads."""

    def __init__(self, look: Look, *, zone: ZoneInfo, may_open: Collection[Kind]) -> None:
        super().__init__(look, "request_execution", zone=zone)
        self._may_open = may_open
        self.elsewhere = label(self, "ui_requests.elsewhere", name="execution_elsewhere", wrap=True)
        self.open = button(self, "execution_open", "ui_requests.open_elsewhere", kind="primary")
        self.open.clicked.connect(lambda: self.wanted.emit("open", {}))
        self.explained = label(self, "ui_requests.execute_hint", name="execution_hint", wrap=True)
        self.carry_out = button(self, "execution_do", "ui_requests.carry_out", kind="primary")
        self.recipients = ShortList("execution_recipients", lines=4)
        self.bind(self.recipients.setAccessibleName, "ui_requests.recipients")
        self.recipients_label = label(
            self, "ui_requests.recipients", name="execution_recipients_label", muted=True
        )
        self.how = line("execution_how", limit=200)
        self.how_label, _ = labelled(self, "ui_requests.told_how", self.how)
        self.told = button(self, "execution_told", "ui_requests.recipient_told")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.elsewhere)
        rows.addWidget(self.explained)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.open)
        foot.addWidget(self.carry_out)
        rows.addLayout(foot)
        rows.addWidget(self.recipients_label)
        rows.addWidget(self.recipients)
        telling = QHBoxLayout()
        telling.addWidget(self.how_label)
        telling.addWidget(self.how, stretch=1)
        telling.addWidget(self.told)
        rows.addLayout(telling)
        rows.addStretch(1)
        self.carry_out.clicked.connect(self._on_carry_out)
        self.told.clicked.connect(self._on_told)
        self.how.returnPressed.connect(self._on_told)

    def present(self, page: RequestPage) -> None:
        super().present(page)
        self._show()

    def clear(self) -> None:
        self.how.clear()

    def enter(self) -> None:
        for widget in (self.open, self.carry_out, self.recipients):
            if widget.isVisibleTo(self):
                widget.setFocus()
                return

    def retranslate(self) -> None:
        super().retranslate()
        self._show()

    def _show(self) -> None:
        page, words = self.page, self.look.words
        if page is None:
            return
        may_execute = Act.EXECUTE in page.acts
        self.elsewhere.setVisible(may_execute and page.executed_elsewhere)
        may_open = page.kind in self._may_open
        self.open.setVisible(may_execute and page.executed_elsewhere and may_open)
        self.explained.setVisible(may_execute and not page.executed_elsewhere)
        self.carry_out.setVisible(may_execute and not page.executed_elsewhere)
        rows: list[tuple[str, object]] = []
        for one in page.recipients:
            items = words("requests.list_comma").join(
                words(f"requests.field.{item}") for item in one.items
            )
            given = words("ui_requests.given", day=self.day(one.given_at), items=items)
            said = "ui_requests.untold" if one.told_at is None else "ui_requests.was_told"
            rows.append((f"{one.recipient}\n{given}  {words(said, how=one.told_how)}", one.id))
        self.recipients.offer(rows)
        self.recipients.show_lines(2 * min(max(len(rows), 1), 4))
        may_tell = bool(rows) and Act.TELL in page.acts
        for widget in (self.recipients, self.recipients_label):
            widget.setVisible(bool(rows))
        for control in (self.how, self.how_label, self.told):
            control.setVisible(may_tell)

    def _on_carry_out(self) -> None:
        self.wanted.emit("carry_out", {"language": self.look.words.language})

    def _on_told(self) -> None:
        chosen = self.recipients.chosen()
        if isinstance(chosen, int):
            self.wanted.emit("told", {"told_id": chosen, "how": self.how.text()})


class NoticeForm(StepForm):
    """The letter, and that the customer was told. Emits `letter_wanted`."""

    letter_wanted = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "request_notice", zone=zone)
        self.letter = button(self, "notice_letter", "ui_requests.letter", icon="file-text")
        self.how = choice(
            self, "notice_how", [(one.value, f"requests.told.{one.value}") for one in Told]
        )
        self.how.setMinimumContentsLength(12)
        self.on = QDateEdit()
        self.on.setObjectName("notice_on")
        self.on.setCalendarPopup(True)
        self.bind(self._set_pattern, "ui_times.date_entry")
        self.note = line("notice_note")
        self.save = button(self, "notice_save", "ui_requests.notify", kind="primary")
        how_label, _ = labelled(self, "ui_requests.told_how", self.how)
        on_label, _ = labelled(self, "ui_requests.told_on", self.on)
        note_label, _ = labelled(self, "ui_requests.note", self.note)
        self._telling = (how_label, self.how, on_label, self.on, note_label, self.note, self.save)
        first = QHBoxLayout()
        for widget in (how_label, self.how, on_label, self.on):
            first.addWidget(widget)
        first.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(label(self, "ui_requests.letter_hint", name="notice_hint", wrap=True))
        lettering = QHBoxLayout()
        lettering.addWidget(self.letter)
        lettering.addStretch(1)
        rows.addLayout(lettering)
        rows.addLayout(first)
        rows.addWidget(note_label)
        rows.addWidget(self.note)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.save)
        rows.addLayout(foot)
        rows.addStretch(1)
        self.letter.clicked.connect(self.letter_wanted)
        self.save.clicked.connect(self._on_save)
        self.on_submit(self, self._on_save)

    def present(self, page: RequestPage) -> None:
        is_other = self.page is None or self.page.id != page.id
        super().present(page)
        if is_other:
            today = self.look.language.today()
            self.on.setDate(QDate(today.year, today.month, today.day))
        with self.keeping_keyboard():
            for widget in self._telling:
                widget.setVisible(Act.NOTIFY in page.acts)

    def clear(self) -> None:
        self.note.clear()

    def enter(self) -> None:
        self.letter.setFocus()

    def _set_pattern(self, pattern: str) -> None:
        self.on.setLocale(self.look.language.locale)
        self.on.setDisplayFormat(pattern)

    def _on_save(self) -> None:
        chosen = self.on.date().toPython()
        if isinstance(chosen, date) and self.save.isVisible():
            is_today = chosen == self.look.language.today()
            self.wanted.emit(
                "notify",
                {
                    "how": Told(self.how.currentData()),
                    "told_on": None if is_today else chosen,
                    "note": self.note.text(),
                },
            )


class ClosingForm(StepForm):
    """Closes the request, and resolves its case with it."""

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "request_closing", zone=zone)
        self.save = button(self, "closing_save", "ui_requests.close", kind="primary")
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.save)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(label(self, "ui_requests.close_hint", name="closing_hint", wrap=True))
        rows.addLayout(foot)
        rows.addStretch(1)
        self.save.clicked.connect(lambda: self.wanted.emit("close", {}))

    def enter(self) -> None:
        self.save.setFocus()
