"""A customer's consents, the policy's versions, a new version."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.purposes.consents.pages import (
    ConsentChannel,
    ConsentRow,
    ConsentState,
    CustomerUses,
    Evidence,
    OptOutRow,
)
from desk_app.purposes.policy.pages import (
    AnnouncementRow,
    UncoveredConsent,
    UncoveredList,
    VersionRow,
    VersionState,
)
from desk_app.purposes.rules import (
    Act,
    Block,
    BlockReason,
    OtherUse,
    Purpose,
    RecipientKind,
    Scope,
    Stops,
    Topic,
    Uncovered,
)
from desk_app.words import resource_path
from tests.ui.scenes import Scene
from ui.cases.consents.sheet import ConsentSheet
from ui.look import Look
from ui.oversight.policy.form import VersionEntry
from ui.oversight.policy.sheet import PolicySheet

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 9, 24, 1, 30, tzinfo=UTC)
FEATURE = OtherUse(
    1, ("社内報での紹介", "A story in the staff magazine", "Bericht im Mitarbeitermagazin")
)
PUBLISHED = json.loads(resource_path("policy", "2022-04-01.json").read_text("utf-8"))


def consent(number: int, scope: Scope, state: ConsentState, **changes: object) -> ConsentRow:
    values: dict[str, object] = {
        "named_use": FEATURE if scope.named_use else None,
        "uncovered": Uncovered(),
        "policy_label": "2022-04-01",
        "channel": ConsentChannel.TELEPHONE,
        "evidence": Evidence(3, 754, ""),
        "contact_number": "20260910-0007",
        "given_at": NOW - timedelta(days=14 * number),
        "entered_by": "担当 花子",
        "withdrawn_at": None,
        "withdrawn_by": None,
    }
    return ConsentRow(number, scope, state=state, **(values | changes))


USES = CustomerUses(
    customer_id=7,
    consents=(
        consent(
            1,
            Scope(frozenset({Purpose.PARTNERS}), None, frozenset({RecipientKind.RETAILER})),
            ConsentState.GIVEN,
        ),
        consent(
            2,
            Scope(frozenset({Purpose.PARTNERS, Purpose.IMPROVEMENT})),
            ConsentState.PARTLY,
            uncovered=Uncovered(frozenset({Purpose.IMPROVEMENT})),
            evidence=Evidence(None, None, "同意書 C-12"),
            contact_number=None,
        ),
        consent(3, Scope(named_use=1), ConsentState.WITHDRAWN),
    ),
    opt_outs=(
        OptOutRow(Topic.NEWSLETTER, NOW - timedelta(days=9), "担当 花子"),
        OptOutRow(Topic.DIRECT_MAIL, NOW - timedelta(days=9), "担当 花子"),
    ),
    blocks=(
        Block(
            1,
            Stops(frozenset({Act.EXPORT, Act.PROVIDE})),
            BlockReason.CUSTOMER_ASKED,
            NOW - timedelta(days=3),
        ),
    ),
)


def _consents(look: Look) -> QWidget:
    sheet = ConsentSheet(look, zone=TOKYO, may_record=True, may_lift=True)
    sheet.present(USES, named=(FEATURE,))
    return sheet


def _consent_entry(look: Look) -> QWidget:
    sheet = ConsentSheet(look, zone=TOKYO, may_record=True)
    sheet.present(USES, named=(FEATURE,))
    sheet.begin()
    return sheet


def _lifting(look: Look) -> QWidget:
    sheet = ConsentSheet(look, zone=TOKYO, may_record=True, may_lift=True)
    sheet.present(USES, named=(FEATURE,))
    sheet.begin_lifting()
    return sheet


def _withdrawing(look: Look) -> QWidget:
    sheet = ConsentSheet(look, zone=TOKYO, may_record=True)
    sheet.present(USES, named=(FEATURE,))
    sheet.begin_withdrawing()
    return sheet


def _no_consents(look: Look) -> QWidget:
    sheet = ConsentSheet(look, zone=TOKYO, may_record=True)
    sheet.present(CustomerUses(7))
    return sheet


def version(number: int, state: VersionState, **changes: object) -> VersionRow:
    values: dict[str, object] = {
        "label": f"202{number + 1}-04-01",
        "effective_on": date(2021 + number, 4, 1),
        "texts": PUBLISHED["texts"],
        "changes": PUBLISHED["changes"],
        "purposes": PUBLISHED["purposes"],
        "recipients": frozenset({RecipientKind.GROUP_COMPANY, RecipientKind.SUBCONTRACTOR}),
        "widened_purposes": frozenset(),
        "widened_recipients": frozenset(),
        "entered_at": NOW,
        "entered_by": "個人 守",
        "decided_at": NOW,
        "decided_by": "監督 花子",
        "may_approve": False,
        "announcements": tuple(
            AnnouncementRow(
                at, one["label"], one["outbound"], one["scripts"], ("accurate_receipt",)
            )
            for at, one in enumerate(PUBLISHED["announcements"], start=1)
        ),
    }
    return VersionRow(number, state=state, **(values | changes))


VERSIONS = (
    version(
        6,
        VersionState.AWAITS_APPROVAL,
        widened_purposes=frozenset({Purpose.IMPROVEMENT}),
        widened_recipients=frozenset({RecipientKind.GROUP_COMPANY}),
        changes={
            "ja": "サービス改善の範囲に応対の分析を追加",
            "en": "Improving the service now includes analysing calls",
            "de": "Die Verbesserung der Dienste umfasst nun die Auswertung von Gesprächen",
        },
        decided_at=None,
        decided_by=None,
        may_approve=True,
    ),
    version(1, VersionState.IN_FORCE, entered_by=None, decided_by=None),
)


def _policy(look: Look) -> PolicySheet:
    sheet = PolicySheet(look, zone=TOKYO, may_edit=True, may_list=True, may_decide=True)
    sheet.present(VERSIONS, (FEATURE,))
    return sheet


def _uncovered(look: Look) -> QWidget:
    sheet = _policy(look)
    lost = Uncovered(frozenset({Purpose.IMPROVEMENT}))
    rows = tuple(
        UncoveredConsent(at, at, name, Scope(frozenset({Purpose.IMPROVEMENT})), lost, NOW)
        for at, name in enumerate(("佐藤 花子", "鈴木 一郎"), start=1)
    )
    sheet.show_uncovered(6, UncoveredList(rows, {Purpose.IMPROVEMENT: 2}))
    return sheet


def _entry(look: Look) -> QWidget:
    entry = VersionEntry(look)
    entry.begin(VERSIONS[1], today=date(2026, 9, 24))
    return entry


SCENES: dict[str, Scene] = {
    "consents": _consents,
    "consent_entry": _consent_entry,
    "lifting_a_stop": _lifting,
    "withdrawing": _withdrawing,
    "no_consents": _no_consents,
    "policy": _policy,
    "uncovered": _uncovered,
    "policy_entry": _entry,
}
