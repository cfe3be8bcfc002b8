"""Finding a contact to act on, and whose it is. Not a use case."""

from sqlalchemy import bindparam, select

from desk_app.calls.model import Call, Contact
from desk_app.calls.rules import Act, ContactState, after
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Role, authority
from desk_app.storage.unit_of_work import UnitOfWork

_LOCKED = select(Contact).where(Contact.id == bindparam("id")).with_for_update(of=Contact)


def own_contact(actor: Actor, work: UnitOfWork, contact_id: int) -> Contact:
    """The contact, if the actor took it; a supervisor may go on with anybody's.

    The row is locked where the engine locks rows, so that a save that is sent twice waits.
    """
    contact = work.session.scalar(_LOCKED, {"id": contact_id})
    if contact is None:
        raise Refused("calls.not_found")
    if contact.operator_id != actor.user_id and (
        Role.SUPERVISOR not in authority(actor, work).roles
    ):
        raise NotPermitted("calls.not_yours")
    return contact


def own_call(actor: Actor, work: UnitOfWork, contact_id: int, act: Act) -> tuple[Contact, Call]:
    """The contact and its call; the contact is moved on as the table of acts says."""
    contact = own_contact(actor, work, contact_id)
    if contact.call is None:
        raise Refused("calls.not_a_call")
    contact.state = after(ContactState(contact.state), act).value
    return contact, contact.call
