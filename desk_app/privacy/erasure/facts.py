"""What a certificate says, gathered from the database once every step is done."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from desk_app.audit.heads import end_of_log
from desk_app.backup.registry import office_id
from desk_app.privacy.erasure import asked
from desk_app.privacy.erasure.certificate import NotProven, Proven, instant
from desk_app.privacy.erasure.model import Erasure, ErasureDesk, ErasureStep
from desk_app.privacy.erasure.rules import Step
from desk_app.storage.model import StoredCopy
from desk_app.storage.unit_of_work import UnitOfWork


def facts(work: UnitOfWork, erasure: Erasure) -> dict[str, Any]:
    """Everything but who signs. Ids, counts, instants and tokens only."""
    steps = {
        Step(row.step): row
        for row in work.session.scalars(
            select(ErasureStep).where(ErasureStep.erasure_id == erasure.id)
        )
    }
    desks = work.session.scalars(
        select(ErasureDesk)
        .where(ErasureDesk.erasure_id == erasure.id)
        .order_by(ErasureDesk.desk_id)
    ).all()
    assert erasure.erased_at is not None  # noqa: S101 -- its steps are done
    copies = copies_before(work, steps[Step.PAGES].done_at)  # until then free pages held it
    rows = dict(steps[Step.ROWS].particulars)
    exports, originals = rows.pop("handed_out"), rows.pop("originals", [])
    seq, head = end_of_log(work)
    proof = steps[Step.PROOF].particulars
    proven, not_proven = _claims(work, erasure, steps, desks, bool(copies), bool(exports))
    if originals:
        not_proven.add(NotProven.ORIGINALS.value)
    return {
        "office": office_id(work),
        "erasure": erasure.id,
        "origin": erasure.origin,
        "request": erasure.request_id,
        "roots": erasure.roots,
        "asked": [erasure.asked_by, instant(erasure.asked_at)],
        "approved": [erasure.approved_by, _said(erasure.approved_at)],
        "erased_at": instant(erasure.erased_at),
        "certified_at": instant(work.now),
        "rows": rows,
        "steps": [[step.value, instant(steps[step].done_at)] for step in Step],
        "desks": [
            [one.desk_id, _said(one.done_at), one.removed, _said(one.given_up_at)] for one in desks
        ],
        "tombstones": erasure.tombstones,
        "control": steps[Step.FOUND].particulars,
        "pages": steps[Step.PAGES].particulars,
        "proof": proof,
        "proven": sorted(proven),
        "not_proven": sorted(not_proven),
        "copies": [[one.id, one.kind, instant(one.expires_at)] for one in copies],
        "last_expiry": max((instant(one.expires_at) for one in copies), default=None),
        "exports": exports,
        "originals": originals,
        "log": [seq, head],
    }


def copies_before(work: UnitOfWork, at: datetime) -> list[StoredCopy]:
    """The registered copies of the office that were made before, and aren't removed yet."""
    return list(
        work.session.scalars(
            select(StoredCopy)
            .where(StoredCopy.removed_at.is_(None), StoredCopy.made_at <= at)
            .order_by(StoredCopy.id)
        )
    )


def _claims(
    work: UnitOfWork,
    erasure: Erasure,
    steps: dict[Step, ErasureStep],
    desks: Any,
    has_copies: bool,
    has_exports: bool,
) -> tuple[set[str], set[str]]:
    pages, proof = steps[Step.PAGES].particulars, steps[Step.PROOF].particulars
    proven = {Proven.ROWS, Proven.STORES, Proven.LISTS}
    if proof.get("search") == 0:
        proven.add(Proven.SEARCH)
    not_proven = {NotProven.DISK_REMNANTS}
    if all(one.given_up_at is None for one in desks):
        proven.add(Proven.DESKS)
    else:
        not_proven.add(NotProven.GIVEN_UP_DESKS)
    if pages.get("engine") == "file":
        if proof.get("pages") == 0:
            proven.add(Proven.PAGES)
    else:
        not_proven |= {NotProven.SERVER_FILES, NotProven.SERVER_LOG}
        if pages.get("rewritten"):
            proven.add(Proven.REWRITTEN)
    if proof.get("looked_for", 0) < proof.get("values", 0):
        not_proven.add(NotProven.SHORT_VALUES)
    if proof.get("elsewhere"):
        not_proven.add(NotProven.SHARED_VALUES)
    if has_copies:
        not_proven.add(NotProven.COPIES)
    if has_exports:
        not_proven.add(NotProven.EXPORTS)
    if steps[Step.ROWS].particulars.get("kept"):
        not_proven.add(NotProven.KEPT_BY_LAW)
    if erasure.request_id is not None and asked.case_of(work, erasure.request_id):
        not_proven.add(NotProven.REQUEST)
    return {one.value for one in proven}, {one.value for one in not_proven}


def _said(at: datetime | None) -> str | None:
    return None if at is None else instant(at)
