"""The versions of the policy as its tab shows them. No personal data of customers."""

from collections import defaultdict

from sqlalchemy import select

from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, authority, needs
from desk_app.people.standing import person_id
from desk_app.people.views import colleagues
from desk_app.purposes.model import Announcement, PolicyVersion
from desk_app.purposes.policy.pages import AnnouncementRow, VersionRow
from desk_app.purposes.policy.rules import state_of
from desk_app.purposes.rules import Purpose, RecipientKind
from desk_app.purposes.versions import known, policy
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_REGISTERS)
def versions(actor: Actor, work: UnitOfWork, /) -> tuple[VersionRow, ...]:
    """All versions, the latest first, with their announcements."""
    announced = defaultdict(list)
    for one in work.session.scalars(select(Announcement).order_by(Announcement.id)):
        announced[one.policy_version_id].append(
            AnnouncementRow(one.id, one.label, one.outbound, dict(one.scripts), tuple(one.uses))
        )
    names = {int(one.user_id): one.name for one in colleagues(actor, work)}
    in_force = [one.id for one in policy(work)]
    on = office_day(work)
    may_approve = authority(actor, work).allows(Permission.APPROVE_STEPS)
    own = person_id(work, actor.user_id)
    rows = work.session.scalars(
        select(PolicyVersion).order_by(PolicyVersion.effective_on.desc(), PolicyVersion.id.desc())
    )
    return tuple(
        VersionRow(
            id=row.id,
            label=row.label,
            effective_on=row.effective_on,
            state=state_of(
                row.decision, row.effective_on, today=on, is_current=in_force[-1:] == [row.id]
            ),
            texts=dict(row.texts),
            changes=dict(row.changes),
            purposes=dict(row.purposes),
            recipients=known(RecipientKind, row.recipients),
            widened_purposes=known(Purpose, row.widened_purposes),
            widened_recipients=known(RecipientKind, row.widened_recipients),
            entered_at=row.entered_at,
            entered_by=names[row.entered_by] if row.entered_by else None,
            decided_at=row.decided_at,
            decided_by=names[row.decided_by] if row.decided_by else None,
            may_approve=may_approve
            and row.decision is None
            and (row.entered_by is None or person_id(work, row.entered_by) != own),
            announcements=tuple(announced[row.id]),
        )
        for row in rows
    )
