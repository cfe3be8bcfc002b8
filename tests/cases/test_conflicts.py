"""Two desks at one case: nothing is lost, nothing overwritten, and both versions can be shown."""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk_app.calls.endings import JoinCase
from desk_app.cases import reading, service
from desk_app.cases.conflicts.rules import COMPARED, difference
from desk_app.cases.drafts import FOLDER, CaseDraft, CaseDrafts
from desk_app.cases.pages import CasePage
from desk_app.cases.rules import EntryKind, Resolution
from desk_app.errors import Fault, Refused
from desk_app.keys import age
from desk_app.people.access import Actor, Role
from desk_app.storage.once import once
from tests.day import COMPLAINT, OfficeDay

ACTS: dict[str, tuple[Callable[..., int], dict[str, Any]]] = {
    "note": (service.add_note, {}),
    "wait": (service.wait_for_customer, {}),
    "resume": (service.resume, {}),
    "resolve": (service.resolve, {"resolution": Resolution.ANSWERED}),
    "reopen": (service.reopen, {}),
    "assign": (service.assign, {}),
}


@dataclass
class Seat:
    """A desk, and the case as it was last read there."""

    actor: Actor
    page: CasePage
    sent: list[tuple[str, str, int]] = field(default_factory=list)


def send(day: OfficeDay, seat: Seat, act: str, text: str, token: str, version: int) -> int:
    use_case, more = ACTS[act]
    fields = {"text": text} if act in ("note", "resolve") else {"reason": text}
    if act == "assign":
        fields["assignee_id"] = seat.actor.user_id
    return day.perform(seat.actor, once(token, use_case), seat.page.id, version, **more, **fields)


STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),
        st.sampled_from(["read", "again", *ACTS]),
    ),
    min_size=5,
    max_size=10,
)


@settings(
    max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(steps=STEPS)
def test_two_desks_never_lose_or_overwrite(day: OfficeDay, steps: list[tuple[int, str]]) -> None:
    """Whatever two desks do in whatever order: an act succeeds on what its desk has seen or
    leaves everything as it was, a note always arrives, and nothing that was sent twice is there
    twice."""
    case_id = day.new_case()
    actors = (day.operator, day.person(Role.SUPERVISOR))
    seats = [Seat(actor, look(day, case_id)) for actor in actors]
    kept: list[str] = []
    codes: list[tuple[str, bool]] = []
    for number, (who, what) in enumerate(steps):
        seat = seats[who]
        before = look(day, case_id)
        if what == "read":
            seat.page = look(day, case_id)
        elif what == "again":
            for act, token, version in seat.sent[-1:]:
                send(day, seat, act, "sent again", token, version)
                assert content(look(day, case_id)) == content(before)
        else:
            text, token = f"{number} {what}", uuid.uuid4().hex
            version = seat.page.version
            try:
                send(day, seat, what, text, token, version)
            except Refused as refused:
                assert what != "note"
                codes.append((refused.code, version == before.version))
                kept_as_it_was = content(look(day, case_id)) == content(before)
                assert kept_as_it_was
            else:
                assert what == "note" or version == before.version
                kept.append(text)
                seat.sent.append((what, token, version))
        now = look(day, case_id)
        assert [row.text for row in now.timeline if row.text in kept] == kept
        assert now.timeline[: len(before.timeline)] == before.timeline
        shown = difference(before, now)
        added = [row.text for row in shown.entries if row.text in kept]
        assert added in ([], kept[-1:])
    assert {is_seen for code, is_seen in codes if code == "storage.conflict"} <= {False}
    assert {code for code, is_seen in codes if not is_seen} <= {"storage.conflict"}


def look(day: OfficeDay, case_id: int) -> CasePage:
    return day.read(day.operator, reading.case_page, case_id)


def content(page: CasePage) -> CasePage:
    """Without what depends on who reads."""
    return replace(page, acts=frozenset())


def test_two_who_work_at_once_and_try_again_lose_nothing(day: OfficeDay) -> None:
    """At the same moment, not only in turn: each act is on the timeline once."""
    case_id = day.new_case()
    actors = [day.operator, day.person(Role.OPERATOR)]
    conflicts: list[str] = []

    def work(actor: Actor) -> None:
        for number in range(5):
            day.perform(actor, service.add_note, case_id, 1, text=f"{actor.user_id} n{number}")
            while True:
                version = day.page(case_id, actor).version
                try:
                    day.perform(
                        actor,
                        service.assign,
                        case_id,
                        version,
                        assignee_id=actor.user_id,
                        reason=f"{actor.user_id} a{number}",
                    )
                except Refused as refused:
                    conflicts.append(refused.code)
                else:
                    break

    desks = [threading.Thread(target=work, args=(actor,)) for actor in actors]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()
    assert set(conflicts) <= {"storage.conflict"}
    texts = [row.text for row in day.page(case_id).timeline if row.text]
    expected = [f"{a.user_id} {kind}{n}" for a in actors for kind in "na" for n in range(5)]
    assert sorted(texts) == sorted(expected)


def test_a_note_is_kept_though_the_case_has_changed(day: OfficeDay) -> None:
    case_id = day.new_case()
    version = day.page(case_id).version
    day.perform(day.operator, service.assign, case_id, version, assignee_id=day.operator.user_id)
    other = day.person(Role.OPERATOR)
    day.perform(other, service.add_note, case_id, version, text="同時に書いたメモ")
    assert day.page(case_id).timeline[-1].text == "同時に書いたメモ"


def test_what_others_saved_is_shown_field_by_field_with_their_entries(day: OfficeDay) -> None:
    case_id = day.new_case()
    mine = day.page(case_id)
    assert difference(mine, mine).is_nothing
    colleague = day.person(Role.SUPERVISOR)
    version = day.perform(
        colleague, service.assign, case_id, mine.version, assignee_id=colleague.user_id
    )
    version = day.perform(colleague, service.wait_for_customer, case_id, version, reason="返事待ち")
    day.later(minutes=5)
    day.perform(colleague, service.add_note, case_id, version, text="電話した")
    found = difference(mine, day.page(case_id))
    changed = {one.field: (one.before, one.now) for one in found.fields}
    assert changed["state"] == ("new", "waiting")
    assert changed["assignee"][0] is None
    assert changed["due_at"][1] is None
    assert [(row.kind, row.text) for row in found.entries] == [
        (EntryKind.ASSIGNED, ""),
        (EntryKind.WAITING, "返事待ち"),
        (EntryKind.NOTE, "電話した"),
    ]
    assert found.contacts == ()


def test_a_contact_that_joined_meanwhile_is_shown(day: OfficeDay) -> None:
    case_id = day.new_case()
    mine = day.page(case_id)
    saved = day.called(COMPLAINT, JoinCase(case_id))
    found = difference(mine, day.page(case_id))
    assert [contact.id for contact in found.contacts] == [saved.contact_id]


def test_every_compared_field_is_one_of_the_page() -> None:
    assert set(COMPARED) <= set(CasePage.__dataclass_fields__)


# Drafts


@pytest.fixture
def identity() -> str:
    return age.generate_identity()


def draft(case_id: int = 7, **changed: Any) -> CaseDraft:
    made = CaseDraft(case_id, 3, "note", "書きかけ\n二行目", "a" * 32, {"at": None})
    return replace(made, **changed)


def test_what_is_typed_on_a_case_survives_and_belongs_to_its_writer(
    tmp_path: Path, identity: str
) -> None:
    mine, theirs = CaseDrafts(tmp_path, "abc"), CaseDrafts(tmp_path, "xyz")
    mine.save(draft(), age.recipient_of(identity))
    mine.save(draft(text="もっと"), age.recipient_of(identity))
    theirs.save(draft(9), age.recipient_of(age.generate_identity()))
    assert mine.open(7, identity) == draft(text="もっと")
    assert (mine.cases(), theirs.cases()) == ([7], [9])
    assert mine.open(9, identity) is None
    assert theirs.open(9, identity) is None  # sealed for somebody else
    files = [path for path in (tmp_path / FOLDER).rglob("*") if path.is_file()]
    assert len(files) == 2
    assert not any("もっと".encode() in path.read_bytes() for path in files)
    mine.drop(7)
    assert mine.open(7, identity) is None
    mine.drop(7)


def test_a_damaged_draft_of_a_case_is_set_aside(tmp_path: Path, identity: str) -> None:
    drafts = CaseDrafts(tmp_path, "abc")
    drafts.save(draft(), age.recipient_of(identity))
    (file,) = (tmp_path / FOLDER).iterdir()
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(Fault, match="draft_damaged"):
        drafts.open(7, identity)
    assert drafts.open(7, identity) is None
    assert drafts.cases() == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"case_id": "x"}', '{"fields": {"at": "yesterday"}}', "null"]
)
def test_what_is_no_draft_is_none(text: str) -> None:
    assert CaseDraft.from_json(text) is None


@given(st.text(), st.dictionaries(st.text(), st.none() | st.integers() | st.text()))
@settings(max_examples=15)
def test_a_draft_is_read_as_it_was_written(text: str, fields: dict[str, Any]) -> None:
    fields.pop("at", None)
    written = draft(text=text, fields=fields)
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert CaseDraft.from_json(written.to_json()) == written


def test_ones_own_act_that_got_through_is_no_conflict(day: OfficeDay) -> None:
    """The answer was lost, the writer sends it again: under its token it is known."""
    case_id = day.new_case()
    version = day.page(case_id).version
    token = uuid.uuid4().hex
    for _ in range(2):
        day.perform(
            day.operator, once(token, service.wait_for_customer), case_id, version, reason="返事"
        )
        day.later(minutes=1)
    kinds = [row.kind for row in day.page(case_id).timeline]
    assert kinds.count(EntryKind.WAITING) == 1
