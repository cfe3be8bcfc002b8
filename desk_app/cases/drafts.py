"""What was typed on the page of a case and not saved yet, kept encrypted on the desk's disk.

A file a case and person, ``case-<id>-<account>``, as `calls.drafts` keeps those of contacts, in
a folder of their own and addressed to who wrote it alone: writing needs no server. The draft
has the version that its writer saw, and the token of the act, so that what was sent and got
through is recognised when it is sent again.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from desk_app.calls.drafts import DraftStore
from desk_app.errors import Refused

FOLDER = "cases"
"""Within the folder of drafts."""


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """An act that is being written; ``fields`` are those beside the text."""

    case_id: int
    version: int
    act: str
    text: str
    token: str
    fields: dict[str, str | int | bool | None]

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "CaseDraft | None":
        """The draft; None for what no desk of this kind has written."""
        try:
            read = json.loads(text)
            draft = cls(**read)
            datetime.fromisoformat(str(draft.fields.get("at") or "2026-01-01"))
        except (ValueError, TypeError, AttributeError):
            return None
        is_whole = isinstance(draft.case_id, int) and isinstance(draft.version, int)
        are_texts = all(isinstance(one, str) for one in (draft.act, draft.text, draft.token))
        return draft if is_whole and are_texts else None


class CaseDrafts:
    """The drafts of one person about cases, at one desk. One thread at a time."""

    def __init__(self, drafts: Path, account: str) -> None:
        self._store = DraftStore(drafts / FOLDER)
        self._account = account

    def save(self, draft: CaseDraft, recipient: str) -> None:
        """`Fault` if it can't be written; what was there before is then untouched."""
        self._store.save(self._uid(draft.case_id), draft.to_json(), [recipient])

    def open(self, case_id: int, identity: str) -> CaseDraft | None:
        """What was left of this case; None if there is nothing, or nothing readable any more."""
        try:
            return CaseDraft.from_json(self._store.open(self._uid(case_id), identity))
        except Refused:
            return None

    def cases(self) -> Sequence[int]:
        """The cases with something unsaved, the oldest first."""
        end = f"-{self._account}"
        uids = [entry.uid for entry in self._store.list()]
        ours = [uid.removeprefix("case-").removesuffix(end) for uid in uids if uid.endswith(end)]
        return [int(case) for case in ours if case.isdecimal()]

    def drop(self, case_id: int) -> None:
        """It has been saved, or given up."""
        self._store.drop(self._uid(case_id))

    def _uid(self, case_id: int) -> str:
        return f"case-{case_id}-{self._account}"
