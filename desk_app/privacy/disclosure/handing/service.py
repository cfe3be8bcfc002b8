"""Use cases of a disclosure that is handed out: ordered, entered once made, delivered."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.cases.attachments import service as attachments
from desk_app.cases.attachments.model import Attachment
from desk_app.cases.attachments.rules import FileKind
from desk_app.errors import Refused
from desk_app.hours.calendar import open_calendar
from desk_app.keys import age
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.settings import OFFICE_NAME, setting
from desk_app.privacy.data_map.owned import Roots
from desk_app.privacy.disclosure import requested as requests
from desk_app.privacy.disclosure.choices import CONTENT, as_reviewed
from desk_app.privacy.disclosure.grounds import grounds
from desk_app.privacy.disclosure.known import finder_of
from desk_app.privacy.disclosure.making import FileOrder, PackOrder, SoundOrder
from desk_app.privacy.disclosure.model import (
    Disclosure,
    DisclosureChoice,
    DisclosureDelivery,
    DisclosurePack,
)
from desk_app.privacy.disclosure.pages import Item
from desk_app.privacy.disclosure.rendering import Rendering
from desk_app.privacy.disclosure.reviewing import (
    Keys,
    check_opened,
    find,
    gather_for,
    record_reading,
    review_of,
)
from desk_app.privacy.disclosure.rules import (
    NOT_TOGETHER,
    PRINTED,
    Confirmed,
    KeyWay,
    Medium,
    PackState,
    Way,
)
from desk_app.privacy.disclosure.texts import text_in
from desk_app.purposes.rules import USUAL_PURPOSE, Act
from desk_app.purposes.uses import require_use
from desk_app.recordings import service as recordings
from desk_app.recordings.model import Recording
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line
from desk_app.words import Language, Words


@needs(Permission.DECIDE_REQUESTS)
def begin_pack(
    actor: Actor,
    work: UnitOfWork,
    /,
    disclosure_id: int,
    *,
    media: Collection[Medium],
    language: Language,
    keys: Keys,
    recipient: str | None = None,
    printed: bool = False,
) -> PackOrder:
    """What is handed out, for `making.make_pack` once this is committed, or to be printed.

    `Refused` unless the review is finished and holds (``disclosure.not_reviewed``,
    ``disclosure.changed``) and the request is approved by a second person; for a ``recipient``
    that is no age recipient; without a medium. Not permitted without the keys of what is asked:
    attached texts are opened only where files are.
    """
    if not media:
        raise Refused("disclosure.no_medium")
    if recipient is not None and not age.is_recipient(recipient):
        raise Refused("disclosure.not_a_recipient")
    found = find(work, disclosure_id)
    if found.state == PackState.REVIEWING.value or found.reviewed_at is None:
        raise Refused("disclosure.not_reviewed")
    request = requests.requested(work, found.request_id)
    if found.state != PackState.DELIVERED.value:
        requests.check_executable(work, request)
    opened = keys if Medium.FILES in media else replace(keys, attachments={})
    gathered = gather_for(actor, work, request, opened)
    items = review_of(work, found, request, gathered).items()
    check_opened(items)
    require_use(
        work,
        customer_id=request.customer_id,
        purpose=USUAL_PURPOSE,
        act=Act.EXPORT,
        case_id=request.case_id,
        asked_at=request.received_at,
    )
    local = open_calendar(work).local(found.reviewed_at)
    zone = local.tzinfo
    rendering = Rendering(Words(language), zone, grounds(local.date()))
    files = _Files(actor, work, found, items, keys)
    sounds = files.sounds() if Medium.AUDIO in media else ()
    copies = files.copies(gathered.roots, rendering) if Medium.FILES in media else ()
    if not as_reviewed(items, found.marks):
        raise Refused("disclosure.changed")
    names = {one.item: one.name for one in sounds} | {one.item: one.name for one in copies}
    rendered = rendering.items(map(_without_content, items), names)
    record_reading(
        actor,
        work,
        "disclosure.printed" if printed else "disclosure.opened",
        found,
        items,
        media=sorted(one.value for one in media),
    )
    return PackOrder(
        disclosure_id=found.id,
        office=setting(work, OFFICE_NAME) or "",
        as_of=found.reviewed_at,
        language=language,
        media=tuple(one for one in Medium if one in media),
        rendering=rendering,
        items=rendered,
        sounds=sounds,
        files=copies,
        recipient=recipient,
    )


@needs(Permission.DECIDE_REQUESTS)
def pack_made(
    actor: Actor,
    work: UnitOfWork,
    /,
    disclosure_id: int,
    *,
    media: Collection[Medium],
    language: Language,
    parts: int,
    digest: str,
    content_digest: str,
    size_bytes: int,
    with_passphrase: bool,
    printed: bool = False,
) -> int:
    """Enter the file that was made, or the paper that was printed; its id."""
    found = find(work, disclosure_id)
    if found.state == PackState.REVIEWING.value:
        raise Refused("disclosure.not_reviewed")
    made = DisclosurePack(
        disclosure_id=found.id,
        made_at=work.now,
        made_by=actor.user_id,
        media=[one.value for one in Medium if one in media],
        language=language,
        parts=parts,
        digest=digest,
        content_digest=content_digest,
        size_bytes=size_bytes,
        with_passphrase=with_passphrase,
        printed=printed,
    )
    work.session.add(made)
    work.session.flush()
    record(
        actor,
        work,
        "disclosure.made",
        subject=("disclosure", found.id),
        request_id=found.request_id,
        pack_id=made.id,
        digest=digest,
        content_digest=content_digest,
        size_bytes=size_bytes,
        parts=parts,
        printed=printed,
    )
    work.changed("disclosure", found.id)
    return made.id


@needs(Permission.DECIDE_REQUESTS)
def deliver(
    actor: Actor,
    work: UnitOfWork,
    /,
    pack_id: int,
    *,
    way: Way,
    key_way: KeyWay | None,
    confirmed: Confirmed,
    to_whom: str,
    delivered_at: datetime,
) -> None:
    """Enter how a pack went to the customer, by whom and to whom; the request is executed.

    It went after it was made (``disclosure.delivered_when``), and so after the approval. The
    passphrase goes another way than the file (``disclosure.same_way``). A pack goes no more
    once something of it was decided otherwise (``disclosure.pack_overtaken``). Handing it over
    again is entered again, and the request stays as it is.
    """
    pack = work.session.get(DisclosurePack, pack_id)
    if pack is None:
        raise Refused("disclosure.no_pack")
    found = find(work, pack.disclosure_id)
    whom = line(to_whom, field="to_whom")
    if not whom:
        raise Refused("disclosure.to_whom_missing")
    made_at = pack.made_at.replace(second=0, microsecond=0)  # as times are entered
    if not made_at <= delivered_at <= work.now + timedelta(minutes=1):
        raise Refused("disclosure.delivered_when")
    if pack.printed != (way in PRINTED):
        raise Refused("disclosure.way_of_paper")
    if _is_overtaken(work, pack, delivered_at):
        raise Refused("disclosure.pack_overtaken")
    if pack.printed:
        key_way = None
    elif not pack.with_passphrase:
        key_way = KeyWay.OWN_KEY
    elif key_way is None or key_way is KeyWay.OWN_KEY:
        raise Refused("disclosure.key_way_missing")
    elif (way, key_way) in NOT_TOGETHER:
        raise Refused("disclosure.same_way")
    request = requests.requested(work, found.request_id)
    work.session.add(
        DisclosureDelivery(
            disclosure_id=found.id,
            pack_id=pack.id,
            delivered_at=delivered_at,
            entered_at=work.now,
            entered_by=actor.user_id,
            way=way.value,
            key_way=key_way.value if key_way is not None else None,
            confirmed=confirmed.value,
            to_whom=whom,
        )
    )
    is_first = found.state != PackState.DELIVERED.value
    found.state = PackState.DELIVERED.value
    work.session.flush()
    record(
        actor,
        work,
        "disclosure.delivered",
        subject=("disclosure", found.id),
        purpose=USUAL_PURPOSE.value,
        request_id=found.request_id,
        pack_id=pack.id,
        digest=pack.digest,
        way=way.value,
        key_way=key_way.value if key_way is not None else None,
        confirmed=confirmed.value,
    )
    if is_first:
        requests.executed(actor, work, request, pack_id=pack.id)
    work.changed("disclosure", found.id)


def _without_content(item: Item) -> Item:
    """What an attachment says stands in its own file."""
    if item.table != "attachment":
        return item
    return replace(item, fields=tuple(one for one in item.fields if one.key != CONTENT))


def _is_overtaken(work: UnitOfWork, pack: DisclosurePack, delivered_at: datetime) -> bool:
    """Whether something was removed or put back after the pack was made and before it went."""
    later = select(DisclosureChoice.id).where(
        DisclosureChoice.disclosure_id == pack.disclosure_id,
        DisclosureChoice.chosen_at > pack.made_at,
        DisclosureChoice.chosen_at <= delivered_at,
    )
    return work.session.scalar(later.limit(1)) is not None


class _Files:
    """Leave to open what is given out beside the text; each opening is in the log."""

    def __init__(
        self,
        actor: Actor,
        work: UnitOfWork,
        found: Disclosure,
        items: Sequence[Item],
        keys: Keys,
    ) -> None:
        self._actor, self._work, self._found, self._keys = actor, work, found, keys
        self._items = [
            item
            for item in items
            if item.has_file and item.whole is None and item.file_removed is None
        ]

    def sounds(self) -> tuple[SoundOrder, ...]:
        made = []
        for item in self._items:
            if item.table != "recording":
                continue
            row = self._work.session.get_one(Recording, item.id)
            ticket = recordings.open_for_disclosure(
                self._actor,
                self._work,
                item.id,
                request_id=self._found.request_id,
                keys=self._keys.recordings,
            )
            name = f"recordings/{row.started_at:%Y%m%d}-{item.id}-{row.part}.ogg"
            cuts = tuple((one.start_ms, one.end_ms, one.voice) for one in item.sound_cuts)
            made.append(SoundOrder(item.key, name, ticket, cuts))
        return tuple(made)

    def copies(self, roots: Roots, rendering: Rendering) -> tuple[FileOrder, ...]:
        """Texts go out as they were reviewed; in those that were too long to be shown, whom they
        speak of is looked up like in all other texts."""
        made: list[FileOrder] = []
        texts: dict[str, str] = {}
        for item in self._items:
            if item.table != "attachment":
                continue
            row = self._work.session.get_one(Attachment, item.id)
            ticket = attachments.open_for_disclosure(
                self._actor,
                self._work,
                item.id,
                request_id=self._found.request_id,
                keys=self._keys.attachments,
            )
            name = f"files/{row.case_id}-{row.number}.{row.kind}"
            seen = next((one for one in item.fields if one.key == CONTENT), None)
            reviewed = None if seen is None else rendering.field(seen).said.encode()
            made.append(FileOrder(item.key, name, ticket, reviewed))
            if seen is None and ticket.kind is FileKind.TEXT:
                texts[item.key] = text_in(self._actor, self._work, ticket)
        if not texts:
            return tuple(made)
        finder = finder_of(self._work, roots, list(texts.values()))
        return tuple(
            replace(one, text=rendering.text(text, finder.cuts(text)).encode())
            if (text := texts.get(one.item)) is not None
            else one
            for one in made
        )
