"""A store on a server that speaks S3, through boto3: over TLS, verified, and nothing else.

Why boto3: its maker keeps it beside the service itself and others test their servers against it;
it takes an authority of one's own (``verify=``), conditional writes and SHA-256 checksums, and
streams. s3fs adds an asynchronous loop and a cache that hides when bytes were written; obstore is
young and puts its own retries in between. Its price is a third of a second to import, so it is
imported when a store is opened, on a worker.

The environment and the files of other AWS tools change nothing here. Retries are the queue's:
botocore makes one attempt. Servers differ in what they check themselves, so what arrived is read
back as a whole; a call is a few megabytes.
"""

import base64
import logging
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import urlsplit

from desk_app.errors import DeskError, Fault, Refused
from desk_app.files import whole_file
from desk_app.recordings.stores.base import (
    BLOCK_BYTES,
    Content,
    StoreTerms,
    Watch,
    measure,
    unwatched,
    watched,
)
from desk_app.recordings.stores.s3_answers import (
    NO_SUCH_FEATURE,
    AlreadyThere,
    Missing,
    code_of,
    faults,
    tolerant,
    translated,
)

PART_BYTES = 16 << 20
_MAKING = threading.Lock()
_CONNECT_SECONDS, _READ_SECONDS = 10, 30


class S3Store:
    """`Store` in a bucket. Opening it sends nothing yet.

    ``Refused("recordings.store_insecure")`` for an address that isn't ``https://``.
    """

    def __init__(self, terms: StoreTerms, *, part_bytes: int = PART_BYTES) -> None:
        if terms.endpoint and urlsplit(terms.endpoint).scheme != "https":
            raise Refused("recordings.store_insecure")
        self._bucket, self._prefix, self._part_bytes = terms.bucket, terms.prefix, part_bytes
        with ExitStack() as undo:
            verify: str | bool = True
            if terms.authority:
                folder = Path(undo.enter_context(tempfile.TemporaryDirectory()))
                (folder / "authority.pem").write_text(terms.authority, "ascii")
                verify = str(folder / "authority.pem")
            self._client = _client(terms, verify)
            undo.callback(self._client.close)
            self._closing = undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def put(
        self,
        name: str,
        source: Path,
        content: Content,
        *,
        replace: bool = False,
        watch: Watch = unwatched,
    ) -> None:
        before = self.content(name)
        if not self._is_to_send(before, content, replace=replace):
            return
        self._abort_leftovers(name)
        try:
            with source.open("rb") as body:
                if content.size > 2 * self._part_bytes:
                    self._send_in_parts(name, body, content, watch=watch, once=not replace)
                else:
                    self._send(name, body, content, watch=watch, once=not replace)
        except AlreadyThere:
            self._is_to_send(self.content(name), content, replace=False)
        if self.content(name) != content:
            if before is None:  # else a stale answer would cost the only copy
                self.delete(name)
            raise Fault("recordings.store_damaged")

    def fetch(self, name: str, target: Path, *, watch: Watch = unwatched) -> None:
        with self._opened(name) as parts:
            if parts is None:
                raise Fault("recordings.store_missing")
            with whole_file(target) as sink:
                for part in watched(parts, watch):
                    sink.write(part)

    def content(self, name: str) -> Content | None:
        with self._opened(name) as parts:
            return None if parts is None else measure(parts)

    def delete(self, name: str) -> None:
        self._abort_leftovers(name)
        with faults():
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + name)
        for version in self._versions(name):
            with faults():
                self._client.delete_object(
                    Bucket=self._bucket, Key=self._prefix + name, VersionId=version
                )
        if self._versions(name) or name in self.names(name):
            raise Fault("recordings.store_not_gone")

    def names(self, prefix: str = "") -> list[str]:
        with faults():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            return sorted(
                one["Key"].removeprefix(self._prefix)
                for page in pages
                for one in page.get("Contents", ())
            )

    def _is_to_send(self, there: Content | None, content: Content, *, replace: bool) -> bool:
        if there == content:
            return False
        if there is not None and not replace:
            raise Refused("recordings.store_other")
        return True

    def _send(
        self, name: str, body: BinaryIO, content: Content, *, watch: Watch, once: bool
    ) -> None:
        digest = base64.b64encode(bytes.fromhex(content.sha256)).decode()
        named = {"Bucket": self._bucket, "Key": self._prefix + name, "ChecksumSHA256": digest}
        named["ChecksumAlgorithm"] = "SHA256"  # else a bucket with a lock doesn't see it
        with _Body(body, 0, content.size, watch) as part, faults(part):
            self._once(self._client.put_object, named | {"Body": part}, once=once)

    def _send_in_parts(
        self, name: str, body: BinaryIO, content: Content, *, watch: Watch, once: bool
    ) -> None:
        named = {"Bucket": self._bucket, "Key": self._prefix + name}
        with faults():
            upload = self._client.create_multipart_upload(**named)["UploadId"]
        try:
            sent = []
            for number, start in enumerate(range(0, content.size, self._part_bytes), start=1):
                length = min(self._part_bytes, content.size - start)
                with _Body(body, start, length, watch) as part, faults(part):
                    answer = self._client.upload_part(
                        **named, UploadId=upload, PartNumber=number, Body=part
                    )
                sent.append({"PartNumber": number, "ETag": answer["ETag"]})
            with faults():
                finish = {"UploadId": upload, "MultipartUpload": {"Parts": sent}}
                self._once(self._client.complete_multipart_upload, named | finish, once=once)
        except BaseException:
            with suppress(DeskError), faults():
                self._client.abort_multipart_upload(**named, UploadId=upload)
            raise

    def _once(self, send: Any, named: dict[str, Any], *, once: bool) -> None:
        """Write unless the name is taken, where the server can tell; else it was looked at."""
        if not once:
            send(**named)
            return
        from botocore.exceptions import ClientError

        try:
            send(**named, IfNoneMatch="*")
        except ClientError as error:
            if code_of(error) not in NO_SUCH_FEATURE:
                raise
            if "Body" in named:
                named["Body"].seek(0)
            send(**named)

    def _abort_leftovers(self, name: str) -> None:
        """Throw away the parts of uploads that were cut off."""
        key = self._prefix + name
        with tolerant(), faults():
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._bucket, Prefix=key
            )
            left = [one for page in pages for one in page.get("Uploads", ()) if one["Key"] == key]
            for one in left:
                self._client.abort_multipart_upload(
                    Bucket=self._bucket, Key=key, UploadId=one["UploadId"]
                )

    def _versions(self, name: str) -> list[str]:
        """What a bucket with versions keeps of the name, the marks of deletion included."""
        key = self._prefix + name
        found: list[str] = []
        with tolerant(), faults():
            pages = self._client.get_paginator("list_object_versions").paginate(
                Bucket=self._bucket, Prefix=key
            )
            for page in pages:
                kept = (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
                found += [one["VersionId"] for one in kept if one["Key"] == key]
        return found

    @contextmanager
    def _opened(self, name: str) -> Iterator[Iterator[bytes] | None]:
        """The object, part by part; None if there is none."""
        try:
            with faults():
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
        except Missing:
            yield None
            return
        body = answer["Body"]
        try:
            yield translated(body.iter_chunks(BLOCK_BYTES))
        finally:
            body.close()


class _Body:
    """A stretch of a file as botocore wants it, telling ``watch`` what was read of it.

    What goes wrong here is kept, because botocore makes an error of its own of it.
    """

    def __init__(self, file: BinaryIO, start: int, length: int, watch: Watch) -> None:
        self.failure: Exception | None = None
        self._file, self._start, self._length, self._watch = file, start, length, watch
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """The file stays its owner's."""

    def __len__(self) -> int:
        return self._length

    def read(self, size: int | None = None) -> bytes:
        left = self._length - self._at
        try:
            self._file.seek(self._start + self._at)
            data = self._file.read(left if size is None or size < 0 else min(size, left))
            self._at += len(data)
            self._watch(self._start + self._at)
        except Exception as error:
            self.failure = error
            raise
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        self._at = origin + offset
        return self._at

    def tell(self) -> int:
        return self._at


@cache
def _session() -> Any:
    """What clients are made by; it has read botocore's descriptions of the service."""
    import boto3
    import botocore.session

    for name in ("boto3", "botocore", "urllib3"):  # they log addresses, headers, accounts
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    none_of_theirs = {
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
        "profile": (None, None, None, None),
    }
    return boto3.session.Session(
        botocore_session=botocore.session.Session(session_vars=none_of_theirs)
    )


def _client(terms: StoreTerms, verify: str | bool) -> Any:
    from botocore.config import Config

    with _MAKING:  # a session makes one client at a time
        return _session().client(
            "s3",
            endpoint_url=terms.endpoint or None,
            region_name=terms.region or "us-east-1",
            aws_access_key_id=terms.access_key,
            aws_secret_access_key=terms.secret_key,
            verify=verify,
            config=Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                retries={"total_max_attempts": 1, "mode": "standard"},
                signature_version="s3v4",
                s3={
                    "addressing_style": "path" if terms.endpoint else "auto",
                    "payload_signing_enabled": False,  # TLS does that; it would be read twice
                },
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                ignore_configured_endpoint_urls=True,
            ),
        )
