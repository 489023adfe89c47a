"""A provider whose certificate does not hold is not spoken to."""

from __future__ import annotations

import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.settings import Settings

pytest.importorskip("authlib", reason="the extra oidc is not installed")
oidc_provider = pytest.importorskip("zerofactory_web.accounts.oidc_provider")

NOW = datetime.now(UTC)


def _certificate(folder: Path, address: str, ends: datetime) -> Path:
    """Key and self-signed certificate of *address*, good until *ends*."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a provider")])
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
            .not_valid_before(NOW - timedelta(days=30)).not_valid_after(ends)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
    file = folder / "certificate.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return file


@contextmanager
def _provider(certificate: Path) -> Iterator[tuple[str, list[str]]]:
    """Its address, and what it was asked."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            base = f"https://127.0.0.1:{self.connection.getsockname()[1]}"
            body = json.dumps({"issuer": base, "authorization_endpoint": f"{base}/a", "token_endpoint": f"{base}/t", "jwks_uri": f"{base}/k",
                               "response_types_supported": ["code"], "id_token_signing_alg_values_supported": ["ES256"]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.handle_error = lambda *_given: None  # type: ignore[method-assign]  # a client that hangs up is what is tested
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(20)


LATER = NOW + timedelta(days=30)


@pytest.mark.parametrize(("address", "ends", "trusted", "holds"), [
    ("127.0.0.1", LATER, True, True),
    ("127.0.0.1", LATER, False, False),
    ("127.0.0.2", LATER, True, False),                         # of another host
    ("127.0.0.1", NOW - timedelta(days=1), True, False)])
def test_certificates_of_a_provider_are_checked(tmp_path: Path, address: str, ends: datetime, trusted: bool, holds: bool) -> None:
    certificate = _certificate(tmp_path, address, ends)
    with _provider(certificate) as (base, asked):
        settings = Settings(data=tmp_path, oidc_issuer=base, oidc_client_id="x", oidc_ca_file=str(certificate) if trusted else "")
        provider = oidc_provider.Provider(settings, lambda: NOW)
        if holds:
            assert provider.told().token == f"{base}/t"
            return
        with pytest.raises(ProblemsError) as refused:
            provider.told()
        assert [p.code for p in refused.value.problems] == ["accounts.oidc-away"]
        assert asked == []
