"""What reviewing and handing out share: a disclosure found, collected anew, laid under the choices,
entered in the log. Not a use case: who acts has been checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor
from desk_app.privacy.data_map.rules import Section
from desk_app.privacy.disclosure.choices import (
    Choice,
    Review,
)
from desk_app.privacy.disclosure.collecting import Gathered, gather
from desk_app.privacy.disclosure.model import (
    Disclosure,
    DisclosureChoice,
)
from desk_app.privacy.disclosure.pages import Item
from desk_app.privacy.disclosure.requested import Requested
from desk_app.privacy.disclosure.rules import (
    PackState,
    Voice,
)
from desk_app.privacy.disclosure.texts import texts_among
from desk_app.purposes.rules import USUAL_PURPOSE, Act
from desk_app.purposes.uses import require_use
from desk_app.sealed.opening import open_records
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Keys:
    """What the reviewer's keys open, by version: `Desk.recordings.identities`,
    `Desk.attachment_identities`, `Desk.sealed_identities`."""

    recordings: Mapping[int, str] = field(default_factory=dict, repr=False)
    attachments: Mapping[int, str] = field(default_factory=dict, repr=False)
    sealed: Mapping[int, str] = field(default_factory=dict, repr=False)


NO_KEYS = Keys()


def find(work: UnitOfWork, disclosure_id: int) -> Disclosure:
    found = work.session.scalar(
        select(Disclosure).where(Disclosure.id == disclosure_id).with_for_update()
    )
    if found is None:
        raise Refused("disclosure.not_found")
    return found


def gather_for(actor: Actor, work: UnitOfWork, request: Requested, keys: Keys) -> Gathered:
    """What is held, for as far as the request goes; sealed records and
    texts that were attached are opened for whoever holds their key."""
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

    def contents(ids: list[int]) -> Mapping[int, str]:
        return texts_among(actor, work, ids, request_id=request.request_id, keys=keys.attachments)

    gathered = gather(
        work,
        request.customer_id,
        without_case=request.case_id,
        unseal=unsealed if keys.sealed else None,
        contents=contents if keys.attachments else None,
    )
    return gathered.only(request.sections)


def review_of(
    work: UnitOfWork, found: Disclosure, request: Requested, gathered: Gathered
) -> Review:
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
        choices=tuple(choice_of(one) for one in rows),
        salt=found.salt,
        marks=found.marks if found.reviewed_at is not None else None,
    )


def choice_of(one: DisclosureChoice) -> Choice:
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


def check_opened(items: Sequence[Item]) -> None:
    """Nobody gives out less than is held because they may not open it."""
    unopened = sum(item.is_unopened for item in items)
    if unopened:
        raise NotPermitted("disclosure.sealed_unopened", count=unopened)


def record_reading(
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
