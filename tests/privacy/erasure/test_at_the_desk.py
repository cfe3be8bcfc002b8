"""A whole erasure in an office in files: found before, gone afterwards, certified, and cut off."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import select, text

from desk_app.backup.registry import office_id
from desk_app.clock import FixedClock
from desk_app.errors import Refused
from desk_app.moving.restoring import restore
from desk_app.office import Desk, Office
from desk_app.people.access import Role
from desk_app.privacy.erasure import views
from desk_app.privacy.erasure.certificate import MAGIC, Certificate
from desk_app.privacy.erasure.rules import STEPS, ErasureState
from desk_app.recordings.model import Recording, RecordingCopy, RecordingStore
from desk_app.recordings.stores.base import StoreTerms
from desk_app.schema import metadata
from desk_app.storage.pages import decrypted_pages
from desk_app.storage.unit_of_work import UnitOfWork, open_work
from tests.backup.kept import back_up
from tests.offices import DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.privacy.erasure.at_desk import approved, leave_files, scene_in
from tests.privacy.erasure.killing import (
    before_the_rows_are_committed,
    killed,
    killed_at_every_act,
)
from tests.privacy.erasure.scene import HERS, HIS, Scene, figures, mentions
from tests.recordings.stores.conftest import bucket, s3, s3_terms
from tests.recordings.stores.servers import S3Server

__all__ = ["bucket", "s3", "s3_terms"]

R = TypeVar("R")
People = dict[Role, Desk]


@contextmanager
def staffed(folder: Path, clock: FixedClock) -> Iterator[tuple[Office, People]]:
    """The office with somebody of each kind at the desk."""
    with (
        Office.at(folder, clock=clock) as office,
        sign_in(office, OPERATOR) as operator,
        sign_in(office, SUPERVISOR) as supervisor,
        sign_in(office, DPO) as officer,
    ):
        yield (
            office,
            {Role.OPERATOR: operator, Role.SUPERVISOR: supervisor, Role.DPO: officer},
        )


def read(desk: Desk, what: Callable[[UnitOfWork], R]) -> R:
    return desk.read(lambda _actor, work: what(work))


def pages_with(office: Office, desk: Desk, *words: str) -> list[bool]:
    """Which of the words some page of the file holds, free ones and the log's included."""
    place, (key,) = office.place, desk.keys.database_keys.values()
    whole = b"".join(decrypted_pages(place.path, key))
    return [word.encode() in whole for word in words]


def shadow_grams(desk: Desk, word: str) -> int:
    """How many bytes of the index's shadow tables begin a token with the word's first letter."""
    with desk.holder.store.engine() as engine, engine.connect() as connection:
        blocks = connection.execute(text("SELECT block FROM case_grams_data")).scalars()
        return sum(block.count(word[0].encode()) for block in blocks)


_OTHER = {"audit_entry", "audit_head", "audit_link", "stored_copy", "backup_destination",
          "user_account", "office_setting", "erasure", "erasure_desk", "erasure_step",
          "recording_copy", "gram_sample", "frequent_gram"}  # fmt: skip
"""What a restore, or an erasure's way, leaves otherwise."""


def rows(work: UnitOfWork) -> dict[str, list[str]]:
    """Every row of the others, but for when a recording's files were looked for."""
    return {
        table.name: sorted(
            repr(tuple(row))
            for row in work.session.execute(
                select(*(column for column in table.columns if column.name != "discarded_at"))
            )
        )
        for table in metadata().sorted_tables
        if table.name not in _OTHER
    }


def test_everything_of_hers_is_found_before_and_nothing_afterwards_nor_after_a_restore(
    founded: FoundedOffice, tmp_path: Path, clock: FixedClock
) -> None:
    """Killed in the middle of its rows, then after every single act."""
    folder = founded.folder
    with staffed(folder, clock) as (office, people):
        officer = people[Role.DPO]
        scene = scene_in(office, people, clock)
        hers = leave_files(office, scene)
        backup = back_up(office, tmp_path / "kept")
        before = read(officer, figures)
        his = read(officer, lambda work: mentions(work, HIS))
        all_of_hers = read(officer, lambda work: mentions(work, HERS))
        assert pages_with(office, officer, HERS, HIS) == [True, True]  # the control
        assert shadow_grams(officer, HERS)
        assert all(path.exists() for path in hers)
        erasure = approved(officer, people[Role.SUPERVISOR], scene)
    assert killed(folder, clock, erasure, lambda act: act == "found 1") == "found 1"
    assert killed(folder, clock, erasure, prepare=before_the_rows_are_committed) == ""
    with Office.at(folder, clock=clock) as office, sign_in(office, DPO) as officer:
        assert read(officer, lambda work: mentions(work, HERS)) == all_of_hers, "nothing of it"
    acts = killed_at_every_act(folder, clock, erasure)
    assert {act.rpartition(" ")[0] for act in acts} == {*STEPS[1:], "before", "certificate"}
    assert {"proof 2", "rows 1", "pages 2", "desks 1", "copies 1"} < set(acts), acts
    with Office.at(folder, clock=clock) as office, sign_in(office, DPO) as officer:
        (row,) = officer.read(views.erasures)
        text_of = row.certificate
        assert text_of is not None
        assert read(officer, lambda work: (mentions(work, HIS), figures(work))) == (his, before)
        assert pages_with(office, officer, HERS, HIS) == [False, True]
        assert not shadow_grams(officer, HERS)
        assert officer.read(views.searchable, erasure, frozenset({HERS})) == 0
        left = [path for path in folder.parent.rglob("*") if path.is_file()]
        assert not [path for path in hers if path.exists()]
        assert not [path for path in left if HERS.encode() in path.read_bytes()]
        assert len([path for path in left if HIS.encode() in path.read_bytes()]) == len(hers)
        assert (row.state, row.done) == (ErasureState.DONE, frozenset(STEPS))
        check_certificate(officer, text_of)
        there = read(officer, rows)
    empty = tmp_path / "empty"
    empty.mkdir()
    done = restore(empty, backup, founded.recovery, clock=clock)
    assert done.erased_again == 5  # the customer, two contacts, the recording, the case
    with Office.at(empty, clock=clock) as again, sign_in(again, DPO) as officer:
        assert read(officer, lambda work: mentions(work, HERS)) == {}
        assert read(officer, rows) == there, "exactly what the erasure left"


def check_certificate(officer: Desk, text_of: str) -> None:
    """It says what was proven, and no more; and names nobody."""
    certificate = Certificate.from_text(text_of)
    assert officer.read(views.is_genuine, certificate)
    assert HERS not in text_of
    said = json.loads(text_of)
    assert said["control"]["pages"] > 0
    assert said["control"]["search"] > 0
    proof = said["proof"]
    assert (proof["search"], proof["pages"]) == (0, 0)
    assert proof["values"] == said["control"]["values"] > 0
    assert said["proven"] == ["desks", "lists", "pages", "rows", "search", "stores"]
    assert {"copies", "disk_remnants", "kept_by_law", "originals"} <= set(said["not_proven"])
    assert len(said["originals"]) == 1, "her letter lies in its box"
    assert len(said["copies"]) == 1
    assert certificate.last_expiry is not None


def test_no_older_version_of_hers_and_no_mark_of_a_deletion_stays_in_a_versioned_bucket(
    founded: FoundedOffice, clock: FixedClock, s3: S3Server, s3_terms: StoreTerms
) -> None:
    client = s3.client()
    client.put_bucket_versioning(
        Bucket=s3_terms.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    with staffed(founded.folder, clock) as (office, people):
        officer = people[Role.DPO]
        scene = scene_in(office, people, clock, filled=False)
        names = put_versions(officer, clock, client, s3_terms, scene)
        wanted = {name: (2, int("peaks" in name)) for name in names}
        assert versions_of(client, s3_terms.bucket) == wanted
        ran = officer.erasing.run(approved(officer, people[Role.SUPERVISOR], scene))
        assert ran.certificate is not None
        assert "stores" in json.loads(ran.certificate)["proven"]
    his = {name: wanted[name] for name in names if f"{scene.his.customer_id:032x}" in name}
    assert versions_of(client, s3_terms.bucket) == his


def put_versions(
    officer: Desk, clock: FixedClock, client: Any, terms: StoreTerms, scene: Scene
) -> list[str]:
    """Recordings of both that arrived, were put again under a newer key, and the waveforms of which
    somebody deleted past the product; their names in the store."""
    names = []
    with officer.holder.store.engine() as engine, open_work(engine, clock) as work:
        store = RecordingStore(entered_by=1, entered_at=work.now, **asdict(terms))
        work.session.add(store)
        work.session.flush()
        for one in work.session.scalars(select(Recording).order_by(Recording.id)):
            work.session.add(
                RecordingCopy(
                    recording_id=one.id, store_id=store.id, state="arrived", attempts=1,
                    next_try_at=work.now, key_version=1, arrived_at=work.now,
                    local_removed_at=work.now,
                )
            )  # fmt: skip
            for end in ("age", "peaks.age"):
                names.append(f"{terms.prefix}{one.uid}.{end}")
                for body in (b"first", b"second"):
                    client.put_object(Bucket=terms.bucket, Key=names[-1], Body=body)
        work.commit()
    for name in names:
        if "peaks" in name:
            client.delete_object(Bucket=terms.bucket, Key=name)
    assert len(names) == 4
    return names


def versions_of(client: Any, bucket: str) -> dict[str, tuple[int, int]]:
    """How many versions and marks of a deletion lie under each name."""
    found = client.list_object_versions(Bucket=bucket)
    puts = Counter(one["Key"] for one in found.get("Versions", ()))
    marks = Counter(one["Key"] for one in found.get("DeleteMarkers", ()))
    return {name: (puts[name], marks[name]) for name in {*puts, *marks}}


def test_a_changed_certificate_and_one_of_somebody_else_are_not_genuine(office: Office) -> None:
    with sign_in(office, DPO) as officer, sign_in(office, OPERATOR) as other:
        check_forgeries(officer, other)


def check_forgeries(officer: Desk, other: Desk) -> None:
    office = officer.perform(lambda _actor, work: office_id(work))
    ids: dict[str, Any] = {"customer": 1, "contacts": [2], "recordings": [], "cases": [3]}
    at = "2026-06-10T01:30:00+00:00"
    said = {
        "office": office, "erasure": 1, "origin": "officer", "roots": ids, "log": [1, "00"],
        "erased_at": at, "certified_at": at, "last_expiry": None, "control": {}, "proof": {},
        "copies": [], "exports": [], "proven": ["rows"], "not_proven": ["disk_remnants"],
    }  # fmt: skip

    def by(desk: Desk, **other: Any) -> Certificate:
        return Certificate.signed(
            said | other,
            by=desk.actor.user_id,
            verify_key=desk.keys.verify_key,
            sign=desk.keys.sign,
        )

    signed = by(officer)
    assert officer.read(views.is_genuine, Certificate.from_text(signed.to_text()))
    changed = json.loads(signed.to_text()) | {"not_proven": []}
    assert not officer.read(views.is_genuine, Certificate.from_text(json.dumps(changed)))
    assert by(other).is_by(other.keys.verify_key)
    assert not officer.read(views.is_genuine, by(other)), "an operator may not erase"
    assert not officer.read(views.is_genuine, by(officer, office="another")), "another office's"
    broken = [
        json.dumps(json.loads(by(officer, **changed).to_text()))
        for changed in (
            {"certified_at": "2026-06-10T01:30:00"},  # of no zone
            {"erasure": float("inf")},
            {"erasure": -1},
            {"roots": {}},
            {"proven": ["everything"]},
            {"copies": [[1]]},
            {"exports": None},
            {"office": 7},
        )
    ]
    nested = json.dumps({MAGIC: 1, "signature": "00"})[:-1] + ', "a": ' + "[" * 200_000
    twice = signed.to_text().replace('"not_proven"', '"not_proven": [], "not_proven"')
    none = ("", "[]", "{}", json.dumps({MAGIC: 1, "signature": "00"}), nested, twice)
    for text_of in (*none, *broken):
        with pytest.raises(Refused, match=r"privacy\.certificate_unreadable"):
            Certificate.from_text(text_of)
    with pytest.raises(Refused, match=r"privacy\.certificate_newer"):
        Certificate.from_text(json.dumps({MAGIC: 2, "signature": "00"}))
