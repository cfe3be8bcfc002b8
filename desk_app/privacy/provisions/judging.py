"""The verdict on a hand-over, with everything it rests on. Not a use case."""

from dataclasses import replace

from desk_app.hours.calendar import office_day
from desk_app.privacy.provisions import gate
from desk_app.privacy.provisions.law import ground_on, keeping_rule, law_for
from desk_app.privacy.provisions.pages import Judged
from desk_app.privacy.provisions.rules import LegalForm, RecordKind, Wanted, judge
from desk_app.privacy.registers.pages import RecipientRow
from desk_app.privacy.registers.published import Source, in_force, joint_uses
from desk_app.privacy.registers.reading import recipient_row
from desk_app.storage.unit_of_work import UnitOfWork


def judged(work: UnitOfWork, customer_id: int, wanted: Wanted, kind: RecordKind) -> Judged:
    """What a hand-over would be now, and whether it may be; reads no value that would leave."""
    wanted, today = wanted.cleaned(), office_day(work)
    recipient = recipient_row(work, wanted.recipient_id)
    covering = gate.covering(work, customer_id, recipient, wanted)
    law = law_for(recipient, wanted, today)
    if law.ground is not None and _is_held_back(work, customer_id, recipient, wanted):
        covering = replace(covering, provision=None)  # the ground carries it, not the consent
    verdict = judge(recipient, wanted, law, covering, today=today)
    by_law = verdict.form is LegalForm.LEGAL_GROUND
    contract = next((one for one in recipient.contracts if one.id == verdict.contract_id), None)
    source: Source | None = None
    joint, ground = in_force(joint_uses(), today), ground_on(verdict.ground, today)
    if verdict.form is LegalForm.JOINT_USE and joint is not None:
        source = joint.source
    elif ground is not None:
        source = ground.source
    return Judged(
        verdict=verdict,
        source=source,
        contract_number=contract.number if contract else None,
        stopped=gate.stopped(work, customer_id, recipient, wanted),
        by_law=by_law and not gate.stopped(work, customer_id, recipient, wanted, by_law=True),
        keep=keeping_rule(kind, today),
    )


def _is_held_back(
    work: UnitOfWork, customer_id: int, recipient: RecipientRow, wanted: Wanted
) -> bool:
    """Whether the customer stopped this since, whatever they had consented to."""
    if gate.stopped(work, customer_id, recipient, wanted) is not None:
        return True
    return gate.withheld(work, customer_id, case_id=None, asked_at=None) is not None
