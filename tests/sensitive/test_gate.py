"""Nothing that must not be kept is stored, whichever use case brings it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.calls.endings import NewCase
from desk_app.calls.form import ContactForm, InquiryForm, NewCustomer
from desk_app.calls.model import Contact, Inquiry
from desk_app.calls.rules import Disposition
from desk_app.cases import service as cases
from desk_app.cases.linking import service as linking
from desk_app.cases.linking.rules import LinkKind
from desk_app.cases.model import Case, TimelineEntry
from desk_app.cases.rules import Resolution
from desk_app.cases.tasks import service as tasks
from desk_app.customers.rules import PersonalField
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.recordings.model import Recording, RecordingPlayed
from desk_app.schema import metadata
from desk_app.sealed.deciding import decided, decision
from desk_app.sealed.model import SealedRecord
from desk_app.search.pages import Query
from desk_app.search.saved import service as filters
from desk_app.sensitive.decisions import Decisions, Verdict, found_in
from desk_app.sensitive.gate import LOOKED_AT_TOO, NOT_LOOKED_AT
from desk_app.sensitive.placeholders import cut, uids_in, with_said
from desk_app.sensitive.rules import Kind, detect
from desk_app.storage.unit_of_work import UnitOfWork
from tests.conftest import OpenWork
from tests.day import OfficeDay

CARD = "4111 1111 1111 1111"
TOLD = f"カードは{CARD}、糖尿病です"


def case_of(day: OfficeDay, text: str = "刃が欠けた", **named: Any) -> int:
    contact_id = day.ring()
    day.hang_up(contact_id)
    form = ContactForm(
        inquiries=(InquiryForm(text=text, **named),), disposition=Disposition.FOLLOW_UP
    )
    saved = day.perform(day.operator, cases.save_contact, contact_id, form, NewCase())
    assert saved.case_id is not None
    return int(saved.case_id)


def version(day: OfficeDay, case_id: int) -> int:
    with day.work(reading=True) as w:
        return int(w.session.get_one(Case, case_id).version)


def note(day: OfficeDay, case_id: int, text: str) -> None:
    day.perform(day.operator, cases.add_note, case_id, version(day, case_id), text=text)


WAYS: dict[str, Callable[[OfficeDay, int, str], object]] = {
    "a contact": lambda day, _, text: case_of(day, text),
    "an answer": lambda day, _, text: case_of(day, answer=text),
    "a symptom": lambda day, _, text: case_of(day, symptom=text),
    "a note": note,
    "a reason": lambda day, case, text: day.perform(
        day.operator, cases.wait_for_customer, case, version(day, case), reason=text
    ),
    "a resolution": lambda day, case, text: day.perform(
        day.operator,
        cases.resolve,
        case,
        version(day, case),
        resolution=Resolution.ANSWERED,
        text=text,
    ),
    "a task": lambda day, case, text: day.perform(
        day.operator,
        tasks.give_task,
        case,
        what=text,
        due_at=day.clock.now() + timedelta(hours=4),
        assignee_id=day.operator.user_id,
    ),
    "a link": lambda day, case, text: day.perform(
        day.operator, linking.link, case, other_id=case_of(day), kind=LinkKind.RELATED, reason=text
    ),
}


def test_no_way_leads_around_it(day: OfficeDay) -> None:
    case_id = case_of(day)
    for name, way in WAYS.items():
        with pytest.raises(Refused) as refused:
            way(day, case_id, TOLD)
        assert refused.value.code == "sensitive.removal_only", name
        with pytest.raises(Refused) as refused:
            way(day, case_id, "糖尿病です")
        assert refused.value.code == "sensitive.undecided", name
    with day.work(reading=True) as w:
        texts = [
            *w.session.scalars(select(Inquiry.text)),
            *w.session.scalars(select(TimelineEntry.text)),
        ]
    assert not any("糖尿病" in text or CARD in text for text in texts)


def test_a_name_is_looked_at_and_a_telephone_number_is_none_of_it(day: OfficeDay) -> None:
    contact_id = day.ring()
    day.hang_up(contact_id)
    form = ContactForm(
        inquiries=(InquiryForm(text="柄", product="4901234567894", lot="123456789018"),),
        callback_number=PersonalField.of("+81 90 1234 5678"),
        caller_name=PersonalField.of(CARD),
        disposition=Disposition.FOLLOW_UP,
    )
    with pytest.raises(Refused, match="removal_only"):
        day.perform(day.operator, cases.save_contact, contact_id, form, NewCase())


def test_a_filter_keeps_no_card_number_that_is_looked_for(day: OfficeDay) -> None:
    query = Query(text=CARD)
    with pytest.raises(Refused, match="removal_only"):
        day.perform(day.operator, filters.save_filter, name="x", query=query)
    (found,) = found_in({"name": "x", "query": query})
    made = Decisions((decision(found, Verdict.REMOVE),))
    day.perform(day.operator, decided(filters.save_filter, made), name="x", query=query)


def test_a_telephone_number_of_twelve_digits_is_none_of_it_wherever_it_is_kept(
    day: OfficeDay,
) -> None:
    number = "493012345670"  # as My Number is made
    assert detect(number)[0].kind is Kind.MY_NUMBER
    form = ContactForm(
        caller_name=PersonalField.of("Meier"),
        callback_number=PersonalField.of(number),
        customer=NewCustomer(PersonalField.of("Meier"), PersonalField.of("マイヤー")),
        inquiries=(InquiryForm(text="柄"),),
        disposition=Disposition.FOLLOW_UP,
    )
    assert found_in(form) == ()
    day.new_case(form)


def test_what_is_sealed_of_a_reason_belongs_to_the_contact(day: OfficeDay, work: OpenWork) -> None:
    """Nothing else changes when a recording is opened: its reason is kept all the same."""
    case_of(day)
    made = decide({"糖尿病": Verdict.SEAL}, {"reason": "糖尿病"})

    def play(actor: Actor, w: UnitOfWork, /, *, reason: str) -> None:
        contact_id = w.session.scalars(select(Contact.id)).one()
        recording = Recording(
            uid="0" * 32,
            contact_id=contact_id,
            part=1,
            state="sealed",
            key_version=1,
            started_at=w.now,
            desk_id="d",
        )
        w.session.add(recording)
        w.session.flush()
        w.session.add(
            RecordingPlayed(
                recording_id=recording.id,
                user_id=actor.user_id,
                at=w.now,
                use="accurate_receipt",
                purpose="G",
                reason=reason,
            )
        )

    day.perform(day.operator, decided(play, made), reason="糖尿病")
    with work(reading=True) as w:
        (sealed,) = w.session.scalars(select(SealedRecord)).all()
        assert sealed.contact_id == w.session.scalars(select(Contact.id)).one()
        assert w.session.scalars(select(RecordingPlayed.reason)).one() == f"⟦{sealed.uid}⟧"


def decide(verdicts: dict[str, Verdict], *values: object) -> Decisions:
    return Decisions(tuple(decision(one, verdicts[one.wording]) for one in found_in(*values)))


def test_what_is_marked_is_sealed_and_its_text_has_a_placeholder(
    day: OfficeDay, work: OpenWork
) -> None:
    case_id = case_of(day)
    made = decide({CARD: Verdict.REMOVE, "糖尿病": Verdict.SEAL}, {"text": TOLD})
    version_before = version(day, case_id)
    day.perform(day.operator, decided(cases.add_note, made), case_id, version_before, text=TOLD)
    with work(reading=True) as w:
        told = w.session.scalars(select(TimelineEntry.text).order_by(TimelineEntry.id)).all()[-1]
        (sealed,) = w.session.scalars(select(SealedRecord)).all()
        (entry,) = w.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "sensitive.decided")
        ).all()
        assert with_said(told, "…") == "カードは、…です"
        assert uids_in(told) == (sealed.uid,)
        assert (sealed.case_id, sealed.kind, sealed.made_by) == (
            case_id,
            "medical",
            day.operator.user_id,
        )
        assert entry.particulars == {"removed": 1, "sealed": 1, "dismissed": 0}


def test_what_was_dismissed_stays_and_may_be_told_again(day: OfficeDay) -> None:
    text = "糖尿病の本を切る"
    made = decide({"糖尿病": Verdict.DISMISS}, {"text": text})
    case_id = case_of(day)
    day.perform(
        day.operator, decided(cases.add_note, made), case_id, version(day, case_id), text=text
    )
    with pytest.raises(Refused, match="undecided"):
        note(day, case_id, text)


def test_a_repeated_save_seals_once(day: OfficeDay, work: OpenWork) -> None:
    contact_id = day.ring()
    day.hang_up(contact_id)
    form = ContactForm(
        inquiries=(InquiryForm(text="糖尿病なので心配"),), disposition=Disposition.FOLLOW_UP
    )
    made = decide({"糖尿病": Verdict.SEAL}, form)
    for _ in range(2):
        day.perform(day.operator, decided(cases.save_contact, made), contact_id, form, NewCase())
    with work(reading=True) as w:
        (sealed,) = w.session.scalars(select(SealedRecord)).all()
        subject = w.session.scalars(select(Case.subject)).one()
        assert sealed.contact_id == contact_id
        assert subject == f"⟦{sealed.uid}⟧なので心配"


def test_nothing_removal_only_can_be_marked_or_dismissed() -> None:
    (found,) = found_in({"text": CARD})
    for verdict in (Verdict.SEAL, Verdict.DISMISS):
        with pytest.raises(ValueError, match="removal-only"):
            decision(found, verdict)
    (passport,) = found_in({"text": "旅券番号TK1234567"})
    with pytest.raises(ValueError, match="removal-only"):
        decision(passport, Verdict.DISMISS)
    assert CARD not in repr(found)


def test_a_placeholder_is_never_cut_in_two() -> None:
    text = "あ⟦0123456789abcdef⟧い"
    assert [cut(text, at) for at in (1, 2, 10, 18, 19, 20)] == [
        "あ",
        "あ",
        "あ",
        "あ",
        text[:-1],
        text,
    ]


def test_every_column_that_is_named_is_there() -> None:
    known = {f"{t.name}.{c.name}" for t in metadata().sorted_tables for c in t.columns}
    assert set(NOT_LOOKED_AT) | LOOKED_AT_TOO <= known
