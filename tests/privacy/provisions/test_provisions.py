"""Handing over, in the office: what leaves is what was shown, and each leaves its record."""

import csv
import subprocess
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.customers.rules import Answer
from desk_app.errors import NotPermitted, Refused
from desk_app.keys import age
from desk_app.people.access import Role
from desk_app.privacy.provisions import service, views
from desk_app.privacy.provisions.contents import lines_of
from desk_app.privacy.provisions.pages import HandedOver, Line, Records, digest_of
from desk_app.privacy.provisions.rules import (
    Confirmation,
    Lack,
    LegalForm,
    Means,
    RecordKind,
    Wanted,
)
from desk_app.privacy.provisions.service import Keeping, ReceiptForm
from desk_app.privacy.provisions.writing import FileForm, write_file
from desk_app.privacy.registers import service as registers
from desk_app.privacy.registers.rules import Item, RecipientForm, RecipientKind, Span
from desk_app.purposes.blocks import stop_use
from desk_app.purposes.model import Consent, NamedUse, PolicyVersion
from desk_app.purposes.rules import (
    USUAL_PURPOSE,
    Act,
    BlockReason,
    OtherUse,
    Purpose,
    Stops,
)
from desk_app.reports.stamp import Stamp
from desk_app.words import Words
from tests.engines import FILE
from tests.privacy.handing import TODAY, Handing

ENGINES = FILE

PASSPHRASE = "Ahorn-Quarz-51-Fluss"
RECEIVED = ReceiptForm(
    items=(Item.NAME, Item.TELEPHONE),
    received_on=TODAY,
    obtained="店頭でご本人から",
    confirmed_by=Confirmation.STATEMENT,
    with_consent=True,
    provider_name="刃物店",
    provider_address="東京都台東区1-1",
)


def records(handing: Handing) -> Records:
    found: Records = handing.day.read(handing.officer, views.records_of, handing.page().customer_id)
    return found


def test_a_provision_is_recorded_with_every_particular(handing: Handing) -> None:
    company = handing.group_company()
    made = handing.hand_over(company, Item.NAME, Item.EMAIL, Item.ADDRESS)
    # The address was declined: it can't leave, and the record doesn't say that it did.
    assert [(one.item, one.text) for one in made.lines] == [
        (Item.NAME, "佐藤 花子"),
        (Item.EMAIL, "hanako@example.jp"),
    ]
    (found,) = records(handing).provisions
    assert (found.person, found.row.items) == ("佐藤 花子", (Item.NAME, Item.EMAIL))
    assert found.row.recipient_name == "カイ インダストリーズ"
    assert found.recipient_address
    assert found.recipient_representative
    assert (found.row.form, found.row.purpose) == (LegalForm.JOINT_USE, USUAL_PURPOSE)
    assert found.row.keep_until == date(2029, 6, 10)
    assert found.provided_by == "担当 1"
    (given,) = handing.day.read(handing.officer, views.recipients_of, handing.page().customer_id)
    assert (given.recipient_id, given.items) == (company, (Item.NAME, Item.EMAIL))
    assert given.provided_at == handing.day.clock.now()
    with handing.day.work(reading=True) as w:
        entry = w.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "provision.made")
        ).one()
        assert entry.purpose == "G"
        assert entry.particulars["items"] == ["name", "email"]
        assert "佐藤" not in str(entry.particulars)


def test_beyond_joint_use_or_contract_nothing_leaves(handing: Handing) -> None:
    company, firm = handing.group_company(), handing.subcontractor(Item.NAME, Item.ADDRESS)
    for refused, recipient, items, purpose in (
        ("lacks_items_not_published", company, (Item.NAME, Item.INQUIRY), USUAL_PURPOSE),
        ("lacks_items_not_entrusted", firm, (Item.NAME, Item.EMAIL), USUAL_PURPOSE),
        ("lacks_purpose_not_entrusted", firm, (Item.NAME,), Purpose.CAMPAIGNS),
        ("lacks_no_items", firm, (), USUAL_PURPOSE),
    ):
        with pytest.raises(Refused, match=refused):
            handing.hand_over(recipient, *items, purpose=purpose)
    assert records(handing).provisions == ()
    handing.edit(registers.retire_recipient, firm)
    with pytest.raises(Refused, match="lacks_retired"):
        handing.hand_over(firm, Item.NAME)


def test_a_contract_counts_from_its_first_to_its_last_day(handing: Handing) -> None:
    two_days = Span(TODAY + timedelta(days=1), TODAY + timedelta(days=2))
    firm = handing.subcontractor(Item.NAME, span=two_days)
    for may_leave in (False, True, True, False):
        if may_leave:
            handing.hand_over(firm, Item.NAME)
        else:
            with pytest.raises(Refused, match="lacks_no_contract"):
                handing.hand_over(firm, Item.NAME)
        handing.day.later(days=1)


def test_a_third_party_needs_a_consent_or_a_named_ground(handing: Handing) -> None:
    police = handing.recipient(RecipientKind.AUTHORITY, "関警察署")
    shop = handing.recipient(RecipientKind.RETAILER, "刃物店", country="VN")
    for recipient in (police, shop):
        with pytest.raises(Refused, match="lacks_no_consent"):
            handing.hand_over(recipient, Item.NAME)
    with pytest.raises(Refused, match="lacks_no_reference"):
        handing.hand_over(police, Item.NAME, ground="law")
    with pytest.raises(Refused, match="lacks_no_consent"):
        handing.hand_over(police, Item.NAME, ground="because", reference="照会書")
    handing.hand_over(police, Item.NAME, ground="law", reference="照会書 関刑12号")
    handing.hand_over(shop, Item.NAME, ground="life", reference="消防からの依頼")
    by_life, by_law = records(handing).provisions
    assert by_law.ground is not None
    assert by_law.ground.key == "law"
    assert (by_law.reference, by_law.abroad) == ("照会書 関刑12号", None)
    assert by_life.abroad == "exempt"


def test_abroad_comes_on_top_of_every_form(handing: Handing) -> None:
    here = handing.group_company(country="VN")
    page = handing.page()
    wanted = Wanted(here, frozenset({Item.NAME}), USUAL_PURPOSE)
    judged = handing.day.read(handing.day.operator, views.verdict, page.customer_id, wanted)
    assert judged.verdict.lacks == (Lack.ABROAD,)
    with pytest.raises(Refused, match="lacks_abroad"):
        handing.hand_over(here, Item.NAME)
    year = Span(TODAY, TODAY + timedelta(days=364))
    handing.edit(registers.enter_system, here, year, basis="グループ規程")
    handing.hand_over(here, Item.NAME)
    germany = RecipientForm(RecipientKind.GROUP, "Kai Europe", "Solingen", country="DE")
    there = handing.edit(registers.enter_recipient, germany)
    handing.edit(registers.list_company, there, Span(TODAY))
    handing.hand_over(there, Item.NAME)
    assert [one.abroad for one in records(handing).provisions] == ["recognised", "equivalent"]


def test_what_changed_since_it_was_shown_does_not_leave(handing: Handing) -> None:
    company, page = handing.group_company(), handing.page()
    wanted = Wanted(company, frozenset({Item.NAME, Item.TELEPHONE}), USUAL_PURPOSE)
    parts = {
        "customer_id": page.customer_id,
        "case_id": page.case_id,
        "wanted": wanted,
        "means": Means.POST,
    }
    operator = handing.day.operator
    other = digest_of(page.lines, {Item.NAME})
    with pytest.raises(Refused, match="changed_since_shown"):
        handing.day.perform(operator, service.hand_over, **parts, shown=other)
    with pytest.raises(Refused, match="nothing_there"):
        handing.hand_over(company, Item.ADDRESS)
    handing.day.perform(
        operator, service.hand_over, **parts, shown=digest_of(page.lines, wanted.items)
    )


def test_another_customers_matter_does_not_leave_with_this_ones_name(handing: Handing) -> None:
    firm, other = handing.subcontractor(Item.NAME, Item.INQUIRY), handing.day.new_case()
    items, customer_id = frozenset({Item.NAME, Item.INQUIRY}), handing.page().customer_id
    with handing.day.work(reading=True) as w:
        lines = lines_of(w, customer_id, other)
    with pytest.raises(Refused, match="changed_since_shown"):
        handing.day.perform(
            handing.day.operator,
            service.hand_over,
            customer_id=customer_id,
            case_id=other,
            wanted=Wanted(firm, items, USUAL_PURPOSE),
            shown=digest_of(lines, items),
            means=Means.POST,
        )
    assert records(handing).provisions == ()


def test_a_batch_and_a_contract_are_kept_by_their_last_provision(handing: Handing) -> None:
    company = handing.group_company()
    batch = Keeping(RecordKind.BATCH, "6月分 共有")
    contract = Keeping(RecordKind.CONTRACT, "売買契約 7")
    handing.hand_over(company, Item.NAME, keeping=batch)
    handing.hand_over(company, Item.NAME, keeping=contract)
    handing.hand_over(company, Item.NAME)
    handing.day.later(days=20)
    handing.hand_over(company, Item.NAME, keeping=Keeping(RecordKind.BATCH, "6月分 共有 "))
    kept = {(one.record_kind, one.row.keep_until) for one in records(handing).provisions}
    assert kept == {
        (RecordKind.BATCH, date(2029, 6, 30)),  # both of them
        (RecordKind.CONTRACT, date(2027, 6, 10)),
        (RecordKind.SINGLE, date(2029, 6, 10)),
    }
    with pytest.raises(Refused, match="series_unnamed"):
        handing.hand_over(company, Item.NAME, keeping=Keeping(RecordKind.BATCH))


def test_what_never_left_stays_on_record_and_was_given_to_nobody(handing: Handing) -> None:
    company = handing.group_company()
    made = handing.hand_over(company, Item.NAME)
    for _ in range(2):
        handing.day.perform(handing.day.operator, service.nothing_left, made.provision_id)
    assert not records(handing).provisions[0].row.left
    customer = handing.page().customer_id
    assert handing.day.read(handing.officer, views.recipients_of, customer) == ()
    with pytest.raises(Refused, match="not_found"):
        handing.day.perform(handing.day.operator, service.nothing_left, 999)
    # Of others', and later, only an officer says so: it would hide from whom data has to be asked.
    made = handing.hand_over(company, Item.NAME)
    for actor, passed in ((handing.day.person(Role.OPERATOR), 0), (handing.day.operator, 8)):
        handing.day.later(days=passed)
        with pytest.raises(Refused, match="left_long_ago"):
            handing.day.perform(actor, service.nothing_left, made.provision_id)
    assert handing.day.read(handing.officer, views.recipients_of, customer) != ()
    handing.edit(service.nothing_left, made.provision_id)
    assert handing.day.read(handing.officer, views.recipients_of, customer) == ()


def test_a_receipt_says_from_whom_and_how_they_had_come_by_it(handing: Handing) -> None:
    operator, case_id = handing.day.operator, handing.case_id
    receipt = handing.day.perform(operator, service.enter_receipt, case_id, RECEIVED)
    (found,) = records(handing).receipts
    assert (found.row.provider_name, found.obtained) == ("刃物店", "店頭でご本人から")
    assert (found.person, found.with_consent) == ("佐藤 花子", True)
    assert found.row.keep_until == date(2029, 6, 10)
    opened = handing.day.perform(operator, service.open_receipt, receipt, purpose=USUAL_PURPOSE)
    assert opened == found
    for changed, code in (
        ({"items": ()}, "receipt_without_items"),
        ({"received_on": TODAY + timedelta(days=1)}, "received_in_future"),
        ({"obtained": " "}, "receipt_unexplained"),
        ({"provider_address": ""}, "provider_unnamed"),
    ):
        fields = {name: getattr(RECEIVED, name) for name in RECEIVED.__dataclass_fields__}
        with pytest.raises(Refused, match=code):
            handing.day.perform(
                operator, service.enter_receipt, case_id, ReceiptForm(**fields | changed)
            )


def test_lists_name_nobody_and_openings_are_audited(handing: Handing) -> None:
    made = handing.hand_over(handing.group_company(), Item.NAME)
    operator = handing.day.operator
    (row,) = handing.day.read(operator, views.provisions)
    assert handing.day.read(operator, views.provisions, case_id=row.case_id) == (row,)
    assert "佐藤" not in repr(row)
    opened = handing.day.perform(
        operator, service.open_provision, made.provision_id, purpose=USUAL_PURPOSE
    )
    assert opened.person == "佐藤 花子"
    assert handing.day.read(operator, views.case_by_number, row.case_number) == row.case_id
    with handing.day.work(reading=True) as w:
        actions = set(w.session.scalars(select(AuditEntry.action)))
    assert {"provision.prepared", "provision.made", "provision.opened"} <= actions
    with pytest.raises(NotPermitted):
        handing.day.read(handing.day.person(Role.ADMINISTRATOR), views.provisions)
    with pytest.raises(NotPermitted):
        handing.day.read(handing.day.person(Role.OPERATOR, appointed=False), views.provisions)


def test_a_merged_case_leads_to_the_one_that_goes_on_and_none_without_customer(
    handing: Handing,
) -> None:
    anonymous = handing.day.new_case()
    with pytest.raises(Refused, match="no_customer"):
        handing.day.perform(handing.day.operator, service.open_hand_over, anonymous)


# What the customer agreed to, and what was stopped


def consent(
    handing: Handing, *recipients: str, purposes: str = "G", named_use: int | None = None
) -> int:
    customer = handing.page().customer_id
    with handing.day.work() as w:
        row = Consent(
            customer_id=customer,
            purposes=list(purposes),
            named_use_id=named_use,
            recipients=list(recipients),
            topics=[],
            policy_version_id=w.session.scalars(select(PolicyVersion.id)).one(),
            channel="telephone",
            given_at=w.now,
            entered_at=w.now,
            entered_by=handing.day.operator.user_id,
        )
        w.session.add(row)
        w.session.flush()
        w.commit()
        return row.id


def test_a_consent_that_covers_it_lets_it_leave_until_it_is_withdrawn(handing: Handing) -> None:
    shop = handing.recipient(RecipientKind.RETAILER, "刃物店")
    for recipients, purposes in ((["third_party"], "G"), (["retailer"], "F"), ([], "G")):
        consent(handing, *recipients, purposes=purposes)
        with pytest.raises(Refused, match="lacks_no_consent"):
            handing.hand_over(shop, Item.NAME)
    given = consent(handing, "retailer")
    handing.hand_over(shop, Item.NAME, Item.INQUIRY)
    (found,) = records(handing).provisions
    assert (found.row.form, found.consent_id) == (LegalForm.CONSENT, given)
    with handing.day.work() as w:
        w.session.get_one(Consent, given).withdrawn_at = w.now
        w.commit()
    with pytest.raises(Refused, match="lacks_no_consent"):
        handing.hand_over(shop, Item.NAME)


def test_a_consent_counts_abroad_once_the_customer_knows_the_country(handing: Handing) -> None:
    shop = handing.recipient(RecipientKind.RETAILER, "Dao Shop", country="VN")
    other = handing.recipient(RecipientKind.RETAILER, "Knife Shop", country="US")
    customer = handing.page().customer_id
    wanted = Wanted(shop, frozenset({Item.NAME}), USUAL_PURPOSE)
    operator = handing.day.operator
    consent(handing, "retailer")
    with pytest.raises(Refused, match="no_consent_abroad"):
        handing.day.perform(operator, service.tell_of_country, customer, wanted=wanted)
    both = consent(handing, "retailer", "abroad")
    with pytest.raises(Refused, match="lacks_abroad"):
        handing.hand_over(shop, Item.NAME)
    handing.day.perform(operator, service.tell_of_country, customer, wanted=wanted)
    handing.hand_over(shop, Item.NAME)
    (found,) = records(handing).provisions
    assert (found.abroad, found.abroad_consent_id) == ("consent", both)
    with pytest.raises(Refused, match="lacks_abroad"):  # they were told of another country
        handing.hand_over(other, Item.NAME)
    # A later consent that covers it counts as well, and the earlier one no more once withdrawn.
    later = consent(handing, "retailer", "abroad")
    elsewhere = Wanted(other, frozenset({Item.NAME}), USUAL_PURPOSE)
    handing.day.perform(operator, service.tell_of_country, customer, wanted=elsewhere)
    handing.hand_over(other, Item.NAME)
    assert records(handing).provisions[0].abroad_consent_id == later
    handing.hand_over(shop, Item.NAME)
    assert records(handing).provisions[0].abroad_consent_id == both
    with handing.day.work() as w:
        w.session.get_one(Consent, both).withdrawn_at = w.now
        w.commit()
    with pytest.raises(Refused, match="lacks_abroad"):
        handing.hand_over(shop, Item.NAME)
    handing.hand_over(other, Item.NAME)


def test_a_use_outside_the_policy_needs_a_consent_that_names_it(handing: Handing) -> None:
    company, firm = handing.group_company(), handing.subcontractor(Item.NAME)
    shop = handing.recipient(RecipientKind.RETAILER, "刃物店")
    names = {"ja": "展示会", "en": "Fairs", "de": "Messen"}
    with handing.day.work() as w:
        row = NamedUse(names=names, entered_at=w.now, entered_by=handing.officer.user_id)
        w.session.add(row)
        w.session.flush()
        named = row.id
        w.commit()
    (use,) = handing.page().other_uses
    assert use == OtherUse(named, ("展示会", "Fairs", "Messen"))
    consent(handing, "retailer", purposes="ABCDEFGH")
    for recipient, code in (
        (company, "lacks_purpose_not_published"),
        (firm, "lacks_purpose_not_entrusted"),
        (shop, "lacks_no_consent"),
    ):
        with pytest.raises(Refused, match=code):
            handing.hand_over(recipient, Item.NAME, purpose=use)
    consent(handing, "retailer", purposes="", named_use=named)
    handing.hand_over(shop, Item.NAME, purpose=use)
    (found,) = records(handing).provisions
    assert found.row.purpose == use


def test_what_was_stopped_leaves_on_a_legal_ground_only(handing: Handing) -> None:
    company = handing.group_company()
    police = handing.recipient(RecipientKind.AUTHORITY, "関警察署")
    stops = Stops(acts=frozenset({Act.PROVIDE}))
    reason = BlockReason.CUSTOMER_ASKED
    handing.edit(stop_use, handing.page().customer_id, stops=stops, reason=reason)
    with pytest.raises(Refused, match="use_stopped"):
        handing.hand_over(company, Item.NAME)
    handing.hand_over(police, Item.NAME, ground="law", reference="照会書")
    with handing.day.work(reading=True) as w:
        made = select(AuditEntry).where(AuditEntry.action == "provision.made")
        assert w.session.scalars(made).one().particulars["against_a_stop"] is True


@pytest.mark.parametrize("stopped", [Act.PROVIDE, Act.VIEW])
def test_a_consent_from_before_the_stop_does_not_stand_before_a_legal_ground(
    handing: Handing, stopped: Act
) -> None:
    police = handing.recipient(RecipientKind.AUTHORITY, "関警察署")
    consent(handing, "third_party")
    known, items = handing.page(), frozenset({Item.NAME})
    handing.day.later(hours=1)
    stops, reason = Stops(acts=frozenset({stopped})), BlockReason.CUSTOMER_ASKED
    handing.edit(stop_use, known.customer_id, stops=stops, reason=reason)

    def hand_over(ground: str | None, reference: str) -> None:
        handing.day.perform(
            handing.day.operator,
            service.hand_over,
            customer_id=known.customer_id,
            case_id=known.case_id,
            wanted=Wanted(police, items, USUAL_PURPOSE, ground, reference),
            shown=digest_of(known.lines, items),
            means=Means.POST,
        )

    with pytest.raises(Refused, match="use_stopped"):
        hand_over(None, "")
    with pytest.raises(Refused, match="lacks_no_reference"):
        hand_over("law", "")
    hand_over("law", "照会書")
    (found,) = records(handing).provisions
    assert (found.row.form, found.consent_id) == (LegalForm.LEGAL_GROUND, None)


def test_whom_nobody_may_look_at_is_not_looked_at_in_order_to_hand_over(handing: Handing) -> None:
    police = handing.recipient(RecipientKind.AUTHORITY, "関警察署")
    company, operator = handing.group_company(), handing.day.operator
    known = handing.page()
    handing.day.later(hours=1)
    handing.edit(
        stop_use,
        known.customer_id,
        stops=Stops(acts=frozenset({Act.VIEW})),
        reason=BlockReason.CUSTOMER_ASKED,
    )
    page = handing.page()
    assert page.withheld is not None
    assert (page.withheld.code, page.person) == ("purposes.use_stopped", "")
    assert {one.text for one in page.lines} == {""}
    assert [one.answer for one in page.lines] == [one.answer for one in known.lines]
    wanted = Wanted(company, frozenset({Item.NAME}), USUAL_PURPOSE)
    for shown in (page, known):  # neither unseen nor as it was seen before
        with pytest.raises(Refused, match="use_stopped"):
            handing.day.perform(
                operator,
                service.hand_over,
                customer_id=page.customer_id,
                case_id=page.case_id,
                wanted=wanted,
                shown=digest_of(shown.lines, wanted.items),
                means=Means.POST,
            )
    for given in ({"ground": "law"}, {"ground": "so", "reference": "1"}, {"reference": "1"}):
        assert handing.day.perform(
            operator, service.open_hand_over, handing.case_id, **given
        ).withheld
    opened = handing.day.perform(
        operator, service.open_hand_over, handing.case_id, ground="law", reference="照会書"
    )
    assert (opened.withheld, opened.lines) == (None, known.lines)
    by_law = Wanted(police, wanted.items, USUAL_PURPOSE, "law", "照会書")
    handing.day.perform(
        operator,
        service.hand_over,
        customer_id=page.customer_id,
        case_id=page.case_id,
        wanted=by_law,
        shown=digest_of(opened.lines, by_law.items),
        means=Means.POST,
    )
    with handing.day.work(reading=True) as w:
        prepared = select(AuditEntry).where(AuditEntry.action == "provision.prepared")
        grounds = [one.particulars.get("ground") for one in w.session.scalars(prepared)]
        assert grounds[-1] == "law"


# The file


def test_the_file_is_sealed_for_the_recipients_key_and_the_stock_tool_opens_it(
    handing: Handing, tmp_path: Path
) -> None:
    identity = age.generate_identity()
    form = RecipientForm(RecipientKind.GROUP, "カイ", "関市", public_key=age.recipient_of(identity))
    company = handing.edit(registers.enter_recipient, form)
    handing.edit(registers.list_company, company, Span(TODAY))
    made = handing.hand_over(company, Item.NAME, Item.EMAIL, means=Means.FILE)
    file = tmp_path / "out.csv.age"
    write_file(made, file, Words("ja"), form=FileForm.CSV)
    assert "佐藤".encode() not in file.read_bytes()
    (tmp_path / "key").write_text(identity)
    said = subprocess.run(
        ["age", "-d", "-i", tmp_path / "key", file], capture_output=True, check=True
    ).stdout
    rows = list(csv.reader(StringIO(said.decode("utf-8-sig"))))
    assert rows[3:] == [["お名前", "佐藤 花子"], ["メールアドレス", "hanako@example.jp"]]
    assert "G " in rows[0][0]
    write_file(made, file, Words("de"), form=FileForm.PDF)
    with file.open("rb") as sealed:
        paper = PdfReader(BytesIO(age.decrypt(sealed, [identity]).read()))
    assert "佐藤" in paper.pages[0].extract_text()


def test_without_a_key_a_passphrase_that_holds_is_needed(tmp_path: Path) -> None:
    at = datetime(2026, 6, 10, 10, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    made = HandedOver(
        provision_id=1,
        stamp=Stamp("お客様相談室", "担当 1", at, USUAL_PURPOSE),
        recipient_name="刃物店",
        public_key="",
        lines=(Line(Item.NAME, "=佐藤", Answer.ANSWERED),),
    )
    file = tmp_path / "out.age"
    with pytest.raises(Refused, match="no_passphrase"):
        write_file(made, file, Words("ja"), form=FileForm.CSV)
    with pytest.raises(Refused, match=r"keys\.password"):
        write_file(made, file, Words("ja"), form=FileForm.CSV, passphrase="password1234")
    assert not file.exists()
    write_file(made, file, Words("ja"), form=FileForm.CSV, passphrase=PASSPHRASE)
    with file.open("rb") as sealed:
        said = age.decrypt(sealed, [], PASSPHRASE).read().decode("utf-8")
    assert '"\'=佐藤"' in said, "a spreadsheet runs nothing"


def test_a_recipients_key_is_looked_at_before_it_is_entered() -> None:
    for key in ("age1xyz", "AGE-SECRET-KEY-1", age.recipient_of(age.generate_identity())[:-1]):
        form = RecipientForm(RecipientKind.RETAILER, "店", "東京", public_key=key)
        with pytest.raises(Refused, match="no_such_key"):
            form.cleaned(countries={"JP"})
