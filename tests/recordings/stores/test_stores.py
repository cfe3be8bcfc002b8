"""What every kind of store keeps to: the same tests for a folder and for a real S3 server."""

import secrets
from pathlib import Path

import pytest

from desk_app.errors import Fault, Refused
from desk_app.recordings.stores.base import Content, Interrupted, StoreTerms, content_of
from desk_app.recordings.stores.opening import open_store, try_out

NAME = "ab" * 16 + ".age"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "one", 3_000_000)


def write(path: Path, size: int) -> Path:
    path.write_bytes(secrets.token_bytes(size))
    return path


def test_what_was_put_is_there_and_comes_back(
    terms: StoreTerms, file: Path, tmp_path: Path
) -> None:
    moved: list[int] = []
    with open_store(terms) as store:
        assert store.content(NAME) is None
        store.put(NAME, file, content_of(file), watch=moved.append)
        assert store.content(NAME) == content_of(file)
        assert store.names() == store.names("ab") == store.names(NAME) == [NAME]
        assert store.names("cd") == []
        store.fetch(NAME, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == file.read_bytes()
    assert moved[-1] == 3_000_000
    assert moved == sorted(moved)


def test_putting_twice_doubles_nothing(terms: StoreTerms, file: Path) -> None:
    moved: list[int] = []
    with open_store(terms) as store:
        store.put(NAME, file, content_of(file))
        store.put(NAME, file, content_of(file), watch=moved.append)
        assert store.names() == [NAME]
    assert moved == [], "it was there already"


def test_another_file_is_not_overwritten_unless_that_is_wanted(
    terms: StoreTerms, file: Path, tmp_path: Path
) -> None:
    other = write(tmp_path / "other", 1000)
    with open_store(terms) as store:
        store.put(NAME, file, content_of(file))
        with pytest.raises(Refused, match=r"recordings\.store_other"):
            store.put(NAME, other, content_of(other))
        assert store.content(NAME) == content_of(file)
        store.put(NAME, other, content_of(other), replace=True)
        assert store.content(NAME) == content_of(other)


def test_what_arrives_otherwise_than_it_was_measured_is_not_kept(
    terms: StoreTerms, file: Path
) -> None:
    measured = Content("00" * 32, file.stat().st_size)
    with open_store(terms) as store:
        with pytest.raises((Fault, Refused)):
            store.put(NAME, file, measured)
        assert store.names() == []


def test_what_was_deleted_is_gone_and_deleting_again_says_nothing(
    terms: StoreTerms, file: Path, tmp_path: Path
) -> None:
    with open_store(terms) as store:
        store.put(NAME, file, content_of(file))
        store.delete(NAME)
        store.delete(NAME)
        assert store.names() == []
        with pytest.raises(Fault, match=r"recordings\.store_missing"):
            store.fetch(NAME, tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_giving_up_on_the_way_leaves_nothing(terms: StoreTerms, file: Path) -> None:
    def stop(moved: int) -> None:
        raise Interrupted

    with open_store(terms) as store:
        with pytest.raises(Interrupted):
            store.put(NAME, file, content_of(file), watch=stop)
        assert store.names() == []
        store.put(NAME, file, content_of(file))
        assert store.content(NAME) == content_of(file)


def test_an_empty_file_goes_there_and_back(terms: StoreTerms, tmp_path: Path) -> None:
    empty = write(tmp_path / "empty", 0)
    with open_store(terms) as store:
        store.put(NAME, empty, content_of(empty))
        store.fetch(NAME, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b""


def test_trying_out_leaves_nothing_behind(terms: StoreTerms) -> None:
    with open_store(try_out(terms)) as store:
        assert store.names() == []


def test_terms_show_nothing_but_their_kind(terms: StoreTerms) -> None:
    assert repr(terms) == f"StoreTerms(kind={terms.kind!r})"
