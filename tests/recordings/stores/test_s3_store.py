"""A store on a server: only over verified TLS, cut in the middle, refused, forgotten to the last.

The server is a real one, in a process of its own.
"""

import logging
import secrets
import subprocess
import sys
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from desk_app.errors import DeskError, Fault, Refused
from desk_app.recordings.stores.base import StoreKind, StoreTerms, content_of
from desk_app.recordings.stores.opening import checked, open_store, try_out
from desk_app.recordings.stores.s3_store import S3Store
from tests.recordings.stores.servers import GarblingLine, Line, S3Server, tls_listener

NAME = "ab" * 16 + ".age"
MEBIBYTE = 1 << 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "one"
    path.write_bytes(secrets.token_bytes(2 * MEBIBYTE))
    return path


def keys_of(s3: S3Server, bucket: str) -> list[str]:
    return [one["Key"] for one in s3.client().list_objects_v2(Bucket=bucket).get("Contents", ())]


def test_an_address_without_tls_is_refused_before_anything_is_sent(s3_terms: StoreTerms) -> None:
    plain = replace(s3_terms, endpoint=s3_terms.endpoint.replace("https", "http"))
    for enter in (checked, try_out, open_store):
        with pytest.raises(Refused, match=r"recordings\.store_insecure"):
            enter(plain)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"days": -1}, "recordings.store_expired"),
        ({"self_signed": True}, "recordings.store_unknown"),
        ({"host": "elsewhere.example"}, "recordings.store_misnamed"),
    ],
    ids=["expired", "self-signed", "for another name"],
)
def test_a_bad_certificate_is_refused_and_said(
    s3: S3Server, s3_terms: StoreTerms, file: Path, bad: dict[str, object], code: str
) -> None:
    with tls_listener(*s3.authority.issue(**bad)) as port:
        terms = replace(s3_terms, endpoint=f"https://localhost:{port}")
        with pytest.raises(Refused) as told, open_store(terms) as store:
            store.put(NAME, file, content_of(file))
    assert told.value.code == code


def test_an_authority_of_ones_own_has_to_be_entered(s3_terms: StoreTerms, file: Path) -> None:
    with (
        pytest.raises(Refused, match=r"recordings\.store_unknown"),
        open_store(replace(s3_terms, authority="")) as store,
    ):
        store.put(NAME, file, content_of(file))


def test_no_answer_is_no_answer(s3_terms_by_line: StoreTerms, line: Line, file: Path) -> None:
    line.is_dead = True
    with open_store(s3_terms_by_line) as store, pytest.raises(Fault, match="store_away"):
        store.put(NAME, file, content_of(file))
    line.close()
    with open_store(s3_terms_by_line) as store, pytest.raises(Fault, match="store_away"):
        store.names()


def test_wrong_credentials_are_told_from_right_ones(
    s3: S3Server, s3_terms: StoreTerms, file: Path
) -> None:
    with s3.only_for_its_users() as (access_key, secret_key):
        right = replace(s3_terms, access_key=access_key, secret_key=secret_key)
        wrong = (
            replace(right, secret_key=secret_key[::-1]),
            replace(right, access_key="AKIAOFNOBODY00000000"),
        )
        for terms in wrong:
            with pytest.raises(Refused, match=r"recordings\.store_refused"):
                try_out(terms)
        try_out(right)


def test_a_missing_bucket_is_said(s3: S3Server, file: Path) -> None:
    with open_store(s3.terms("never-made")) as store:
        with pytest.raises(Refused, match=r"recordings\.store_no_bucket"):
            store.put(NAME, file, content_of(file))
        with pytest.raises(Refused, match=r"recordings\.store_no_bucket"):
            store.names()


def test_an_upload_cut_in_the_middle_leaves_nothing_and_arrives_later(
    s3: S3Server, s3_terms_by_line: StoreTerms, line: Line, file: Path
) -> None:
    line.cut_after = MEBIBYTE
    with open_store(s3_terms_by_line) as store:
        with pytest.raises(Fault, match=r"recordings\.store_away"):
            store.put(NAME, file, content_of(file))
        assert line.was_cut.is_set()
        assert keys_of(s3, s3_terms_by_line.bucket) == []
        line.mend()
        store.put(NAME, file, content_of(file))
    assert keys_of(s3, s3_terms_by_line.bucket) == [f"recordings/{NAME}"]


def test_a_long_recording_goes_in_parts_and_what_was_cut_off_is_thrown_away(
    s3: S3Server, s3_terms_by_line: StoreTerms, line: Line, tmp_path: Path
) -> None:
    long = tmp_path / "long"
    long.write_bytes(secrets.token_bytes(13 * MEBIBYTE))
    client, bucket = s3.client(), s3_terms_by_line.bucket
    abandoned = client.create_multipart_upload(Bucket=bucket, Key=f"recordings/{NAME}")
    client.upload_part(
        Bucket=bucket,
        Key=f"recordings/{NAME}",
        UploadId=abandoned["UploadId"],
        PartNumber=1,
        Body=b"half of it",
    )
    moved: list[int] = []
    with S3Store(s3_terms_by_line, part_bytes=5 * MEBIBYTE) as store:
        line.cut_after = 8 * MEBIBYTE
        with pytest.raises(Fault, match=r"recordings\.store_away"):
            store.put(NAME, long, content_of(long))
        assert line.was_cut.is_set()
        assert keys_of(s3, bucket) == []
        line.mend()
        store.put(NAME, long, content_of(long), watch=moved.append)
        assert store.content(NAME) == content_of(long)
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)
    assert moved[-1] == 13 * MEBIBYTE


def test_what_differs_after_arrival_is_not_kept(
    s3: S3Server, s3_terms: StoreTerms, file: Path
) -> None:
    line = GarblingLine(s3, spared=MEBIBYTE)
    try:
        with open_store(replace(s3_terms, endpoint=f"https://localhost:{line.port}")) as store:
            line.garbles = True
            with pytest.raises(Fault, match=r"recordings\.store_damaged"):
                store.put(NAME, file, content_of(file))
            assert keys_of(s3, s3_terms.bucket) == []
            line.garbles = False
            store.put(NAME, file, content_of(file))
            assert store.content(NAME) == content_of(file)
    finally:
        line.close()


def test_a_stale_answer_after_replacing_costs_no_copy(
    s3: S3Server, s3_terms: StoreTerms, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store took what replaces, and still answers with what was there before."""
    renewed = file.with_name("renewed")
    renewed.write_bytes(file.read_bytes() + b"renewed")
    with S3Store(s3_terms) as store:
        store.put(NAME, file, content_of(file))
        with monkeypatch.context() as patched:
            patched.setattr(store, "content", lambda _name: content_of(file))
            with pytest.raises(Fault, match=r"recordings\.store_damaged"):
                store.put(NAME, renewed, content_of(renewed), replace=True)
        assert store.content(NAME) == content_of(renewed)


def test_two_who_put_the_same_at_once_leave_one(
    s3: S3Server, s3_terms: StoreTerms, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other was faster, between looking and sending: the server refuses to overwrite."""
    with S3Store(s3_terms) as faster, S3Store(s3_terms) as store:
        looked = store.content

        def look(name: str) -> object:
            seen = looked(name)
            if seen is None:
                faster.put(NAME, file, content_of(file))
            return seen

        monkeypatch.setattr(store, "content", look)
        store.put(NAME, file, content_of(file))
    assert keys_of(s3, s3_terms.bucket) == [f"recordings/{NAME}"]


def test_deleting_leaves_no_older_version(s3: S3Server, s3_terms: StoreTerms, file: Path) -> None:
    client = s3.client()
    client.put_bucket_versioning(
        Bucket=s3_terms.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    other = file.with_name("other")
    other.write_bytes(b"another")
    with open_store(s3_terms) as store:
        store.put(NAME, file, content_of(file))
        store.put(NAME, other, content_of(other), replace=True)
        client.delete_object(Bucket=s3_terms.bucket, Key=f"recordings/{NAME}")
        assert store.names() == []
        store.delete(NAME)
    left = client.list_object_versions(Bucket=s3_terms.bucket)
    assert not left.get("Versions")
    assert not left.get("DeleteMarkers")


def test_the_surroundings_change_nothing(
    s3_terms: StoreTerms, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text("this is no configuration\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(config))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody's")
    with open_store(s3_terms) as store:
        store.put(NAME, file, content_of(file))
        assert store.names() == [NAME]


def test_no_error_and_no_log_names_the_place_or_the_key(
    s3: S3Server,
    s3_terms_by_line: StoreTerms,
    line: Line,
    file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []

    def failing(terms: StoreTerms) -> None:
        with pytest.raises(DeskError) as error, open_store(terms) as store:
            store.put(NAME, file, content_of(file))
        told.append("".join(traceback.format_exception(error.value)))

    failing(replace(s3_terms_by_line, bucket="never-made"))
    failing(replace(s3_terms_by_line, authority=""))
    line.cut_after = MEBIBYTE
    failing(s3_terms_by_line)
    everything = "\n".join([*told, caplog.text])
    for secret in (str(line.port), "never-made", "AKIDESK", "the-desk's-secret", NAME):
        assert secret not in everything


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"endpoint": "ftp://localhost"}, "recordings.store_address"),
        ({"endpoint": "https://"}, "recordings.store_address"),
        ({"endpoint": "https://localhost:port"}, "recordings.store_address"),
        ({"endpoint": "https://key:secret@localhost"}, "recordings.store_address"),
        ({"endpoint": "https://localhost/bucket"}, "recordings.store_address"),
        ({"endpoint": "", "region": ""}, "recordings.store_incomplete"),
        ({"bucket": ""}, "recordings.store_incomplete"),
        ({"bucket": "no bucket"}, "recordings.store_incomplete"),
        ({"prefix": "two words"}, "recordings.store_incomplete"),
        ({"secret_key": " "}, "recordings.store_incomplete"),
        ({"access_key": "AKI\rDESK"}, "recordings.store_incomplete"),
        ({"kind": StoreKind.FOLDER, "folder": ""}, "recordings.store_folder"),
        ({"kind": StoreKind.FOLDER, "folder": "share"}, "recordings.store_folder"),
        ({"kind": StoreKind.FOLDER, "folder": "/share\0"}, "recordings.store_folder"),
        ({"authority": "not a certificate"}, "recordings.store_authority"),
    ],
)
def test_terms_that_cannot_be_are_refused(
    s3_terms: StoreTerms, change: dict[str, str], code: str
) -> None:
    with pytest.raises(Refused) as told:
        checked(replace(s3_terms, **change))
    assert told.value.code == code


def test_the_library_is_loaded_when_a_server_is_opened_and_not_before() -> None:
    """It takes a third of a second, which the window's start has no use for."""
    code = (
        "import sys, desk_app.office, desk_app.recordings.stores.uploading;"
        "print([m for m in ('boto3', 'botocore', 'urllib3') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
