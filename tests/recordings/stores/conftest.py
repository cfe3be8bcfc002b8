"""Stores to test with: a real S3 server over TLS, a folder, and ways to them that break."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from desk_app.recordings.stores.base import StoreKind, StoreTerms
from desk_app.recordings.stores.folder_store import mark
from tests.recordings.stores.servers import Line, S3Server, s3_server

_buckets = count(1)


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One S3 server for each test process."""
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture
def bucket(s3: S3Server) -> str:
    """A fresh bucket."""
    name = f"recordings-{next(_buckets)}"
    s3.client().create_bucket(Bucket=name)
    return name


@pytest.fixture
def s3_terms(s3: S3Server, bucket: str) -> StoreTerms:
    return s3.terms(bucket)


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A folder as it is when it is mounted for the first time."""
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


@pytest.fixture
def folder_terms(share: Path) -> StoreTerms:
    return StoreTerms(StoreKind.FOLDER, folder=str(share), marker=mark(share))


@pytest.fixture(params=list(StoreKind))
def terms(request: pytest.FixtureRequest) -> StoreTerms:
    """The terms of each kind of store."""
    kind: StoreKind = request.param
    terms: StoreTerms = request.getfixturevalue(f"{kind}_terms")
    return terms


@pytest.fixture
def line(s3: S3Server) -> Iterator[Line]:
    """A line to the S3 server that the test may cut."""
    made = Line(s3.port)
    yield made
    made.close()


@pytest.fixture
def s3_terms_by_line(s3: S3Server, s3_terms: StoreTerms, line: Line) -> StoreTerms:
    return replace(s3_terms, endpoint=f"https://localhost:{line.port}")
