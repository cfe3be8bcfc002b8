"""Use cases: a new version of the policy, its approval, and uses that the office names."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select

from desk_app.audit.log import record
from desk_app.audit.runs import runs_of
from desk_app.customers.records import names_of
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.rules import check_approver
from desk_app.people.standing import person_id
from desk_app.purposes.founding import published_policy
from desk_app.purposes.model import Announcement, Consent, NamedUse, PolicyVersion
from desk_app.purposes.policy import rules
from desk_app.purposes.policy.pages import (
    AnnouncementForm,
    Said,
    UncoveredConsent,
    UncoveredList,
    VersionForm,
)
from desk_app.purposes.rules import uncovered
from desk_app.purposes.standing import given_of
from desk_app.purposes.uses import Listed, out_of_sight
from desk_app.purposes.versions import APPROVED, DECLINED, judged, policy
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line
from desk_app.words import LANGUAGES

NAME_LIMIT = 80


@needs(Permission.EDIT_POLICY)
def enter_version(actor: Actor, work: UnitOfWork, /, form: VersionForm) -> int:
    """Enter a version, with what callers will hear; a second person approves it. Its id.

    `Refused` for a day that has passed, and for what isn't said in every language.
    """
    label = line(form.label, field="label")
    rules.check_version(form, today=office_day(work), latest=_latest(work))
    if work.session.scalar(select(PolicyVersion.id).where(PolicyVersion.label == label)):
        raise Refused("purposes.version_label_taken")
    before = _last_approved(work)
    version = PolicyVersion(
        label=label,
        effective_on=form.effective_on,
        entered_at=work.now,
        entered_by=actor.user_id,
        texts=rules.cleaned(form.texts, field="policy_text"),
        changes=rules.cleaned(form.changes, field="policy_changes"),
        purposes=rules.carried_over(
            before.purposes if before else {},
            frozenset(one.value for one in form.purposes),
            published_policy()["purposes"],
        ),
        recipients=sorted(form.recipients),
        widened_purposes=sorted(form.widened_purposes),
        widened_recipients=sorted(form.widened_recipients),
    )
    work.session.add(version)
    work.session.flush()
    given = {one.outbound: one for one in form.announcements}
    for outbound in (False, True):
        _announce(work, version, given.get(outbound), outbound=outbound)
    work.session.flush()
    record(
        actor,
        work,
        "policy.version_entered",
        subject=("policy_version", version.id),
        effective_on=form.effective_on,
        purposes=sorted(form.purposes),
        recipients=sorted(form.recipients),
        widened_purposes=sorted(form.widened_purposes),
        widened_recipients=sorted(form.widened_recipients),
    )
    work.changed("policy", version.id)
    return version.id


@needs(Permission.APPROVE_STEPS)
def approve_version(actor: Actor, work: UnitOfWork, /, version_id: int) -> None:
    """Approve what another person entered; it comes into force on its day.

    `Refused` to who entered it, by whatever account, and once its day has passed.
    """
    version = _undecided(work, version_id)
    if version.entered_by is not None:
        check_approver(
            requester=person_id(work, version.entered_by),
            approver=person_id(work, actor.user_id),
            subject=None,
        )
    if version.effective_on < office_day(work):
        raise Refused("purposes.version_too_late", on=version.effective_on)
    latest = _latest(work)
    if latest is not None and version.effective_on < latest:
        raise Refused("purposes.version_before_another", other=latest)
    _decide(actor, work, version, APPROVED)


@needs(Permission.APPROVE_STEPS)
def decline_version(actor: Actor, work: UnitOfWork, /, version_id: int) -> None:
    """Decline a version, or withdraw one's own; it stays on record and never comes into force."""
    _decide(actor, work, _undecided(work, version_id), DECLINED)


@needs(Permission.EDIT_POLICY)
def name_use(actor: Actor, work: UnitOfWork, /, names: Said) -> int:
    """Name a use outside A–H, so that customers can be asked whether they agree; its id."""
    rules.check_said(names, "purposes.use_needs_name")
    said = {one: line(names[one], field="name") for one in LANGUAGES}
    if any(len(one) > NAME_LIMIT for one in said.values()):
        raise Refused("purposes.use_name_too_long", limit=NAME_LIMIT)
    row = NamedUse(names=said, entered_at=work.now, entered_by=actor.user_id)
    work.session.add(row)
    work.session.flush()
    record(actor, work, "policy.use_named", subject=("named_use", row.id))
    work.changed("policy", row.id)
    return row.id


@needs(Permission.EDIT_POLICY)
def end_named_use(actor: Actor, work: UnitOfWork, /, named_use_id: int) -> None:
    """Nothing is used for this any more, whoever agreed to it."""
    row = work.session.get(NamedUse, named_use_id)
    if row is None or row.ended_at is not None:
        raise Refused("purposes.no_such_use")
    row.ended_at = work.now
    work.session.flush()
    record(actor, work, "policy.use_ended", subject=("named_use", row.id))
    work.changed("policy", row.id)


@needs(Permission.RECORD_CONSENTS)
def list_uncovered(actor: Actor, work: UnitOfWork, /, version_id: int) -> UncoveredList:
    """Whose consents no longer cover their use under this version, also before it is in force;
    audited, because it names people."""
    version = work.session.get(PolicyVersion, version_id)
    if version is None:
        raise Refused("purposes.no_such_version")
    versions = [one for one in policy(work) if one.effective_on <= version.effective_on]
    if version.id not in [one.id for one in versions]:
        versions.append(judged(version))
    found = []
    for consent in work.session.scalars(
        select(Consent).where(Consent.withdrawn_at.is_(None)).order_by(Consent.id)
    ):
        given = given_of(consent)
        lost = uncovered(versions, given)
        if not lost.is_empty:
            found.append((consent, given.scope, lost))
    whose = {consent.customer_id for consent, _, _ in found}
    names: Mapping[int, str | None] = names_of(work, whose) | {
        one.customer_id or 0: None for one in out_of_sight(work, map(Listed, whose))
    }
    record(
        actor,
        work,
        "policy.uncovered_listed",
        subject=("policy_version", version.id),
        count=len(found),
        customers=runs_of(consent.customer_id for consent, *_ in found),
    )
    return UncoveredList(
        rows=tuple(
            UncoveredConsent(
                consent_id=consent.id,
                customer_id=consent.customer_id,
                customer=names.get(consent.customer_id, ""),
                scope=scope,
                lost=lost,
                given_at=consent.given_at,
            )
            for consent, scope, lost in found
        ),
        by_purpose=dict(Counter(one for _, _, lost in found for one in lost.purposes)),
        by_recipient=dict(Counter(one for _, _, lost in found for one in lost.recipients)),
    )


def _announce(
    work: UnitOfWork, version: PolicyVersion, form: AnnouncementForm | None, *, outbound: bool
) -> None:
    """The version's announcement: the one that was given, or the last one again."""
    last = work.session.scalar(
        select(Announcement)
        .join(PolicyVersion)
        .where(Announcement.outbound == outbound, PolicyVersion.decision == APPROVED)
        .order_by(Announcement.effective_on.desc(), Announcement.id.desc())
        .limit(1)
    )
    if form is None and last is None:
        return
    direction = "outbound" if outbound else "inbound"
    number = 1 + (
        work.session.scalar(
            select(func.count()).select_from(Announcement).where(Announcement.outbound == outbound)
        )
        or 0
    )
    work.session.add(
        Announcement(
            policy_version_id=version.id,
            label=f"{direction}-{number}",
            scripts=(
                rules.cleaned(form.scripts, field="announcement")
                if form is not None
                else dict(last.scripts if last is not None else {})
            ),
            uses=sorted(form.uses) if form is not None else list(last.uses if last else []),
            outbound=outbound,
            effective_on=version.effective_on,
        )
    )


def _undecided(work: UnitOfWork, version_id: int) -> PolicyVersion:
    version = work.session.get(PolicyVersion, version_id, with_for_update=True)
    if version is None:
        raise Refused("purposes.no_such_version")
    if version.decision is not None:
        raise Refused("purposes.version_decided")
    return version


def _decide(actor: Actor, work: UnitOfWork, version: PolicyVersion, decision: str) -> None:
    version.decision, version.decided_at, version.decided_by = decision, work.now, actor.user_id
    work.session.flush()
    work.remembered.pop("policy", None)
    record(actor, work, f"policy.version_{decision}", subject=("policy_version", version.id))
    work.changed("policy", version.id)


def _last_approved(work: UnitOfWork) -> PolicyVersion | None:
    return work.session.scalar(
        select(PolicyVersion)
        .where(PolicyVersion.decision == APPROVED)
        .order_by(PolicyVersion.effective_on.desc(), PolicyVersion.id.desc())
        .limit(1)
    )


def _latest(work: UnitOfWork) -> date | None:
    last = _last_approved(work)
    return last.effective_on if last else None
