"""Where the answer to a request stands: what was made and how it went, never what is in it."""

from sqlalchemy import select

from desk_app.calls.reading import staff_names
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.disclosure import requested
from desk_app.privacy.disclosure.model import Disclosure, DisclosureDelivery, DisclosurePack
from desk_app.privacy.disclosure.pages import DeliveryRow, PackRow, Standing, ToAnswer
from desk_app.privacy.disclosure.rules import Medium, PackState
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.HANDLE_REQUESTS)
def standing(actor: Actor, work: UnitOfWork, /, request_id: int) -> Standing:
    """Where it stands. To whom it went is told to whoever handles requests, under the entry of the
    request's opening."""
    found = work.session.scalar(select(Disclosure).where(Disclosure.request_id == request_id))
    if found is None:
        return Standing(request_id, None, PackState.REVIEWING, None, None, (), ())
    names = staff_names(actor, work)
    packs = work.session.scalars(
        select(DisclosurePack)
        .where(DisclosurePack.disclosure_id == found.id)
        .order_by(DisclosurePack.id)
    )
    deliveries = work.session.scalars(
        select(DisclosureDelivery)
        .where(DisclosureDelivery.disclosure_id == found.id)
        .order_by(DisclosureDelivery.id)
    )
    return Standing(
        request_id=request_id,
        disclosure_id=found.id,
        state=PackState(found.state),
        reviewed_at=found.reviewed_at,
        reviewed_by=names[found.reviewed_by] if found.reviewed_by else None,
        packs=tuple(
            PackRow(
                id=one.id,
                made_at=one.made_at,
                made_by=names[one.made_by],
                media=tuple(Medium(medium) for medium in one.media),
                digest=one.digest,
                size_bytes=one.size_bytes,
                with_passphrase=one.with_passphrase,
                printed=one.printed,
            )
            for one in packs
        ),
        deliveries=tuple(
            DeliveryRow(
                at=one.delivered_at,
                by=names[one.entered_by],
                pack_id=one.pack_id,
                way=one.way,
                key_way=one.key_way,
                confirmed=one.confirmed,
                to_whom=one.to_whom,
            )
            for one in deliveries
        ),
    )


@needs(Permission.DECIDE_REQUESTS)
def to_answer(actor: Actor, work: UnitOfWork, /) -> tuple[ToAnswer, ...]:
    """The verified requests that are answered with a disclosure, and where each answer stands."""
    requests = requested.to_answer(work)
    states = dict(
        work.session.execute(
            select(Disclosure.request_id, Disclosure.state).where(
                Disclosure.request_id.in_([request.id for request, _ in requests])
            )
        ).all()
    )
    return tuple(
        ToAnswer(
            request_id=request.id,
            case_number=number or "",
            kind=request.kind,
            received_at=request.received_at,
            request_state=request.state,
            state=PackState(states[request.id]) if request.id in states else None,
        )
        for request, number in requests
    )
