"""Keys that a desk passes on after somebody came, changed or left, and the renewed database key.

The first desk that can does it, after the commit that makes it due; what is cut off is done by the
next sign-in of somebody who can.
"""

from sqlalchemy import Engine

from desk_app.audit.log import record
from desk_app.cases.attachments import keys as attachment_keys
from desk_app.desk.holder import Holder
from desk_app.desk.others import Others
from desk_app.errors import DeskError
from desk_app.people.custody import finish_escrow as finish
from desk_app.people.custody import hand_on_owner, holders_of, reconcile, take_back_lapsed
from desk_app.people.settings import RECOVERY_RECIPIENT, REKEY_DUE, set_setting, setting
from desk_app.recordings.rotation.versions import drop_unborn, enter_foreign
from desk_app.sealed import keys as sealed_keys
from desk_app.storage.unit_of_work import UnitOfWork


def take_stock(holder: Holder, work: UnitOfWork) -> bool:
    """In the transaction of a sign-in: finish what others left, take back what has lapsed, hand
    on what this person holds. Returns whether they hold a key for recordings that no row knows.
    """
    actor, keyring, keys = holder.actor, holder.office.keyring, holder.keys
    reconcile(work, keyring)
    take_back_lapsed(work, keyring)
    drop_unborn(work, keyring)
    hand_on_owner(actor, work, keyring, keys)
    finish(actor, work, holder.custody)
    attachment_keys.hand_on_key(actor, work, keyring, keys)
    attachment_keys.readdress_some(actor, work, keyring, keys)
    sealed_keys.hand_on_key(actor, work, keyring, keys)
    sealed_keys.readdress_some(actor, work, keyring, keys)
    return enter_foreign(actor, work, keys.recordings)


def take_back(holder: Holder) -> None:
    """After an appointment has begun or ended by itself: what was granted with it is taken back,
    what comes with it is given, as far as this person can; the rest is left to the next who can."""
    if holder.is_locked:
        return
    with holder.work() as work:
        reconcile(work, holder.office.keyring)
        take_back_lapsed(work, holder.office.keyring)
        work.commit()
    hand_on_keys(holder)
    holder.take_up_new_keys()


def finish_escrow(holder: Holder) -> None:
    """After the recovery key or the key for recordings has changed."""
    with holder.work() as work:
        finish(holder.actor, work, holder.custody)
        work.commit()


def hand_on_keys(holder: Holder) -> None:
    """The keys of attachments and of sealed records: after somebody's account, role or appointment
    has changed, or the recovery key."""
    if holder.is_locked:
        return  # left to the next sign-in
    with holder.work() as work:
        attachment_keys.hand_on_key(holder.actor, work, holder.office.keyring, holder.keys)
        sealed_keys.hand_on_key(holder.actor, work, holder.office.keyring, holder.keys)
        work.commit()


def renew_key_if_due(holder: Holder, others: Others) -> None:
    """Change what opens the database if somebody left who may still know it; everybody at this
    desk takes up what is new. What fails of it is raised once the database is open again."""
    office, place = holder.office, holder.office.place
    if not holder.keys.holds(place.renews):
        return  # left to the next who does
    with holder.work(reading=True) as work:
        if setting(work, REKEY_DUE) is None:
            return
        recipients = holders_of(work, office.keyring, place.renews)
        recovery_recipient = setting(work, RECOVERY_RECIPIENT) or ""

    failures: list[DeskError] = []

    def renew() -> Engine:
        try:
            place.renew_key(
                holder.keys, recipients=recipients, recovery_recipient=recovery_recipient
            )
        except DeskError as error:  # the desk goes on; the next sign-in tries again
            failures.append(error)
        for each in {holder, *(desk.holder for desk in office.desks)}:
            each.take_up_new_keys()
        return office.place.open(holder.keys)

    holder.store.exchange(renew)
    others.listen()
    for failure in failures:
        raise failure
    with holder.work() as work:
        set_setting(work, REKEY_DUE, None)
        record(holder.actor, work, "people.database_rekeyed", recipients=len(recipients))
        work.commit()
