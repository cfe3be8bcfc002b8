"""What of each table a customer is shown, and where: a place for each table that can hold theirs.

A room that adds a table with a customer's data adds a `Place` here, or a line to `NOT_SHOWN` with
the reason; a room that adds a personal column adds it to its place as the data map says. Tests find
a table or a column that has neither. Tables are named, not imported: their rooms need not be known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from desk_app.privacy.data_map.rules import Section


class As(StrEnum):
    """How a column is read and written down."""

    TEXT = "text"  # what people wrote: searched for what is others'
    PLAIN = "plain"  # a number of ours, a product: nobody's
    TOKEN = "token"  # noqa: S105 -- one of a list, with words
    TOKENS = "tokens"  # several
    MOMENT = "moment"
    DAY = "day"
    FLAG = "flag"
    NUMBER = "number"
    DURATION = "duration"  # in ms
    STAFF = "staff"  # a member of staff, shown as a role
    INTERNAL = "internal"  # the office's own assessment: shown as removed
    CASE_TYPE = "case_type"
    DETAIL = "detail"  # a field of a case's type
    SEALED = "sealed"  # a sealed record, opened by whoever may
    DEPARTMENT = "department"
    ANNOUNCEMENT = "announcement"
    POLICY = "policy"
    NAMED_USE = "named_use"
    USE = "use"  # one of A to H, or a named one
    LEGAL_GROUND = "legal_ground"  # of the provisions' room
    ORIGINAL = "original"  # the number on the label of a paper original
    DISPOSAL = "disposal"  # how an original that has gone was disposed of


EACH = "{token}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A column. ``words`` are those of its tokens, one for `EACH`; ``answer`` is the column that
    says whether it was asked; ``callers``: it is the caller's, who may be somebody else."""

    column: str
    kind: As = As.PLAIN
    words: str = ""
    answer: str = ""
    callers: bool = False
    others: bool = False
    """Always somebody else's: shown as removed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Rows of a table. ``at``: the column of their time; ``under``: the column that says which row
    of which table they stand under; ``file``: a row has bytes of its own, which are given out
    only once the reviewer has looked at them."""

    table: str
    section: Section
    columns: tuple[Shown, ...]
    at: str = ""
    under: tuple[str, str] | None = None
    file: bool = False

    @property
    def names(self) -> frozenset[str]:
        return frozenset(one.column for one in self.columns)


def _text(column: str, *, answer: str = "") -> Shown:
    return Shown(column, As.TEXT, answer=answer)


def _token(column: str, words: str) -> Shown:
    return Shown(column, As.TOKEN, words)


def _tokens(column: str, words: str) -> Shown:
    return Shown(column, As.TOKENS, words)


def _moment(column: str) -> Shown:
    return Shown(column, As.MOMENT)


def _staff(column: str) -> Shown:
    return Shown(column, As.STAFF)


def _internal(column: str) -> Shown:
    return Shown(column, As.INTERNAL)


_OF_CONTACT = ("contact_id", "contact")
_OF_CASE = ("case_id", "desk_case")
_OF_REQUEST = ("request_id", "privacy_request")
_OF_RECORDING = ("recording_id", "recording")

PLACES: tuple[Place, ...] = (
    Place(
        "customer",
        Section.PERSON,
        (
            _text("name", answer="name_answer"),
            _text("reading", answer="reading_answer"),
            _moment("created_at"),
        ),
        at="created_at",
    ),
    Place(
        "contact_point",
        Section.PERSON,
        (
            _token("kind", "customers.field." + EACH),
            _text("value", answer="answer"),
            _moment("created_at"),
        ),
        at="created_at",
        under=("customer_id", "customer"),
    ),
    Place(
        "contact",
        Section.CONTACTS,
        (
            Shown("number"),
            _token("channel", "calls.channel." + EACH),
            _moment("received_at"),
            _staff("operator_id"),
            _token("party", "calls.party." + EACH),
            Shown("caller_name", As.TEXT, answer="caller_name_answer", callers=True),
            Shown("caller_reading", As.TEXT, answer="caller_reading_answer", callers=True),
            Shown("callback_number", As.TEXT, answer="callback_answer", callers=True),
            _token("disposition", "calls.disposition." + EACH),
            Shown("purpose", As.USE),
            _token("next_step", "calls.next_step." + EACH),
            _moment("callback_at"),
            _moment("saved_at"),
        ),
        at="received_at",
    ),
    Place(
        "call",
        Section.CONTACTS,
        (
            Shown("outbound", As.FLAG),
            _moment("rang_at"),
            _moment("ended_at"),
            _token("number_state", "customers.number_state." + EACH),
            Shown("number_shown", As.TEXT, callers=True),
            Shown("announcement_id", As.ANNOUNCEMENT),
            _token("announced_by", "calls.announced_by." + EACH),
            _moment("announced_at"),
            _moment("objected_at"),
            Shown("late_entry", As.FLAG),
        ),
        at="rang_at",
        under=_OF_CONTACT,
    ),
    Place(
        "inquiry",
        Section.CONTACTS,
        (
            _text("text"),
            _text("answer"),
            _text("product"),
            _text("lot"),
            Shown("category", As.CASE_TYPE),
            _text("symptom"),
        ),
        under=_OF_CONTACT,
    ),
    Place(
        "contact_event",
        Section.CONTACTS,
        (_moment("at"), _token("kind", "calls.event." + EACH)),
        at="at",
        under=_OF_CONTACT,
    ),
    Place(
        "desk_case",
        Section.CASES,
        (
            Shown("number"),
            Shown("case_type", As.CASE_TYPE),
            _token("state", "cases.state." + EACH),
            _text("subject"),
            _moment("opened_at"),
            _staff("opened_by"),
            _staff("assignee_id"),
            _moment("due_at"),
            _moment("callback_due_at"),
            _token("resolution", "cases.resolution." + EACH),
            _text("resolution_text"),
            _moment("resolved_at"),
            _moment("closed_at"),
            _staff("closed_by"),
        ),
        at="opened_at",
    ),
    Place(
        "case_field_value",
        Section.CASES,
        (Shown("value", As.DETAIL), _moment("entered_at"), _staff("entered_by")),
        at="entered_at",
        under=_OF_CASE,
    ),
    Place(
        "timeline_entry",
        Section.CASES,
        (_moment("at"), _token("kind", "cases.entry." + EACH), _staff("user_id"), _text("text")),
        at="at",
        under=_OF_CASE,
    ),
    Place(
        "case_task",
        Section.CASES,
        (
            _text("what"),
            _staff("assignee_id"),
            Shown("department_id", As.DEPARTMENT),
            _moment("due_at"),
            _moment("made_at"),
            _staff("made_by"),
            _moment("ended_at"),
            _staff("ended_by"),
            Shown("withdrawn", As.FLAG),
            _text("outcome"),
        ),
        at="made_at",
        under=_OF_CASE,
    ),
    Place(
        "case_approval",
        Section.CASES,
        (_moment("asked_at"), _staff("asked_by"), _staff("decided_by"), _internal("reason")),
        at="asked_at",
        under=_OF_CASE,
    ),
    Place(
        "case_link",
        Section.CASES,
        (_moment("linked_at"), _staff("linked_by"), _internal("reason")),
        at="linked_at",
    ),
    Place(
        "deadline_move",
        Section.CASES,
        (
            _moment("at"),
            _staff("user_id"),
            _moment("old_due_at"),
            _moment("new_due_at"),
            _internal("reason"),
        ),
        at="at",
    ),
    Place(
        "case_tag",
        Section.CASES,
        (_moment("tagged_at"), _staff("tagged_by"), _internal("tag_id")),
        at="tagged_at",
        under=_OF_CASE,
    ),
    Place(
        "recording",
        Section.RECORDINGS,
        (
            Shown("part", As.NUMBER),
            _token("state", "recordings.state." + EACH),
            _moment("started_at"),
            Shown("duration_ms", As.DURATION),
            Shown("lost_ms", As.DURATION),
            _moment("discarded_at"),
        ),
        at="started_at",
        under=_OF_CONTACT,
        file=True,
    ),
    Place(
        "recording_played",
        Section.RECORDINGS,
        (
            _moment("at"),
            _staff("user_id"),
            Shown("purpose", As.USE),
            _internal("reason"),
        ),
        at="at",
        under=_OF_RECORDING,
    ),
    Place(
        "recording_bookmark",
        Section.RECORDINGS,
        (
            _moment("at"),
            _staff("user_id"),
            Shown("position_ms", As.DURATION),
            _internal("text"),
        ),
        at="at",
        under=_OF_RECORDING,
    ),
    Place(
        "recording_finding",
        Section.RECORDINGS,
        (_moment("found_at"), _token("kind", "recordings.finding." + EACH), _internal("note")),
        at="found_at",
        under=_OF_CONTACT,
    ),
    Place(
        "help_call",
        Section.CONTACTS,
        (_moment("called_at"), _staff("called_by"), _staff("answered_by")),
        at="called_at",
        under=_OF_CONTACT,
    ),
    Place(
        "help_record",
        Section.CONTACTS,
        (_internal("what_happened"), _internal("words_used"), _internal("measures")),
        at="written_at",
        under=_OF_CONTACT,
    ),
    Place(
        "attachment",
        Section.ATTACHMENTS,
        (
            Shown("number", As.NUMBER),
            _text("name"),
            Shown("kind"),
            Shown("size_bytes", As.NUMBER),
            Shown("pages", As.NUMBER),
            _moment("added_at"),
            _staff("added_by"),
            _moment("withdrawn_at"),
            _staff("withdrawn_by"),
            _internal("reason"),
        ),
        at="added_at",
        under=_OF_CASE,
        file=True,
    ),
    Place(
        "sealed_record",
        Section.SENSITIVE,
        (Shown("uid"), Shown("content", As.SEALED), _moment("made_at"), _staff("made_by")),
        at="made_at",
    ),
    Place(
        "consent",
        Section.CONSENTS,
        (
            _tokens("purposes", "purposes.purpose." + EACH),
            Shown("named_use_id", As.NAMED_USE),
            _tokens("recipients", "disclosure.recipient." + EACH),
            _tokens("topics", "disclosure.topic." + EACH),
            Shown("policy_version_id", As.POLICY),
            _token("channel", "calls.channel." + EACH),
            _text("document"),
            _moment("given_at"),
            _staff("entered_by"),
            _moment("withdrawn_at"),
            _staff("withdrawn_by"),
            _text("withdrawn_document"),
        ),
        at="given_at",
    ),
    Place(
        "opt_out",
        Section.CONSENTS,
        (
            _token("topic", "disclosure.topic." + EACH),
            _moment("declared_at"),
            _staff("declared_by"),
            _moment("ended_at"),
        ),
        at="declared_at",
    ),
    Place(
        "use_block",
        Section.CONSENTS,
        (
            _tokens("acts", "disclosure.act." + EACH),
            _tokens("purposes", "purposes.purpose." + EACH),
            _token("reason", "purposes.block_reason." + EACH),
            _moment("started_at"),
            _staff("started_by"),
            _moment("ended_at"),
            _staff("ended_by"),
        ),
        at="started_at",
    ),
    Place(
        "told_abroad",
        Section.CONSENTS,
        (
            Shown("country"),
            _tokens("told", "disclosure.told." + EACH),
            _moment("told_at"),
            _staff("told_by"),
        ),
        at="told_at",
    ),
    Place(
        "provision",
        Section.PROVISIONS,
        (
            Shown("provided_on", As.DAY),
            Shown("recipient_name"),
            Shown("recipient_address"),
            Shown("recipient_representative"),
            Shown("country"),
            _text("person"),
            _tokens("items", "disclosure.given." + EACH),
            Shown("purpose", As.USE),
            _token("legal_form", "disclosure.legal_form." + EACH),
            Shown("ground", As.LEGAL_GROUND),
            _text("reference"),
            _token("abroad", "disclosure.abroad." + EACH),
            _token("means", "disclosure.means." + EACH),
            _staff("provided_by"),
            Shown("keep_until", As.DAY),
            _moment("not_left_at"),
        ),
        at="provided_at",
    ),
    Place(
        "receipt",
        Section.PROVISIONS,
        (
            Shown("received_on", As.DAY),
            Shown("provider_name"),
            Shown("provider_address"),
            Shown("provider_representative"),
            _text("person"),
            _text("obtained"),
            _token("confirmed_by_means", "disclosure.confirmation." + EACH),
            Shown("with_consent", As.FLAG),
            _tokens("items", "disclosure.given." + EACH),
            _staff("entered_by"),
            Shown("keep_until", As.DAY),
        ),
        at="entered_at",
    ),
    Place(
        "paper_original",
        Section.ORIGINALS,
        (
            Shown("id", As.ORIGINAL),
            _token("kind", "originals.kind." + EACH),
            _text("description"),
            Shown("received_on", As.DAY),
            Shown("has_scan", As.FLAG),
            Shown("due_on", As.DAY),
            Shown("disposed_on", As.DAY),
            Shown("batch_id", As.DISPOSAL),
            Shown("returned_on", As.DAY),
        ),
        at="entered_at",
    ),
    Place(
        "privacy_request",
        Section.REQUESTS,
        (
            _token("kind", "disclosure.asked." + EACH),
            _moment("received_at"),
            _staff("received_by"),
            _text("person_name"),
            _text("person_reading"),
            _text("person_number"),
            Shown("agent_name", As.TEXT, others=True),
            _text("wanted"),
            Shown("fee_yen", As.NUMBER),
            _token("outcome", "disclosure.outcome." + EACH),
            _text("reasons"),
            _staff("decided_by"),
            _moment("decided_at"),
            _staff("approved_by"),
            _moment("approved_at"),
            _staff("executed_by"),
            _moment("executed_at"),
            _moment("told_at"),
            _moment("closed_at"),
        ),
        at="received_at",
    ),
    Place(
        "privacy_identity_check",
        Section.REQUESTS,
        (
            Shown("proven", As.FLAG),
            _moment("checked_at"),
            _staff("checked_by"),
            _internal("note"),
        ),
        at="checked_at",
        under=_OF_REQUEST,
    ),
    Place(
        "privacy_request_step",
        Section.REQUESTS,
        (_moment("at"), _staff("user_id"), _internal("text")),
        at="at",
        under=_OF_REQUEST,
    ),
    Place(
        "privacy_correction",
        Section.REQUESTS,
        (
            _text("wanted"),
            Shown("accepted", As.FLAG),
            _text("dispute"),
            _moment("done_at"),
            _staff("done_by"),
        ),
        at="entered_at",
        under=_OF_REQUEST,
    ),
    Place(
        "privacy_told",
        Section.REQUESTS,
        (
            Shown("recipient"),
            _tokens("items", "disclosure.given." + EACH),
            _moment("given_at"),
            _moment("told_at"),
            _staff("told_by"),
        ),
        at="given_at",
        under=_OF_REQUEST,
    ),
    Place(
        "disclosure_delivery",
        Section.REQUESTS,
        (
            _moment("delivered_at"),
            _token("way", "disclosure.way." + EACH),
            _token("confirmed", "disclosure.confirmed." + EACH),
            _text("to_whom"),
            _staff("entered_by"),
        ),
        at="delivered_at",
    ),
    Place(
        "leak_person",
        Section.REQUESTS,
        (_moment("told_at"), _staff("told_by")),
        at="told_at",
    ),
    Place(
        "legal_hold",
        Section.REQUESTS,
        (
            _internal("reason"),
            _moment("placed_at"),
            _staff("placed_by"),
            _moment("released_at"),
            _staff("released_by"),
            _internal("release_reason"),
        ),
        at="placed_at",
    ),
)
"""In the order in which the pack shows them."""

NOT_SHOWN: Mapping[str, str] = {
    "attachment_part": "the bytes of an attachment: given out as the attachment's file",
    "bulk_item": "tells what an act on many cases did, to take it back; the timeline has it",
    "case_article": "which of the office's own texts were used",
    "case_contact": "which contacts belong to a case: shown with contacts and cases",
    "case_deadline": "the office's own clocks; due times stand with the case",
    "case_merge": "ids of what was put together; the timeline has it",
    "case_pause": "the office's own clocks",
    "case_presence": "who has a case open at this moment",
    "case_text": "made from the shown texts, for the search",
    "cases_apart": "the office's own comparison, ids only",
    "disclosure": "how an answer was put together; how it went is shown",
    "disclosure_choice": "what was removed from an answer, which said so itself",
    "disclosure_pack": "digests of files; how they went is shown",
    "help_listening": "which desk listened in on a call, by certificate; who answered is shown",
    "help_ring": "at which desks a call for help rang",
    "recording_copy": "where sealed copies lie; the recording itself is shown",
}
"""Tables whose rows can be a customer's and aren't shown, and why."""
