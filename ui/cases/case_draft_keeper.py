"""Keeps what is typed on the page of a case on disk, encrypted, a moment after each change."""

import uuid
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, QTimer

from desk_app.cases.drafts import CaseDraft, CaseDrafts
from desk_app.cases.rules import CaseAct, Resolution
from ui.cases.case_actions import ActWanted
from ui.session import Session

_AFTER_MS = 300


class CaseDraftKeeper(QObject):
    """``written`` asks for what stands there when the moment has come.

    An act has the same token for as long as nothing of it is changed: sent again, because nobody
    knows whether it got through, it is not done twice.
    """

    def __init__(
        self, session: Session, written: Callable[[], ActWanted | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._written = session, written
        self._drafts = CaseDrafts(session.desk.office.drafts, session.desk.keys.account)
        self._case_id, self._version = 0, 0
        self._sent: tuple[ActWanted, str] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self.save)

    def follow(self, case_id: int, version: int) -> None:
        """This case is on the page, in this version."""
        if case_id != self._case_id:
            self.save()
            self._sent = None
        self._case_id, self._version = case_id, version

    def token_of(self, wanted: ActWanted) -> str:
        """The token under which this act is sent."""
        if self._sent is None or self._sent[0] != wanted:
            self._sent = wanted, uuid.uuid4().hex
        return self._sent[1]

    def touch(self) -> None:
        """Something was typed: save soon."""
        if not self._timer.isActive():
            self._timer.start()

    def save(self) -> None:
        """Save now what is being written; an act without words and choices of its own isn't."""
        self._timer.stop()
        wanted = self._written()
        if wanted is None or not self._case_id or not _is_worth_keeping(wanted):
            return
        draft = CaseDraft(
            case_id=self._case_id,
            version=self._version,
            act=wanted.act.value,
            text=wanted.text,
            token=self.token_of(wanted),
            fields={
                "assignee_id": wanted.assignee_id,
                "at": wanted.at.isoformat() if wanted.at else None,
                "resolution": wanted.resolution.value if wanted.resolution else None,
                "withdraws_promise": wanted.withdraws_promise,
            },
        )
        recipient = self._session.desk.keys.recipient
        self._session.tasks.start(
            self._session, lambda: self._drafts.save(draft, recipient), lane="draft"
        )

    def drop(self) -> None:
        """It was saved, or given up."""
        self._timer.stop()
        case_id, self._sent = self._case_id, None
        self._session.tasks.start(self._session, lambda: self._drafts.drop(case_id), lane="draft")

    def recover(self, done: Callable[[ActWanted, bool], object]) -> None:
        """What had been typed on this case and not been saved; and whether it was written to
        another version than is shown."""
        case_id, version, keys = self._case_id, self._version, self._session.desk.keys

        def read(draft: CaseDraft | None) -> None:
            wanted = _act_of(draft) if draft is not None else None
            if draft is not None and wanted is not None and case_id == self._case_id:
                self._sent = wanted, draft.token
                done(wanted, draft.version != version)

        self._session.tasks.start(
            self, lambda: self._drafts.open(case_id, keys.identity), lane="draft", done=read
        )

    def left_over(self, done: Callable[[list[int]], object]) -> None:
        """The cases on which something unsaved was left."""
        self._session.tasks.start(self, lambda: list(self._drafts.cases()), lane="draft", done=done)


def _is_worth_keeping(wanted: ActWanted) -> bool:
    return bool(wanted.text.strip())


def _act_of(draft: CaseDraft) -> ActWanted | None:
    """The act that a draft tells of; None for one that this version doesn't know."""
    fields = draft.fields
    at, resolution, assignee = (fields.get(k) for k in ("at", "resolution", "assignee_id"))
    try:
        return ActWanted(
            act=CaseAct(draft.act),
            text=draft.text,
            assignee_id=assignee if type(assignee) is int else None,
            at=datetime.fromisoformat(at) if isinstance(at, str) else None,
            resolution=Resolution(resolution) if isinstance(resolution, str) else None,
            withdraws_promise=fields.get("withdraws_promise") is True,
        )
    except ValueError:
        return None
