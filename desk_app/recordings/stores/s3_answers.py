"""What a server that speaks S3 answers, in the store's words and no others.

No error that leaves here names an address, a bucket or a key, not even in what it was raised from.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from desk_app.errors import DeskError, Fault, Refused

_EXPIRED, _MISNAMED = {9, 10}, {62, 63, 64}  # of X509_V_ERR_*
_MISSING = {"NoSuchKey", "404", "NotFound"}
_THERE = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_FULL = {"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "EntityTooLarge", "507"}
_DAMAGED = {"BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "IncompleteBody"}
NO_SUCH_FEATURE = {"NotImplemented", "501", "MethodNotAllowed", "405"}
_NAMED = {
    "NoSuchBucket": "recordings.store_no_bucket",
    "RequestTimeTooSkewed": "recordings.store_clock",
}


class Missing(Exception):
    """There is no object of that name."""


class AlreadyThere(Exception):
    """The server refused to overwrite."""


class NoSuchFeature(Exception):
    """The server doesn't know this request."""


class Sent(Protocol):
    """What was being sent; ``failure`` is what went wrong on this side."""

    failure: Exception | None


@contextmanager
def faults(body: Sent | None = None) -> Iterator[None]:
    """What the server or the way to it says, in the store's words and no others."""
    from botocore.exceptions import BotoCoreError, ClientError, SSLError

    try:
        yield
    except ClientError as error:
        raise _answered(error) from None
    except SSLError as error:
        raise _distrust(error) from None
    except BotoCoreError:
        if body is not None and body.failure is not None:
            raise body.failure from None
        raise Fault("recordings.store_away") from None


@contextmanager
def tolerant() -> Iterator[None]:
    """Go on where a server doesn't know what is asked: it has nothing of the kind."""
    with suppress(NoSuchFeature):
        yield


def translated(parts: Iterator[bytes]) -> Iterator[bytes]:
    with faults():
        yield from parts


def code_of(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _answered(error: Any) -> Exception:
    code = code_of(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _NAMED:
        return Refused(_NAMED[code])
    if code in _MISSING:
        return Missing()
    if code in _THERE:
        return AlreadyThere()
    if code in NO_SUCH_FEATURE:
        return NoSuchFeature()
    if code in _DAMAGED:
        return Fault("recordings.store_damaged")
    if code in _FULL:
        return Fault("recordings.store_full")
    if 400 <= status < 500 and status not in (408, 429):
        return Refused("recordings.store_refused")
    return Fault("recordings.store_away")


def _distrust(error: BaseException) -> DeskError:
    """Why the server isn't believed, as far down as anybody says so."""
    from urllib3.util.ssl_match_hostname import CertificateError

    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or one in seen:
            continue
        seen.append(one)
        if isinstance(one, CertificateError):
            return Refused("recordings.store_misnamed")
        if isinstance(one, ssl.SSLCertVerificationError):
            if one.verify_code in _EXPIRED:
                return Refused("recordings.store_expired")
            if one.verify_code in _MISNAMED:
                return Refused("recordings.store_misnamed")
            return Refused("recordings.store_unknown")
        if isinstance(one, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError):
            return Fault("recordings.store_away")  # cut off: no matter of trust
        waiting += [one.__cause__, one.__context__, *one.args]
        waiting.append(getattr(one, "kwargs", {}).get("error"))
    return Refused("recordings.store_insecure")
