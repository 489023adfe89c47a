"""The key that seals certificates: one of the installation's own, made when first needed, a PKCS#12 file, or a token.

``signing_key`` names a PKCS#12 file or, as ``pkcs11:token=…;object=…?module-path=…`` (RFC 7512), a key in a device;
``signing_password`` is its password or PIN. Without it the installation makes a P-256 key and lets an authority of its
own, whose key is thrown away at once, certify it: enough to show that nothing was changed since and by whom, but not a
qualified signature, and every file says so.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.settings import Settings

if TYPE_CHECKING:
    from pyhanko.sign import Signer

PKCS11 = "pkcs11:"
_FILE = "seal.pem"
_YEARS = timedelta(days=3_652)


@dataclass(frozen=True, slots=True)
class Seal:
    """Who seals. *own*: whether the installation made the key itself; *subject*: whom the certificate names;
    *fingerprint*: SHA-256 of the certificate."""

    signer: Signer
    own: bool
    subject: str
    fingerprint: str


@contextmanager
def opened(settings: Settings, name: str, now: datetime) -> Iterator[Seal]:
    """The seal of the installation, for as long as files are sealed; *name* is written into a key that is made now.

    Raises:
        ProblemsError: ``register.seal-unreadable``, ``register.seal-expired``, ``register.seal-no-device``.
    """
    if settings.signing_key.startswith(PKCS11):
        with _device(settings) as signer:
            yield _seal(signer, now, own=False)
    else:
        own = not settings.signing_key
        yield _seal(_own(settings, name, now) if own else _pkcs12(settings), now, own=own)


def fingerprint(certificate: Any) -> str:
    """SHA-256 of a certificate as the register writes hashes."""
    return f"sha256:{certificate.sha256.hex()}"


def subject(certificate: Any) -> str:
    """The name of a certificate's subject in one line."""
    names: dict[str, Any] = certificate.subject.native
    common, organisation = names.get("common_name"), names.get("organization_name")
    parts = [str(p) for p in (common, organisation) if p and isinstance(p, str)]
    return ", ".join(dict.fromkeys(parts))[:200] or "—"


def _seal(signer: Signer, now: datetime, *, own: bool) -> Seal:
    found = signer.signing_cert
    if found is None:
        raise ProblemsError([Problem("register.seal-unreadable", found="—")])
    validity = found["tbs_certificate"]["validity"]
    if not validity["not_before"].native <= now <= validity["not_after"].native:
        raise ProblemsError([Problem("register.seal-expired", found=f"{validity['not_after'].native:%Y-%m-%d}")])
    return Seal(signer, own, subject(found), fingerprint(found))


def _pkcs12(settings: Settings) -> Signer:
    from pyhanko.sign import SimpleSigner

    password = settings.signing_password.encode("utf-8") if settings.signing_password else None
    load: Any = SimpleSigner.load_pkcs12        # pyHanko leaves it untyped
    found: Signer | None = load(settings.signing_key, passphrase=password)
    if found is None:
        raise ProblemsError([Problem("register.seal-unreadable", Place(path="ZEROFACTORY_SIGNING_KEY"),
                                     found=Path(settings.signing_key).name, accepted="PKCS#12 (.p12, .pfx)")])
    return found


@contextmanager
def _device(settings: Settings) -> Iterator[Signer]:
    """The key that ``pkcs11:token=…;object=…?module-path=…`` names; the PIN is the signing password."""
    place = Place(path="ZEROFACTORY_SIGNING_KEY")
    where, _, query = settings.signing_key.removeprefix(PKCS11).partition("?")
    words = {k: unquote(v) for k, _, v in (p.partition("=") for p in where.split(";"))}
    module = parse_qs(query).get("module-path", [""])[0]
    if not module or not words.get("object"):
        raise ProblemsError([Problem("register.seal-unreadable", place, found=where[:80],
                                     example="pkcs11:token=body;object=seal?module-path=/usr/lib/…/module.so")])
    try:
        from pyhanko.config.pkcs11 import PKCS11SignatureConfig, TokenCriteria
        from pyhanko.sign.pkcs11 import PKCS11SigningContext
    except ImportError:
        raise ProblemsError([Problem("register.seal-no-device", place, found="python-pkcs11",
                                     example="pip install 'zerofactory[pkcs11]'")]) from None
    criteria = TokenCriteria(label=words["token"]) if words.get("token") else None
    config = PKCS11SignatureConfig(module_path=module, cert_label=words["object"], key_label=words["object"],
                                   token_criteria=criteria, user_pin=settings.signing_password or None)
    context: Any = PKCS11SigningContext(config)
    try:
        signer: Any = context.__enter__()
        certificate = signer.signing_cert           # read from the device now, so that a wrong name is told here
        # Every device signs a digest with an elliptic key; some do not hash for it.
        signer.use_raw_mechanism = certificate.public_key.algorithm == "ec"
    except Exception as error:  # what a device and its driver say is of many kinds, and is told in few words
        raise ProblemsError([Problem("register.seal-no-device", place, found=f"{type(error).__name__}: {error}"[:160])
                             ]) from None
    try:
        yield signer
    finally:
        with suppress(Exception):       # a device that is gone cannot be let go of
            context.__exit__(None, None, None)


# --- the installation's own key --------------------------------------------------------------------------------------


def _own(settings: Settings, name: str, now: datetime) -> Signer:
    from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
    from pyhanko.sign import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    file = settings.data / "keys" / _FILE
    if not file.exists():
        _make(file, name, now)
    try:
        data = file.read_bytes()
        start = data.index(b"-----BEGIN CERTIFICATE")
        key = load_private_key_from_pemder_data(data[:start], passphrase=None)
        seal, *more = load_certs_from_pemder_data(data[start:])
    except (ValueError, OSError) as error:
        raise ProblemsError([Problem("register.seal-unreadable", Place(file=_FILE), found=type(error).__name__)]
                            ) from None
    store: Any = SimpleCertificateStore        # pyHanko leaves it untyped
    return SimpleSigner(signing_cert=seal, signing_key=key, cert_registry=store.from_certs(more))


def _make(file: Path, name: str, now: datetime) -> None:
    """Make key and certificates, whole or not at all; of two who try at once, one makes them for both."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = file.parent / f".{_FILE}.{secrets.token_hex(8)}"
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(_certified(name, now))
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(aside, file)
    finally:
        aside.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _certified(name: str, now: datetime) -> bytes:
    """A new key, its certificate, and the certificate of the authority that was made for it alone, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    start, end = now - timedelta(days=1), now + _YEARS
    root_name, seal_name = _named(name, "zerofactory seal authority"), _named(name, "zerofactory seal")

    def begun(whose: x509.Name, public: Any) -> x509.CertificateBuilder:
        return (x509.CertificateBuilder().subject_name(whose).issuer_name(root_name).public_key(public)
                .serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end))

    usage = {"content_commitment": False, "key_encipherment": False, "data_encipherment": False, "key_agreement": False,
             "encipher_only": False, "decipher_only": False}
    authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    root = (begun(root_name, authority.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.KeyUsage(digital_signature=False, key_cert_sign=True, crl_sign=True, **usage), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority.public_key()), False)
            .sign(authority, hashes.SHA256()))
    seal = (begun(seal_name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=False, crl_sign=False,
                                         **usage | {"content_commitment": True}), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(authority_id, False).sign(authority, hashes.SHA256()))
    pem = serialization.Encoding.PEM
    return b"".join((key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
                     seal.public_bytes(pem), root.public_bytes(pem)))


def _named(organisation: str, common: str) -> Any:
    """A name with the body's own as organisation, in at most the 64 characters that X.520 allows."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64].strip() or "—"),
                      x509.NameAttribute(NameOID.COMMON_NAME, common)])
