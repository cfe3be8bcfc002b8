"""The digest of a document that was looked at. The document itself is not copied."""

import hashlib
from pathlib import Path

from desk_app.errors import Fault


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 in hexadecimal and the length in bytes; as long as reading takes."""
    try:
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            return digest, source.tell()
    except OSError as error:
        raise Fault("controls.not_readable") from error
