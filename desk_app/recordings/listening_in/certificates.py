"""Who is at the other end of a line: a certificate for each end, made for one listening.

Nobody signs them. Each end makes its own, its private key never leaves the process that uses it,
and each learns the other's whole certificate from the office's books, where the services have
written it for who was signed in. An end trusts that one certificate: any other, also one that an
authority of the machine would vouch for, ends the handshake.
"""

import hashlib
import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from desk_app.errors import Refused

GOOD_FOR = timedelta(minutes=15)
"""Time to connect in; a connection that stands isn't ended by it."""
CLOCKS_DIFFER = timedelta(minutes=10)
"""How late the other end's clock may be."""
LONGEST_PEM = 4096


class End(StrEnum):
    """Which end of a line a certificate is good for, and no other."""

    LINE = "line"
    LISTENER = "listener"


_USES = {End.LINE: ExtendedKeyUsageOID.SERVER_AUTH, End.LISTENER: ExtendedKeyUsageOID.CLIENT_AUTH}


@dataclass(frozen=True, slots=True)
class Identity:
    """What one end proves itself with; ``certificate`` is what the other end is given (PEM)."""

    end: End
    certificate: str
    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    def context(self, peer: str) -> ssl.SSLContext:
        """TLS 1.3 with whoever holds the key of ``peer`` (PEM), and with nobody else."""
        is_line = self.end is End.LINE
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if is_line else ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False  # a desk has no name: it is known by its certificate
        context.verify_mode = ssl.CERT_REQUIRED
        if is_line:
            context.num_tickets = 0  # nothing is resumed
        try:
            context.load_verify_locations(cadata=parsed(peer))
        except ssl.SSLError as error:
            raise Refused("recordings.line_certificate") from error
        self._load_into(context)
        return context

    def _load_into(self, context: ssl.SSLContext) -> None:
        """`ssl` takes keys from files alone: this one is sealed by a password that only this
        function knows, and is gone again at once."""
        password = secrets.token_bytes(32).hex().encode("ascii")
        sealed = self._key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)
        )
        with tempfile.TemporaryDirectory(prefix="desk-line-") as folder:
            path = Path(folder, "end.pem")
            path.write_bytes(self.certificate.encode("ascii") + sealed)
            context.load_cert_chain(path, password=password)


def make_identity(
    end: End, *, now: datetime | None = None, good_for: timedelta = GOOD_FOR
) -> Identity:
    """A fresh key and its certificate. ``now`` is the machine's own time: TLS goes by that."""
    now = now or datetime.now(UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, end.value)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + good_for)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_USES[end]]), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Identity(end, certificate.public_bytes(Encoding.PEM).decode("ascii"), key)


def parsed(certificate: str) -> str:
    """A certificate in PEM, exactly one; `Refused` for anything else."""
    try:
        if len(certificate) > LONGEST_PEM:
            raise ValueError
        (one,) = x509.load_pem_x509_certificates(certificate.encode("ascii"))
    except ValueError as error:
        raise Refused("recordings.line_certificate") from error
    return one.public_bytes(Encoding.PEM).decode("ascii")


def fingerprint(certificate: str) -> str:
    """SHA-256 of a certificate, in hex: what the log names it by."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(parsed(certificate))).hexdigest()


def is_peer(secured: ssl.SSLSocket, peer: str) -> bool:
    """Whether the one who has shaken hands is ``peer`` itself, and nobody vouched for by it."""
    shown = secured.getpeercert(binary_form=True)
    return shown is not None and secrets.compare_digest(
        hashlib.sha256(shown).hexdigest(), fingerprint(peer)
    )
