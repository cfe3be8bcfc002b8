"""Every public test vector of the format (tests/keys/vectors, see the README there).

Keys that the desk doesn't read (post-quantum hybrid) are refused; that is tested too.
"""

import hashlib
import io
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from desk_app.keys import age

VECTORS = sorted(
    path for path in (Path(__file__).parent / "vectors").iterdir() if path.suffix != ".md"
)
ERRORS: Mapping[str, type[age.AgeError]] = {
    "no match": age.NoMatch,
    "HMAC failure": age.MacError,
    "header failure": age.HeaderError,
    "armor failure": age.HeaderError,
    "payload failure": age.PayloadError,
}


class Vector:
    def __init__(self, path: Path) -> None:
        head, self.file = path.read_bytes().split(b"\n\n", 1)
        fields = [line.split(": ", 1) for line in head.decode().splitlines()]
        self.one = dict(fields)
        self.identities = [value for key, value in fields if key == "identity"]
        if self.one.get("compressed") == "zlib":
            self.file = zlib.decompress(self.file)

    @property
    def refused(self) -> bool:
        return any(identity.startswith("AGE-SECRET-KEY-PQ-") for identity in self.identities)


def released(vector: Vector) -> tuple[str, type[BaseException] | None]:
    """SHA-256 of all that came out before the end or the error, and the error."""
    digest = hashlib.sha256()
    try:
        reader = age.decrypt(
            io.BytesIO(vector.file), vector.identities, vector.one.get("passphrase")
        )
        while part := reader.read(4096):
            digest.update(part)
    except age.AgeError as error:
        return digest.hexdigest(), type(error)
    return digest.hexdigest(), None


def test_the_vectors_are_there() -> None:
    assert len(VECTORS) == 143
    assert sum(Vector(path).refused for path in VECTORS) == 19


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.name)
def test_vector(path: Path) -> None:
    vector = Vector(path)
    if vector.refused:
        with pytest.raises((age.InvalidKey, ERRORS.get(vector.one["expect"], age.InvalidKey))):
            age.decrypt(io.BytesIO(vector.file), vector.identities)
        return
    digest, error = released(vector)
    if vector.one["expect"] == "success":
        assert error is None
    else:
        assert error is ERRORS[vector.one["expect"]]
    if "payload" in vector.one:
        assert digest == vector.one["payload"]


@pytest.mark.parametrize(
    "path",
    [path for path in VECTORS if Vector(path).one["expect"] == "payload failure"],
    ids=lambda path: path.name,
)
def test_a_damaged_payload_is_never_read_whole(path: Path) -> None:
    vector = Vector(path)
    reader = age.decrypt(io.BytesIO(vector.file), vector.identities)
    with pytest.raises(age.PayloadError) as first:
        reader.read()
    with pytest.raises(age.PayloadError) as second:
        reader.seek(0, io.SEEK_END)
    assert second.value is first.value is reader.error
