"""Use cases of a disclosure: looked through, released, made into a file, delivered.

What the reviewer decides is kept as choices; what is handed out is always collected anew and laid
under them, so that it is as it was reviewed or it isn't made at all. Every reading is in the log in
the transaction that reads.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.cases.attachments import service as attachments
from desk_app.cases.attachments.model import Attachment
from desk_app.cases.attachments.pages import AttachmentTicket
from desk_app.cases.attachments.rules import FileKind, text_of
from desk_app.cases.attachments.sealed import unseal
from desk_app.cases.attachments.views import sealed_parts
from desk_app.errors import Fault, NotPermitted, Refused
from desk_app.hours.calendar import office_day, open_calendar
from desk_app.keys import age
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.settings import OFFICE_NAME, setting
from desk_app.privacy.data_map.owned import Roots
from desk_app.privacy.data_map.rules import Section
from desk_app.privacy.disclosure import requested as requests
from desk_app.privacy.disclosure.choices import (
    SOUND,
    Choice,
    Review,
    item_mark,
)
from desk_app.privacy.disclosure.collecting import Gathered, gather
from desk_app.privacy.disclosure.grounds import check_ground, grounds
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
from desk_app.privacy.disclosure.requested import Requested
from desk_app.privacy.disclosure.rules import (
    NOT_TOGETHER,
    PRINTED,
    Confirmed,
    KeyWay,
    Medium,
    PackState,
    Voice,
    Way,
)
from desk_app.purposes.rules import USUAL_PURPOSE, Act
from desk_app.purposes.uses import require_use
from desk_app.recordings import service as recordings
from desk_app.recordings.model import Recording
from desk_app.sealed.opening import open_records
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line
from desk_app.words import Language, Words


@dataclass(frozen=True, slots=True)
class Keys:
    """What the reviewer's keys open, by version: `Desk.recordings.identities`,
    `Desk.attachment_identities`, `Desk.sealed_identities`."""

    recordings: Mapping[int, str] = field(default_factory=dict, repr=False)
    attachments: Mapping[int, str] = field(default_factory=dict, repr=False)
    sealed: Mapping[int, str] = field(default_factory=dict, repr=False)


NO_KEYS = Keys()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reviewer removes or puts back. ``field`` is a column of the item, empty for all of
    it, ``file`` for its bytes, ``sound`` for a piece of them in ms; ``mark`` is the field's, by
    `Review.mark`."""

    item: str
    field: str
    removed: bool
    ground: str
    begins: int | None = None
    ends: int | None = None
    voice: Voice | None = None
    mark: str = ""


@needs(Permission.DECIDE_REQUESTS)
def open_review(
    actor: Actor, work: UnitOfWork, /, request_id: int, *, keys: Keys = NO_KEYS
) -> Review:
    """Everything that is held about the customer of a verified request, with what is removed.

    `Refused` for a request that isn't answered with a disclosure or isn't verified.
    """
    request = requests.requested(work, request_id)
    found = _of_request(work, request_id)
    if found is None:
        found = Disclosure(
            request_id=request_id,
            customer_id=request.customer_id,
            state=PackState.REVIEWING.value,
            salt=secrets.token_hex(16),
            begun_at=work.now,
            begun_by=actor.user_id,
        )
        work.session.add(found)
        work.session.flush()
    if found.customer_id != request.customer_id:
        raise Refused("disclosure.other_customer")
    gathered = _gather(actor, work, request, keys)
    review = _review(work, found, request, gathered)
    _record_reading(actor, work, "disclosure.collected", found, review.items())
    return review


@needs(Permission.DECIDE_REQUESTS)
def choose(
    actor: Actor, work: UnitOfWork, /, disclosure_id: int, wanted: Sequence[Wanted]
) -> tuple[Choice, ...]:
    """Remove things, or put them back, each on a ground of `grounds`; the choices that were made,
    for `Review.after`. A finished review is open again.

    A choice for something that isn't so any more removes it whole, or puts nothing back.
    """
    found = _find(work, disclosure_id)
    if found.state == PackState.DELIVERED.value:
        raise Refused("disclosure.delivered")
    today = office_day(work)
    made = []
    for one in wanted:
        check_ground(one.ground, removes=one.removed, on=today)
        _check_piece(one)
        row = DisclosureChoice(
            disclosure_id=found.id,
            item=one.item,
            field=one.field,
            begins=one.begins,
            ends=one.ends,
            removed=one.removed,
            ground=one.ground,
            voice=(one.voice or Voice.BOTH).value if one.field == SOUND else None,
            mark=one.mark,
            chosen_at=work.now,
            chosen_by=actor.user_id,
        )
        work.session.add(row)
        work.session.flush()
        made.append(_choice(row))
    if found.state == PackState.REVIEWED.value:
        found.state = PackState.REVIEWING.value
    record(
        actor,
        work,
        "disclosure.chosen",
        subject=("disclosure", found.id),
        request_id=found.request_id,
        removed=sum(one.removed for one in wanted),
        put_back=sum(not one.removed for one in wanted),
    )
    work.changed("disclosure", found.id)
    return tuple(made)


@needs(Permission.DECIDE_REQUESTS)
def finish_review(
    actor: Actor,
    work: UnitOfWork,
    /,
    disclosure_id: int,
    *,
    seen: Mapping[str, str],
    keys: Keys = NO_KEYS,
) -> None:
    """Release what was looked through; ``seen`` are the marks of what was (`Review.seen`).

    `Refused` while a recording or an attachment waits for the decision whether it is given out
    (``disclosure.undecided``), and if something has come since (``disclosure.changed``).
    """
    found = _find(work, disclosure_id)
    if found.state == PackState.DELIVERED.value:
        raise Refused("disclosure.delivered")
    request = requests.requested(work, found.request_id)
    gathered = _gather(actor, work, request, keys)
    items = _review(work, found, request, gathered).items()
    if {item.key: item_mark(found.salt, item) for item in gathered.items} != dict(seen):
        raise Refused("disclosure.changed")
    _check_opened(items)
    undecided = sum(item.is_undecided for item in items)
    if undecided:
        raise Refused("disclosure.undecided", count=undecided)
    found.marks = {item.key: item_mark(found.salt, item) for item in gathered.items}
    found.state = PackState.REVIEWED.value
    found.reviewed_at, found.reviewed_by = work.now, actor.user_id
    _record_reading(actor, work, "disclosure.reviewed", found, items)
    work.changed("disclosure", found.id)


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
    that is no age recipient; without a medium. Not permitted without the keys of what is asked.
    """
    if not media:
        raise Refused("disclosure.no_medium")
    if recipient is not None and not age.is_recipient(recipient):
        raise Refused("disclosure.not_a_recipient")
    found = _find(work, disclosure_id)
    if found.state == PackState.REVIEWING.value or found.reviewed_at is None:
        raise Refused("disclosure.not_reviewed")
    request = requests.requested(work, found.request_id)
    if found.state != PackState.DELIVERED.value:
        requests.check_executable(work, request)
    gathered = _gather(actor, work, request, keys)
    items = _review(work, found, request, gathered).items()
    _check_opened(items)
    if any(item.is_new for item in items) or len(items) != len(found.marks):
        raise Refused("disclosure.changed")
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
    names = {one.item: one.name for one in sounds} | {one.item: one.name for one in copies}
    rendered = rendering.items(items, names)
    _record_reading(
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
    found = _find(work, disclosure_id)
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

    The passphrase goes another way than the file (``disclosure.same_way``). A pack goes no more
    once something of it was decided otherwise (``disclosure.pack_overtaken``). Handing it over
    again is entered again, and the request stays as it is.
    """
    pack = work.session.get(DisclosurePack, pack_id)
    if pack is None:
        raise Refused("disclosure.no_pack")
    found = _find(work, pack.disclosure_id)
    whom = line(to_whom, field="to_whom")
    if not whom:
        raise Refused("disclosure.to_whom_missing")
    if not found.begun_at <= delivered_at <= work.now + timedelta(minutes=1):
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
        """Texts are opened at once: whom they speak of is looked up like in all other texts."""
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
            made.append(FileOrder(item.key, name, ticket))
            if ticket.kind is FileKind.TEXT:
                texts[item.key] = self._text_of(ticket)
        if not texts:
            return tuple(made)
        finder = finder_of(self._work, roots, list(texts.values()))
        return tuple(
            replace(one, text=rendering.text(text, finder.cuts(text)).encode())
            if (text := texts.get(one.item)) is not None
            else one
            for one in made
        )

    def _text_of(self, ticket: AttachmentTicket) -> str:
        parts = sealed_parts(self._actor, self._work, ticket)
        content = text_of(unseal(ticket.header, parts, ticket.digest, [ticket.identity]))
        if content is None:
            raise Fault("attachments.changed")
        return content


def _gather(actor: Actor, work: UnitOfWork, request: Requested, keys: Keys) -> Gathered:
    """What is held, for as far as the request goes; sealed records are opened for whoever holds
    their key."""
    require_use(
        work,
        customer_id=request.customer_id,
        purpose=USUAL_PURPOSE,
        act=Act.VIEW,
        case_id=request.case_id,
        asked_at=request.received_at,
    )

    def unsealed(ids: list[int]) -> Mapping[int, str]:
        opened = open_records(actor, work, ids, purpose=USUAL_PURPOSE.value, identities=keys.sealed)
        return {one.row.record_id: one.text for one in opened}

    gathered = gather(
        work,
        request.customer_id,
        without_case=request.case_id,
        unseal=unsealed if keys.sealed else None,
    )
    return gathered.only(request.sections)


def _choice(one: DisclosureChoice) -> Choice:
    return Choice(
        id=one.id,
        item=one.item,
        field=one.field,
        begins=one.begins,
        ends=one.ends,
        removed=one.removed,
        ground=one.ground,
        voice=Voice(one.voice) if one.voice else None,
        mark=one.mark,
    )


def _check_piece(wanted: Wanted) -> None:
    begins, ends = wanted.begins, wanted.ends
    if wanted.field == SOUND and begins is None:
        raise Refused("disclosure.wrong_piece")
    if (begins is None) != (ends is None):
        raise Refused("disclosure.wrong_piece")
    if begins is not None and ends is not None and not 0 <= begins < ends:
        raise Refused("disclosure.wrong_piece")


def _check_opened(items: Sequence[Item]) -> None:
    """Nobody gives out less than is held because they may not open it."""
    unopened = sum(item.is_unopened for item in items)
    if unopened:
        raise NotPermitted("disclosure.sealed_unopened", count=unopened)


def _review(work: UnitOfWork, found: Disclosure, request: Requested, gathered: Gathered) -> Review:
    rows = work.session.scalars(
        select(DisclosureChoice)
        .where(DisclosureChoice.disclosure_id == found.id)
        .order_by(DisclosureChoice.id)
    )
    return Review(
        disclosure_id=found.id,
        request_id=found.request_id,
        case_id=request.case_id,
        customer_id=found.customer_id,
        state=PackState(found.state),
        language=request.language,
        medium=request.medium,
        is_executable=request.is_executable,
        collected=gathered.items,
        choices=tuple(_choice(one) for one in rows),
        salt=found.salt,
        marks=found.marks if found.reviewed_at is not None else None,
    )


def _record_reading(
    actor: Actor,
    work: UnitOfWork,
    action: str,
    found: Disclosure,
    items: Sequence[Item],
    **more: object,
) -> None:
    """Ids and counts of what was read."""
    counted = {f"in_{one.value}": sum(item.section is one for item in items) for one in Section}
    record(
        actor,
        work,
        action,
        subject=("disclosure", found.id),
        purpose=USUAL_PURPOSE.value,
        request_id=found.request_id,
        customer_id=found.customer_id,
        items=len(items),
        removed=sum(item.removed_count for item in items),
        **{name: count for name, count in counted.items() if count},
        **more,
    )


def _is_overtaken(work: UnitOfWork, pack: DisclosurePack, delivered_at: datetime) -> bool:
    """Whether something was removed or put back after the pack was made and before it went."""
    later = select(DisclosureChoice.id).where(
        DisclosureChoice.disclosure_id == pack.disclosure_id,
        DisclosureChoice.chosen_at > pack.made_at,
        DisclosureChoice.chosen_at <= delivered_at,
    )
    return work.session.scalar(later.limit(1)) is not None


def _of_request(work: UnitOfWork, request_id: int) -> Disclosure | None:
    return work.session.scalar(
        select(Disclosure).where(Disclosure.request_id == request_id).with_for_update()
    )


def _find(work: UnitOfWork, disclosure_id: int) -> Disclosure:
    found = work.session.scalar(
        select(Disclosure).where(Disclosure.id == disclosure_id).with_for_update()
    )
    if found is None:
        raise Refused("disclosure.not_found")
    return found
