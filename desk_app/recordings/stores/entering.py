"""A store is tried out and entered by somebody who isn't shown its secret again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from desk_app.errors import Refused
from desk_app.recordings.stores import service, views
from desk_app.recordings.stores.base import StoreKind, StoreTerms
from desk_app.recordings.stores.opening import checked, try_out


def try_terms(
    read: Callable[..., Any], terms: StoreTerms, *, own: Path | None = None
) -> StoreTerms:
    """Write, read back and delete a file there; the terms to keep. Off the window's thread.

    Without a secret the one in use is taken, for the same server and key only. Raises what the
    store says; not permitted to whom may not enter stores. ``own`` is the desk's data folder:
    there a copy would lie beside what it is to outlive.
    """
    current: StoreTerms | None = read(views.terms_in_use)
    if not terms.secret_key and terms.kind is StoreKind.S3 and current is not None:
        server = terms.endpoint.strip().rstrip("/"), terms.region.strip(), terms.access_key.strip()
        if server == (current.endpoint, current.region, current.access_key):
            terms = replace(terms, secret_key=current.secret_key)
    if own is not None and terms.kind is StoreKind.FOLDER:
        folder = Path(checked(terms).folder).resolve()
        if folder.is_relative_to(own.resolve()):
            raise Refused("recordings.store_own_folder")
    return try_out(terms)


def enter(
    perform: Callable[..., Any],
    read: Callable[..., Any],
    terms: StoreTerms,
    *,
    own: Path | None = None,
) -> None:
    """Try the store out and let recordings go there from now on; nothing if it doesn't work."""
    perform(service.enter_store, try_terms(read, terms, own=own))
