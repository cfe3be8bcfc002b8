"""An office in which a request for disclosure is answered, as the officer does it."""

import io
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desk_app.calls.endings import Ending, NewCase
from desk_app.calls.form import ContactForm, InquiryForm, NewCustomer
from desk_app.calls.rules import Disposition, Party
from desk_app.customers.rules import PersonalField
from desk_app.keys import age
from desk_app.people.access import Actor, Role
from desk_app.privacy.disclosure import service
from desk_app.privacy.disclosure.choices import Review
from desk_app.privacy.disclosure.handing import service as handing
from desk_app.privacy.disclosure.making import MadePack, Sources, Watching, make_pack
from desk_app.privacy.disclosure.pages import Item
from desk_app.privacy.disclosure.reviewing import Keys
from desk_app.privacy.disclosure.rules import Medium
from desk_app.privacy.disclosure.service import Wanted
from desk_app.words import Language
from tests.day import OfficeDay
from tests.privacy.requests.desk import RequestsDesk

IDENTITY = age.generate_identity()
RECIPIENT = age.recipient_of(IDENTITY)


def called_in(
    name: str,
    text: str = "刃が欠けた。",
    *,
    customer: NewCustomer | int | None = None,
    answer: str = "",
    number: str = "",
    party: Party = Party.CUSTOMER,
    reading: str = "",
    product: str = "",
) -> ContactForm:
    return ContactForm(
        customer=customer,
        caller_name=PersonalField.of(name),
        caller_reading=PersonalField.of(reading),
        callback_number=PersonalField.of(number),
        party=party,
        inquiries=(InquiryForm(text=text, answer=answer, product=product),),
        disposition=Disposition.FOLLOW_UP,
    )


@dataclass
class Answering:
    """The officer at work on the answer to one request."""

    requests: RequestsDesk
    folder: Path
    request_id: int
    keys: Keys = field(default_factory=Keys)
    officer: Actor | None = None
    _id: int = 0

    @property
    def disclosure_id(self) -> int:
        return self._id or self.review().disclosure_id

    @property
    def day(self) -> OfficeDay:
        return self.requests.day

    @property
    def actor(self) -> Actor:
        return self.officer or self.requests.officer

    def perform(self, use_case: Any, *args: Any, **named: Any) -> Any:
        return self.day.perform(self.actor, use_case, *args, **named)

    def read(self, view: Any, *args: Any, **named: Any) -> Any:
        return self.day.read(self.actor, view, *args, **named)

    def review(self) -> Review:
        found: Review = self.perform(service.open_review, self.request_id, keys=self.keys)
        self._id = found.disclosure_id
        return found

    def items(self, table: str = "") -> list[Item]:
        return [one for one in self.review().items() if table in ("", one.table)]

    def choose(self, *wanted: Wanted) -> None:
        self.perform(service.choose, self.disclosure_id, wanted)

    def finish(self) -> None:
        review = self.review()
        self.perform(
            service.finish_review, review.disclosure_id, seen=review.seen(), keys=self.keys
        )

    def make(
        self,
        path: Path | None = None,
        *,
        media: Collection[Medium] = tuple(Medium),
        language: Language = "ja",
        recipient: str | None = RECIPIENT,
        watching: Watching | None = None,
    ) -> tuple[MadePack, Path]:
        order = self.perform(
            handing.begin_pack,
            self.disclosure_id,
            media=media,
            language=language,
            keys=self.keys,
            recipient=recipient,
        )
        written = path or self.folder / "pack.age"
        sources = Sources(
            self.perform, self.read, self.folder, self.folder, dict(self.keys.recordings)
        )
        return make_pack(order, written, sources, watching), written

    def parts(self, **how: Any) -> dict[str, bytes]:
        """What is in a pack made now, opened with the customer's key."""
        _, path = self.make(**how)
        return opened(path.read_bytes())

    def enter(self, made: MadePack, *, media: Sequence[Medium] = tuple(Medium)) -> int:
        pack_id: int = self.perform(
            handing.pack_made,
            self.disclosure_id,
            media=media,
            language="ja",
            parts=made.parts,
            digest=made.digest,
            content_digest=made.content_digest,
            size_bytes=made.size_bytes,
            with_passphrase=made.passphrase is not None,
        )
        return pack_id


def opened(sealed: bytes, passphrase: str | None = None) -> dict[str, bytes]:
    identities = [] if passphrase else [IDENTITY]
    plain = age.decrypt(io.BytesIO(sealed), identities, passphrase).read()
    with zipfile.ZipFile(io.BytesIO(plain)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def new_call(day: OfficeDay, form: ContactForm, ending: Ending | None = None) -> Any:
    return day.called(form, ending or NewCase())


def listening_officer(day: OfficeDay) -> Actor:
    made: Actor = day._make_actor([Role.DPO], may_listen=True, may_see_sealed=True)
    return made
