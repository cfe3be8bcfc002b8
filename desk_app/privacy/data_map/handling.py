"""What disclosure and erasure do with each personal column, a line for each.

A room that adds a personal column adds its line: a test compares this with the tables.
"""

from collections.abc import Mapping

from desk_app.privacy.data_map.rules import (
    Erased,
    Handled,
    Section,
    Why,
    kept,
    of_staff,
    shown,
    withheld,
)

HANDLED: Mapping[str, Handled] = {
    "attachment.name": shown(Section.ATTACHMENTS, Erased.ROW),
    "attachment.reason": withheld(Erased.ROW, Why.INTERNAL),
    "call.number_normal": withheld(Erased.EMPTIED, Why.DERIVED),
    "call.number_shown": shown(Section.CONTACTS, Erased.EMPTIED),
    "case_approval.reason": withheld(Erased.EMPTIED, Why.INTERNAL),
    "case_field_value.value": shown(Section.CASES, Erased.ROW),
    "case_link.reason": withheld(Erased.EMPTIED, Why.INTERNAL),
    "case_task.outcome": shown(Section.CASES, Erased.EMPTIED),
    "case_task.what": shown(Section.CASES, Erased.EMPTIED),
    "case_text.body": withheld(Erased.RENEWED, Why.DERIVED),
    "consent.document": kept(Section.CONSENTS),
    "consent.withdrawn_document": kept(Section.CONSENTS),
    "contact.callback_normal": withheld(Erased.EMPTIED, Why.DERIVED),
    "contact.callback_number": shown(Section.CONTACTS, Erased.EMPTIED),
    "contact.caller_name": shown(Section.CONTACTS, Erased.EMPTIED),
    "contact.caller_reading": shown(Section.CONTACTS, Erased.EMPTIED),
    "contact.saved_digest": withheld(Erased.EMPTIED, Why.DERIVED),
    "contact_point.normal": withheld(Erased.ROW, Why.DERIVED),
    "contact_point.value": shown(Section.PERSON, Erased.ROW),
    "customer.name": shown(Section.PERSON, Erased.ROW),
    "customer.name_key": withheld(Erased.ROW, Why.DERIVED),
    "customer.name_sort": withheld(Erased.ROW, Why.DERIVED),
    "customer.reading": shown(Section.PERSON, Erased.ROW),
    "customer.reading_key": withheld(Erased.ROW, Why.DERIVED),
    "deadline_move.reason": withheld(Erased.EMPTIED, Why.INTERNAL),
    "desk_case.resolution_text": shown(Section.CASES, Erased.EMPTIED),
    "desk_case.subject": shown(Section.CASES, Erased.EMPTIED),
    "disclosure.salt": withheld(Erased.EMPTIED, Why.DERIVED),
    "disclosure_delivery.to_whom": shown(Section.REQUESTS, Erased.EMPTIED),
    "help_record.measures": withheld(Erased.EMPTIED, Why.INTERNAL),
    "help_record.what_happened": withheld(Erased.EMPTIED, Why.INTERNAL),
    "help_record.words_used": withheld(Erased.EMPTIED, Why.INTERNAL),
    "inquiry.answer": shown(Section.CONTACTS, Erased.EMPTIED),
    "inquiry.text": shown(Section.CONTACTS, Erased.EMPTIED),
    "leak.decision_reason": of_staff(),
    "leak.evidence": of_staff(),
    "leak.particulars": of_staff(),
    "leak_entry.text": of_staff(),
    "legal_hold.reason": withheld(Erased.EMPTIED, Why.INTERNAL),
    "legal_hold.release_reason": withheld(Erased.EMPTIED, Why.INTERNAL),
    "paper_original.description": shown(Section.ORIGINALS, Erased.EMPTIED),
    "pending_step.particulars": of_staff(),
    "person.name": of_staff(),
    "privacy_correction.dispute": shown(Section.REQUESTS, Erased.EMPTIED),
    "privacy_correction.wanted": shown(Section.REQUESTS, Erased.EMPTIED),
    "privacy_identity_check.note": withheld(Erased.EMPTIED, Why.INTERNAL),
    "privacy_request.agent_name": shown(Section.REQUESTS, Erased.EMPTIED),
    "privacy_request.person_name": shown(Section.REQUESTS, Erased.EMPTIED),
    "privacy_request.person_number": shown(Section.REQUESTS, Erased.EMPTIED),
    "privacy_request.person_reading": shown(Section.REQUESTS, Erased.EMPTIED),
    "privacy_request.reasons": shown(Section.REQUESTS, Erased.EMPTIED),
    "privacy_request.wanted": shown(Section.REQUESTS, Erased.EMPTIED),
    "privacy_request_step.text": withheld(Erased.EMPTIED, Why.INTERNAL),
    "provision.person": kept(Section.PROVISIONS),
    "provision.reference": kept(Section.PROVISIONS),
    "receipt.obtained": kept(Section.PROVISIONS),
    "receipt.person": kept(Section.PROVISIONS),
    "recording_bookmark.text": withheld(Erased.EMPTIED, Why.INTERNAL),
    "recording_finding.note": withheld(Erased.EMPTIED, Why.INTERNAL),
    "recording_played.reason": withheld(Erased.EMPTIED, Why.INTERNAL),
    "saved_filter.name": of_staff(Erased.SEARCHED),
    "saved_filter.query": of_staff(Erased.SEARCHED),
    "sealed_record.content": shown(Section.SENSITIVE, Erased.ROW),
    "timeline_entry.text": shown(Section.CASES, Erased.EMPTIED),
    "user_account.login": of_staff(),
}
"""By ``table.column``, in order."""

KEPT_TABLES: Mapping[str, Why] = {"told_abroad": Why.LAW}
"""Tables without a marked column that refer to the customer, and stay when the customer goes."""

GOES_WITH_CUSTOMER = frozenset({"opt_out", "use_block"})
"""Tables without a marked column whose rows go with their customer. One that is in neither list
fails a test."""
