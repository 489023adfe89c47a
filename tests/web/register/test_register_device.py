"""Sealing with a key that never leaves its device: SoftHSM as the device, through PKCS#11."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.register import examine, seal_key, sign
from zerofactory_web.settings import Settings

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "4711-pin"
KEYS: dict[str, Any] = {"rsa": lambda: rsa.generate_private_key(65537, 2048), "ec": lambda: ec.generate_private_key(ec.SECP256R1())}

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A device called ``body`` with a key and a certificate of each kind; the path of its driver."""
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    if shutil.which("softhsm2-util") is None or not Path(MODULE).exists():
        pytest.skip("softhsm2 is not installed")
    folder = tmp_path_factory.mktemp("device")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        _tool("--init-token", "--free", "--label", "body", "--pin", PIN, "--so-pin", "so-" + PIN)
        for number, (kind, make) in enumerate(KEYS.items(), 1):
            _put(folder, kind, make(), number)
        yield MODULE


def _tool(*words: str) -> None:
    subprocess.run(["softhsm2-util", *words], check=True, capture_output=True, timeout=60)


def _put(folder: Path, kind: str, key: Any, number: int) -> None:
    import pkcs11
    from pkcs11.util.x509 import decode_x509_certificate

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Body Seal {kind}")])
    cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(number)
            .not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=90)).sign(key, hashes.SHA256()))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    _tool("--import", str(folder / "key.pem"), "--token", "body", "--label", f"seal-{kind}", "--id", f"0{number}", "--pin", PIN)
    (folder / "key.pem").unlink()
    token = pkcs11.lib(MODULE).get_token(token_label="body")
    with token.open(rw=True, user_pin=PIN) as session:
        told = decode_x509_certificate(cert.public_bytes(serialization.Encoding.DER))
        session.create_object({**told, pkcs11.Attribute.LABEL: f"seal-{kind}", pkcs11.Attribute.TOKEN: True})


def _settings(folder: Path, device: str, kind: str, pin: str = PIN) -> Settings:
    return Settings(data=folder, signing_key=f"pkcs11:token=body;object=seal-{kind}?module-path={device}", signing_password=pin)


@pytest.mark.parametrize("kind", list(KEYS))
def test_a_key_in_a_device_seals(device: str, plain: bytes, tmp_path: Path, kind: str) -> None:
    settings = _settings(tmp_path, device, kind)
    with seal_key.opened(settings, "The Body", NOW) as seal:
        assert (seal.own, seal.subject) == (False, f"Body Seal {kind}")
        sealed = sign.seal_pdf(plain, seal, NOW, settings, "test")
    assert sealed.startswith(plain)
    found = examine.seal(sealed)
    assert found is not None
    assert (found["state"], found["subject"]) == ("whole", f"Body Seal {kind}")
    broken = examine.seal(sealed[:200] + bytes([sealed[200] ^ 1]) + sealed[201:])
    assert broken is None or broken["state"] == "broken"
    assert not (tmp_path / "keys").exists(), "no key of the installation was made"


@pytest.mark.parametrize(("kind", "pin"), [("none", PIN), ("rsa", "wrong")])
def test_a_wrong_name_and_a_wrong_pin_are_told_without_the_pin(device: str, tmp_path: Path, kind: str, pin: str) -> None:
    with pytest.raises(ProblemsError) as caught, seal_key.opened(_settings(tmp_path, device, kind, pin), "The Body", NOW):
        pass
    told = [p.as_json() for p in caught.value.problems]
    assert [p["code"] for p in told] == ["register.seal-no-device"]
    assert pin not in str(told)
