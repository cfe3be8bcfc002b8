"""Terms become a store; terms somebody typed are checked, tried out, and made whole."""

import re
import secrets
import ssl
import tempfile
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from desk_app.errors import Fault, Refused
from desk_app.recordings.stores.base import Store, StoreKind, StoreTerms, content_of
from desk_app.recordings.stores.folder_store import FolderStore, mark
from desk_app.recordings.stores.s3_store import S3Store

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]", re.ASCII)
_REGION = re.compile(r"[a-z0-9-]{0,40}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_KEY = re.compile(r"[!-~]+", re.ASCII)
_PREFIX = re.compile(r"([A-Za-z0-9._-]+/)*", re.ASCII)
_PROBE_BYTES = 4096


def open_store(terms: StoreTerms) -> Store:
    """The store of these terms; use it as a context manager. Sends nothing yet."""
    if terms.kind is StoreKind.FOLDER:
        return FolderStore(Path(terms.folder), terms.marker)
    return S3Store(terms)


def checked(terms: StoreTerms) -> StoreTerms:
    """The same terms in their one form.

    ``Refused``: ``recordings.store_insecure`` for an address that isn't ``https://``,
    ``recordings.store_address`` for one that isn't an address, ``recordings.store_incomplete``
    for what is missing or can't be, ``recordings.store_folder`` for what names no folder,
    ``recordings.store_authority`` for what is no certificate.
    """
    if terms.kind is StoreKind.FOLDER:
        if _CONTROL.search(terms.folder) or not Path(terms.folder).is_absolute():
            raise Refused("recordings.store_folder")
        return StoreTerms(StoreKind.FOLDER, folder=terms.folder, marker=terms.marker)
    endpoint = terms.endpoint.strip().rstrip("/")
    prefix = terms.prefix.strip().strip("/")
    whole = replace(
        terms,
        folder="",
        marker="",
        endpoint=endpoint,
        region=terms.region.strip(),
        bucket=terms.bucket.strip(),
        prefix=f"{prefix}/" if prefix else "",
        authority=terms.authority.strip(),
        access_key=terms.access_key.strip(),
        secret_key=terms.secret_key.strip(),
    )
    _check_address(endpoint)
    if not (whole.endpoint or whole.region):
        raise Refused("recordings.store_incomplete")
    if not (
        _KEY.fullmatch(whole.access_key)
        and _KEY.fullmatch(whole.secret_key)
        and _BUCKET.fullmatch(whole.bucket)
        and _REGION.fullmatch(whole.region)
        and _PREFIX.fullmatch(whole.prefix)
    ):
        raise Refused("recordings.store_incomplete")
    if whole.authority:
        _check_authority(whole.authority)
    return whole


def try_out(terms: StoreTerms) -> StoreTerms:
    """Write a file to the store, read it back, delete it; the terms to keep.

    A folder is marked as a store. Takes as long as the store does; raises what it says.
    """
    terms = checked(terms)
    if terms.kind is StoreKind.FOLDER:
        terms = replace(terms, marker=mark(Path(terms.folder)))
    name = f"probe-{secrets.token_hex(16)}"
    with tempfile.TemporaryDirectory() as folder, open_store(terms) as store:
        probe, back = Path(folder, "probe"), Path(folder, "back")
        probe.write_bytes(secrets.token_bytes(_PROBE_BYTES))
        content = content_of(probe)
        try:
            store.put(name, probe, content)
            store.fetch(name, back)
            if content_of(back) != content:
                raise Fault("recordings.store_damaged")
        finally:
            store.delete(name)
    return terms


def _check_address(endpoint: str) -> None:
    if not endpoint:
        return
    try:
        parts = urlsplit(endpoint)
        parts.port  # noqa: B018 -- says whether it is one
    except ValueError:
        raise Refused("recordings.store_address") from None
    if parts.scheme == "http":
        raise Refused("recordings.store_insecure")
    extra = parts.path or parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme != "https" or not parts.hostname or extra:
        raise Refused("recordings.store_address")


def _check_authority(pem: str) -> None:
    try:
        context = ssl.create_default_context(cadata=pem)
    except (ssl.SSLError, ValueError):
        raise Refused("recordings.store_authority") from None
    del context
