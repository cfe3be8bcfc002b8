"""P11: whatever leaves the desk over a network leaves over TLS with a verified certificate, or not.

Real servers on the loopback show certificates that have expired, that nobody vouches for, or that
are for another name; the same server with a good one is let in.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk_app import settings
from desk_app.backup import destinations
from desk_app.clock import FixedClock
from desk_app.errors import DeskError, Fault, Refused
from desk_app.office import Office
from desk_app.places.checking import check_server
from desk_app.places.server import AUTHORITY_FILE
from desk_app.privacy.ways_out.listed import WAYS
from desk_app.recordings.listening_in.certificates import End, make_identity
from desk_app.recordings.listening_in.line import Line
from desk_app.recordings.stores.base import StoreKind, StoreTerms
from desk_app.recordings.stores.opening import try_out
from tests.offices import OPERATOR, FoundedOffice, sign_in
from tests.postgres import Hosting
from tests.recordings.listening_in.test_line import (
    PATIENCE,
    Listener,
    Said,
    address_of,
    order,
)
from tests.recordings.stores.servers import Authority, tls_listener

CERTIFICATES: Mapping[str, Mapping[str, object]] = {
    "expired": {"days": -1},
    "self_signed": {"self_signed": True},
    "misnamed": {"host": "elsewhere.example"},
}
SAID_OF_A_SERVER = {
    "expired": "server.certificate_expired",
    "self_signed": "server.certificate_untrusted",
    "misnamed": "server.certificate_name",
}
SAID_OF_A_STORE = {
    "expired": "recordings.store_expired",
    "self_signed": "recordings.store_unknown",
    "misnamed": "recordings.store_misnamed",
}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    folder = tmp_path / "authority"
    folder.mkdir()
    return Authority(folder)


@pytest.fixture
def trusting(founded_on_server: FoundedOffice, authority: Authority) -> FoundedOffice:
    """An office on a server, whose certificates come from this authority from now on."""
    folder = founded_on_server.folder
    (folder / AUTHORITY_FILE).write_text(authority.pem)
    known = settings.load(folder)
    assert known.server is not None
    there = replace(known.server, authority=str(folder / AUTHORITY_FILE))
    settings.save(folder, replace(known, server=there))
    return founded_on_server


def authorized(hosting: Hosting) -> int:
    """How many have signed in at the server so far."""
    return hosting.running.log.read_text("utf-8").count("connection authorized")


def test_a_desk_does_not_start_on_a_server_that_cannot_prove_who_it_is(
    trusting: FoundedOffice, hosting: Hosting, authority: Authority, clock: FixedClock
) -> None:
    vouched = trusting.folder / AUTHORITY_FILE
    where = replace(hosting.where, authority=str(vouched))
    for bad, how in CERTIFICATES.items():
        with hosting.running.showing(*authority.issue(**how)):
            before = authorized(hosting)
            with pytest.raises(Refused, match=SAID_OF_A_SERVER[bad]):
                check_server(where, hosting.owner)
            with pytest.raises(Fault) as told, Office.at(trusting.folder, clock=clock) as office:
                sign_in(office, OPERATOR)
            assert told.value.code == "storage.server_unreachable", bad
            assert authorized(hosting) == before, "no password has left"
    with (
        hosting.running.showing(*authority.issue()),
        Office.at(trusting.folder, clock=clock) as office,
        sign_in(office, OPERATOR) as desk,
    ):
        assert not desk.is_locked


def store(terms: StoreTerms, _own: Path) -> None:
    try_out(terms)


def backup(terms: StoreTerms, own: Path) -> None:
    destinations.try_out(terms, own=own)


PLACES: dict[str, tuple[Callable[[StoreTerms, Path], None], Callable[[str], str]]] = {
    "object_store": (store, lambda bad: SAID_OF_A_STORE[bad]),
    "backup_server": (backup, lambda _bad: "backup.place_untrusted"),
}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_sent_to_a_place_that_cannot_prove_who_it_is(
    authority: Authority, tmp_path: Path, place: str
) -> None:
    enter, said = PLACES[place]
    own = tmp_path / "own"
    own.mkdir()

    def code(endpoint: str) -> str:
        terms = StoreTerms(
            StoreKind.S3,
            endpoint=endpoint,
            region="us-east-1",
            bucket="office",
            authority=authority.pem,
            access_key="AKIDESK",
            secret_key="the-desk's-secret",
        )
        with pytest.raises(DeskError) as told:
            enter(terms, own)
        return told.value.code

    for bad, how in CERTIFICATES.items():
        with tls_listener(*authority.issue(**how)) as port:
            assert code(f"https://localhost:{port}") == said(bad)
    assert code("http://localhost:9") in {"recordings.store_insecure", "backup.place_untrusted"}


@pytest.mark.parametrize("who", ["expired", "unknown"])
@pytest.mark.parametrize("end", End)
def test_nobody_listens_in_but_the_two_who_were_named(end: End, who: str) -> None:
    """Both ends show a certificate, and each is held against the one in the office's books."""
    expired = {"now": datetime.now(UTC) - timedelta(hours=2)} if who == "expired" else {}
    named = {one: make_identity(one, **(expired if one is end else {})) for one in End}
    comes = named[End.LISTENER]
    if who == "unknown" and end is End.LISTENER:
        comes = make_identity(End.LISTENER)
    said = Said()
    line = Line(order(named[End.LISTENER].certificate), said.tell)
    shown = line.certificate if end is End.LISTENER else named[End.LINE].certificate
    listener = Listener(comes, address_of(line, shown))
    assert listener.lost.get(timeout=PATIENCE) == "recordings.line_stranger"
    line.close()
    assert listener.player.blocks.empty()


def test_every_way_over_a_network_is_tried_here() -> None:
    assert {way.key for way in WAYS if way.tls} == {"database", "listening_in", *PLACES}
