"""Servers on the loopback for stores: a real S3 server, ways to it that break, bad certificates."""

import ipaddress
import json
import os
import select
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from desk_app.recordings.stores.base import StoreKind, StoreTerms

_SAID = "Running on"


class Authority:
    """Signs certificates for servers on the loopback, good ones and bad ones."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Inquiry Desk test authority")
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(
        self, *, host: str = "localhost", days: int = 1, self_signed: bool = False
    ) -> tuple[Path, Path]:
        """Certificate and key, in files; ``days`` is how long it is valid from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        subject = _name(host)
        names: list[x509.GeneralName] = [x509.DNSName(host)]
        if host == "localhost":
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if self_signed else self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=20))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(key if self_signed else self._key, hashes.SHA256())
        )
        stem = f"{host}-{x509.random_serial_number():x}"
        written = self._folder / f"{stem}.crt", self._folder / f"{stem}.key"
        written[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        written[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return written


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


@dataclass(frozen=True)
class S3Server:
    """A server that speaks S3 over TLS, and what the desk has to know of it."""

    port: int
    authority: Authority
    certificate_file: Path

    def client(self, service: str = "s3") -> Any:
        """A client past everything that the product checks."""
        return boto3.client(
            service,
            endpoint_url=f"https://localhost:{self.port}",
            verify=str(self.certificate_file),
            region_name="us-east-1",
            aws_access_key_id="tester",
            aws_secret_access_key="tester's",
        )

    def terms(self, bucket: str, *, port: int | None = None, **other: str) -> StoreTerms:
        wanted: dict[str, Any] = {
            "endpoint": f"https://localhost:{port or self.port}",
            "region": "us-east-1",
            "bucket": bucket,
            "prefix": "recordings/",
            "authority": self.authority.pem,
            "access_key": "AKIDESK",
            "secret_key": "the-desk's-secret",
        }
        return StoreTerms(StoreKind.S3, **(wanted | other))

    @contextmanager
    def only_for_its_users(self) -> Iterator[tuple[str, str]]:
        """From now on the server checks keys and signatures; yields a pair that it knows."""
        iam = self.client("iam")
        name = f"desk{os.urandom(4).hex()}"
        iam.create_user(UserName=name)
        policy = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
        }
        iam.put_user_policy(
            UserName=name, PolicyName="recordings", PolicyDocument=json.dumps(policy)
        )
        key = iam.create_access_key(UserName=name)["AccessKey"]
        self._check_keys_after("0")
        try:
            yield key["AccessKeyId"], key["SecretAccessKey"]
        finally:
            self._check_keys_after("inf")

    def _check_keys_after(self, requests: str) -> None:
        context = ssl.create_default_context(cadata=self.authority.pem)
        with (
            socket.create_connection(("localhost", self.port)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as line,
        ):
            line.sendall(
                f"POST /moto-api/reset-auth HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                f"Content-Length: {len(requests)}\r\n\r\n{requests}".encode()
            )
            answer = b"".join(iter(lambda: line.recv(4096), b""))
        assert b"200" in answer.splitlines()[0], answer


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """moto's server in a process of its own."""
    authority = Authority(folder)
    certificate, key = authority.issue()
    trusted = folder / "authority.pem"
    trusted.write_text(authority.pem)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "moto.server",
            "-H",
            "127.0.0.1",
            "-p",
            str(port),
            "-c",
            str(certificate),
            "-k",
            str(key),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"S3_UPLOAD_PART_MIN_SIZE": "5242880"},
    )
    assert running.stderr is not None
    said = []
    for line in running.stderr:
        said.append(line)
        if _SAID in line:
            break
    else:
        raise AssertionError("".join(said))
    drain = threading.Thread(target=lambda: [None for _ in running.stderr or ()], daemon=True)
    drain.start()
    try:
        yield S3Server(port, authority, trusted)
    finally:
        running.terminate()
        running.wait(timeout=20)
        drain.join(timeout=20)
        running.stderr.close()


class Line:
    """A TCP line to a server; it can be cut in the middle of what is sent, or be dead."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.cut_after: int | None = None
        """Bytes from the desk that are let through before the line is cut; None: all."""
        self.is_dead = False
        self.was_cut = threading.Event()
        self._carried = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for one in (self._listening, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def mend(self) -> None:
        self.cut_after, self._carried = None, 0
        self.was_cut.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                desk, _ = self._listening.accept()
                if self.is_dead:
                    desk.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
                threading.Thread(target=self._carry, args=(desk, server), daemon=True).start()

    def _join(self, desk: socket.socket, server: socket.socket) -> list[socket.socket]:
        return [desk, server]

    def _changed(self, data: bytes, *, outward: bool, before: int) -> bytes:
        return data

    def _carry(self, desk: socket.socket, server: socket.socket) -> None:
        """One thread for both ways: a TLS socket is not for two."""
        with suppress(OSError):
            desk, server = self._join(desk, server)
        self._open += [desk, server]
        came = {desk: 0, server: 0}
        with suppress(OSError, ValueError):
            while True:
                ready = [one for one in came if getattr(one, "pending", int)()]
                for source in ready or select.select(list(came), [], [])[0]:
                    outward = source is desk
                    data = source.recv(65536)
                    changed = self._changed(data, outward=outward, before=came[source])
                    came[source] += len(data)
                    if not data or (outward and not self._lets_through(len(data))):
                        raise OSError
                    (server if outward else desk).sendall(changed)
        for one in came:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _lets_through(self, length: int) -> bool:
        if self.cut_after is None:
            return True
        self._carried += length
        if self._carried > self.cut_after:
            self.was_cut.set()
            return False
        return True


@contextmanager
def tls_listener(certificate: Path, key: Path) -> Iterator[int]:
    """Somebody who answers TLS with a certificate, and has nothing more to say."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                plain, _ = listening.accept()
                with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as line:
                    line.recv(4096)

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    try:
        yield listening.getsockname()[1]
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        serving.join(timeout=10)


class GarblingLine(Line):
    """A line that is trusted by the desk and changes what the server sends back.

    For a store that lies, or rots: TLS ends here, and a byte of each answer longer than
    ``spared`` is another one while ``garbles``.
    """

    def __init__(self, server: S3Server, *, spared: int) -> None:
        self.garbles = False
        self._spared = spared
        self._as_server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._as_server.load_cert_chain(*server.authority.issue())
        self._as_desk = ssl.create_default_context(cadata=server.authority.pem)
        for context in (self._as_server, self._as_desk):  # nothing comes between the answers
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        super().__init__(server.port)

    def _join(self, desk: socket.socket, server: socket.socket) -> list[socket.socket]:
        return [
            self._as_server.wrap_socket(desk, server_side=True),
            self._as_desk.wrap_socket(server, server_hostname="localhost"),
        ]

    def _changed(self, data: bytes, *, outward: bool, before: int) -> bytes:
        if outward or not self.garbles or not before <= self._spared < before + len(data):
            return data
        at = self._spared - before
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
