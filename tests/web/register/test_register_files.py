"""The signed files: what is in them, that making them twice makes them once, seals of every kind, and veraPDF."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.mappings.publishing.test_conformance import CONFORMS, verapdf
from tests.web.conftest import Clock
from tests.web.register.register_world import World, demo_bundle, prepared, refusing

from zerofactory_engine.bundle import parse_document, verify_document
from zerofactory_engine.canonical import content_hash, sha256
from zerofactory_mappings.publishing.pdf import attached_files
from zerofactory_web.register import examine, files, jobs, paper, seal_key, service, sign
from zerofactory_web.register.model import CertificateFile
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One certificate with its files, on SQLite: they are costly, and nothing here changes them."""
    store = Store(Settings(data=tmp_path_factory.mktemp("files"), public_url="https://zc.example"), clock=Clock())
    schema.upgrade(store.engine)
    world = prepared(store, 1, bundle=demo_bundle())
    files.make(store, world.issue().id)
    yield world
    store.close()


def listed(world: World) -> list[CertificateFile]:
    with world.store.read() as session:
        row = service.by_number(session, "ZC-2026-00001")
        assert row is not None
        return list(service.files(session, row.id))


def pdf(world: World, kind: str = "certificate", language: str = "en") -> bytes:
    return next(world.store.documents.read(f.document) for f in listed(world) if (f.kind, f.language) == (kind, language))


def text_of(data: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler-utils is not installed")
    (tmp_path / "x.pdf").write_bytes(data)
    return subprocess.run(["pdftotext", "-layout", str(tmp_path / "x.pdf"), "-"], capture_output=True, check=True).stdout.decode()


def test_four_files_are_sealed_by_the_same_key(made: World) -> None:
    found = listed(made)
    assert sorted((f.kind, f.language) for f in found) == sorted(files.ALL)
    assert {f.signer for f in found} == {"zerofactory seal, East China Zero Carbon Centre"}
    assert len({f.seal for f in found}) == 1
    for f in found:
        seal = examine.seal(made.store.documents.read(f.document))
        assert seal is not None
        assert (seal["state"], seal["fingerprint"], seal["timestamp"]) == ("whole", f.seal, None)
        assert seal["at"].startswith("2026-11-02T08:00")        # the store's clock, not the machine's


def test_what_a_certificate_carries_is_public(made: World) -> None:
    for language in ("zh", "en"):
        inside = attached_files(pdf(made, "certificate", language))
        assert sorted(inside) == [paper.RECORD_NAME, paper.EXTRACT_NAME]
        with made.store.read() as session:
            row = service.by_number(session, "ZC-2026-00001")
            assert row is not None
            assert content_hash(json.loads(inside[paper.RECORD_NAME])) == row.sha256
        extract = parse_document(inside[paper.EXTRACT_NAME])
        assert extract["kind"] == "public_extract"
        assert extract["extract_of"] == json.loads(demo_bundle())["id"]
        assert str(verify_document(extract).outcome) == "hashes_only"
        assert {f.attached for f in listed(made)} == {sha256(inside[paper.EXTRACT_NAME])}
    assert sorted(attached_files(pdf(made, "report"))) == ["public-extract.json"]
    assert {"dossier", "request", "factor_sets", "judgements"}.isdisjoint(extract)
    assert "inventory" not in extract["assessment"]


@pytest.mark.parametrize(("language", "words"), [
    ("zh", ["认证证书", "Certificate", "ZC-2026-00001", "示例动力电池有限公司", "零碳工厂", "不是合格电子签名", "2026-11-02 – 2029-11-01",
            "核验地址", "员工通勤", "王明"]),
    ("en", ["Certificate", "认证证书", "ZC-2026-00001", "Demo Power Battery Co., Ltd.", "Zero-carbon factory", "87.5",
            "not a qualified signature", "Verify at", "Commuting of employees", "What is not covered"])])
def test_what_a_certificate_says(made: World, tmp_path: Path, language: str, words: list[str]) -> None:
    said = text_of(pdf(made, "certificate", language), tmp_path)
    flat = "".join(said.split())
    assert [w for w in words if "".join(w.split()) not in flat] == []
    assert "https://zc.example/verify/ZC-2026-00001" in flat


def test_the_code_leads_to_the_page_and_names_the_record(made: World) -> None:
    with made.store.read() as session:
        row = service.by_number(session, "ZC-2026-00001")
        assert row is not None
    sheet = paper.Sheet(row.content, row.sha256, b"{}", "seal", True, "https://zc.example/")
    html = paper.page(sheet, "en")
    assert f"https://zc.example/verify/ZC-2026-00001#{row.sha256[7:23]}" in html       # what the picture says, in words
    assert paper.qr_code(f"{sheet.address}#{sheet.code}") in html


def test_the_page_is_the_same_bytes_until_it_is_sealed(made: World) -> None:
    with made.store.read() as session:
        row = service.by_number(session, "ZC-2026-00001")
        assert row is not None
    sheet = paper.Sheet(row.content, row.sha256, b"{}", "seal", False, "https://zc.example")
    assert paper.render(sheet, "zh") == paper.render(sheet, "zh")
    assert b"not a qualified" not in paper.page(sheet, "en").encode()


def test_names_of_users_are_text_and_nothing_else(made: World) -> None:
    with made.store.read() as session:
        row = service.by_number(session, "ZC-2026-00001")
        assert row is not None
    bad = "<img src=file:///etc/passwd>{{ 7*7 }}"
    record = {**row.content, "scope": {"zh": bad, "en": bad}, "sites": [{"name": {"zh": bad, "en": bad}, "address": {}}]}
    html = paper.page(paper.Sheet(record, row.sha256, b"{}", bad, True, "https://zc.example"), "en")
    assert "<img src=file" not in html
    assert "{{ 7*7 }}" in html
    paper.render(paper.Sheet(record, row.sha256, b"{}", bad, True, "https://zc.example"), "en")


ZH, EN = "某省某市新能源科技股份有限公司", "A New Energy Technology Joint-Stock Company "
#: how often each name is repeated: client, sites, standard, scope, levels
SIZES = [(1, 1, 1, 1, 1), (2, 4, 2, 3, 2), (4, 9, 3, 20, 3), (13, 9, 4, 60, 4)]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_the_first_page_is_one_page_whatever_stands_on_it(made: World, tmp_path: Path, language: str, size: tuple[int, ...]) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler-utils is not installed")
    with made.store.read() as session:
        row = service.by_number(session, "ZC-2026-00001")
        assert row is not None
    client, sites, standard, scope, levels = size

    def named(times: int) -> dict[str, str]:
        return {"zh": (ZH * times)[:200], "en": (EN * times)[:200]}

    record = {**row.content, "scope": {"zh": ZH * scope, "en": EN * scope}, "sites": [{"name": named(2), "address": named(3)}] * sites,
              "client": {**row.content["client"], "name": named(client), "address": named(2)}, "scheme_filing": "CNCA-2026-1",
              "standard": {**row.content["standard"], "title": named(standard)},
              "levels": [{"id": str(n), "title": {"zh": f"零碳工厂第{n}级", "en": f"Zero-carbon factory level {n}"}} for n in range(levels)],
              "conditions": [{"clause": "1.2", "text": "补充检定证书", "due": "2027-01-01"}] * 3}
    data = paper.render(paper.Sheet(record, row.sha256, b"{}", "zerofactory seal, East China Zero Carbon Centre", True,
                                    "https://certificates.body.example"), language)
    (tmp_path / "long.pdf").write_bytes(data)
    said = subprocess.run(["pdftotext", "-bbox", "-l", "1", str(tmp_path / "long.pdf"), "-"], capture_output=True, check=True)
    words = re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]*)<', said.stdout.decode())
    table = max(float(low) for _, low, word in words if "见附页" in word or "annex)" in word or "CNCA-2026-1" in word)
    feet = min(float(top) for top, _, word in words if "王明" in word or "certificates.body" in word)
    assert table + 8 < feet, "the table runs into the signature"


def test_making_again_makes_nothing(made: World) -> None:
    before = [(f.id, f.document) for f in listed(made)]
    beats: list[int] = []
    with made.store.read() as session:
        row = service.by_number(session, "ZC-2026-00001")
        assert row is not None
    assert jobs.HANDLERS["certificate/files"](made.store, {"certificate": row.id}, beats.append) == {"made": []}
    assert [(f.id, f.document) for f in listed(made)] == before


def test_after_a_crash_only_what_is_missing_is_made(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    world = prepared(store, 1, bundle=demo_bundle())
    row = world.issue()
    whole, calls = files._keep, []

    def crashing(*given: Any) -> None:
        calls.append(given[2].kind)
        if len(calls) == 3:
            raise RuntimeError("the machine stopped")
        whole(*given)

    monkeypatch.setattr(files, "_keep", crashing)
    with pytest.raises(RuntimeError):
        files.make(store, row.id)
    assert len(listed(world)) == 2
    monkeypatch.setattr(files, "_keep", whole)
    assert len(files.make(store, row.id)) == 2
    assert len(listed(world)) == 4


def test_two_workers_at_once_make_each_file_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ALL", (("certificate", "en"),))
    world = prepared(store, 1, bundle=demo_bundle())
    row = world.issue()
    both, failed = threading.Barrier(2), []
    whole = files._certificate

    def together(*given: Any) -> bytes:
        both.wait(60)
        return whole(*given)

    def run() -> None:
        try:
            files.make(store, row.id)
        except Exception as error:
            failed.append(error)

    monkeypatch.setattr(files, "_certificate", together)
    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(listed(world)) == 1


def test_a_record_that_was_changed_behind_the_guards_is_not_printed(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with made.store.read() as session:
        row = service.by_number(session, "ZC-2026-00001")
        assert row is not None
    row.content = {**row.content, "valid_until": "2039-01-01"}
    monkeypatch.setattr(service, "by_id", lambda *given: row)
    monkeypatch.setattr(service, "files", lambda *given: [])
    with refusing("register.differs"):
        files.make(made.store, row.id)


@pytest.mark.full
def test_sealed_files_are_still_pdf_a_3a_and_pdf_ua_1(made: World, tmp_path: Path) -> None:
    paths = []
    for f in listed(made):
        paths.append(tmp_path / f"{f.kind}-{f.language}.pdf")
        paths[-1].write_bytes(made.store.documents.read(f.document))
    assert verapdf(*paths) == {p.name: CONFORMS for p in paths}
    if shutil.which("pdfsig"):
        said = subprocess.run(["pdfsig", "-nocert", str(paths[0])], capture_output=True, text=True, check=False).stdout
        assert "Signature is Valid" in said
        assert "Total document signed" in said


# --- seals -----------------------------------------------------------------------------------------------------------


def sealed(data: bytes, settings: Settings, now: datetime = NOW) -> bytes:
    with seal_key.opened(settings, "The Body", now) as seal:
        return sign.seal_pdf(data, seal, now, settings, "Issue")


def test_the_own_key_is_made_once_and_only_its_owner_reads_it(plain: bytes, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    seen: list[str] = []

    def open_it() -> None:
        with seal_key.opened(settings, "中" * 100, NOW) as seal:
            seen.append(seal.fingerprint)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 6
    assert len(set(seen)) == 1
    assert [p.name for p in (tmp_path / "keys").iterdir()] == ["seal.pem"]
    assert oct((tmp_path / "keys/seal.pem").stat().st_mode & 0o777) == "0o600"
    found = examine.seal(sealed(plain, settings))
    assert found is not None
    assert (found["state"], found["fingerprint"]) == ("whole", seen[0])


def test_a_key_that_is_over_or_unreadable_seals_nothing(plain: bytes, tmp_path: Path) -> None:
    sealed(plain, Settings(data=tmp_path))
    with refusing("register.seal-expired"):
        sealed(plain, Settings(data=tmp_path), NOW + timedelta(days=4_000))
    (tmp_path / "keys/seal.pem").write_text("no key")
    with refusing("register.seal-unreadable"):
        sealed(plain, Settings(data=tmp_path))


def test_a_key_of_a_pkcs12_file_and_its_password(plain: bytes, tmp_path: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Body Seal 2026")])
    cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
            .not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=90)).sign(key, hashes.SHA256()))
    data = serialization.pkcs12.serialize_key_and_certificates(b"seal", key, cert, None, serialization.BestAvailableEncryption(b"geheim"))
    (tmp_path / "seal.p12").write_bytes(data)
    settings = Settings(data=tmp_path, signing_key=str(tmp_path / "seal.p12"), signing_password="geheim")
    with seal_key.opened(settings, "The Body", NOW) as seal:
        assert (seal.own, seal.subject) == (False, "Body Seal 2026")
    found = examine.seal(sealed(plain, settings))
    assert found is not None
    assert (found["state"], found["subject"]) == ("whole", "Body Seal 2026")
    assert not (tmp_path / "keys").exists()
    for wrong in (dataclasses.replace(settings, signing_password="other"),
                  dataclasses.replace(settings, signing_key=str(tmp_path / "none.p12"))):
        with refusing("register.seal-unreadable"):
            sealed(plain, wrong)


@pytest.mark.parametrize(("key", "code"), [
    ("pkcs11:token=body;object=seal", "register.seal-unreadable"), ("pkcs11:?module-path=/x.so", "register.seal-unreadable"),
    ("pkcs11:token=body;object=seal?module-path=/nowhere/module.so", "register.seal-no-device")])
def test_a_device_that_cannot_be_used_is_told(plain: bytes, tmp_path: Path, key: str, code: str) -> None:
    with refusing(code):
        sealed(plain, Settings(data=tmp_path, signing_key=key, signing_password="1234"))


@pytest.fixture
def authority() -> Iterator[str]:
    """A time-stamp authority of RFC 3161 on this machine."""
    from asn1crypto import tsp  # type: ignore[import-untyped]  # it has no types
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID
    from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
    from pyhanko.sign.timestamps import DummyTimeStamper

    key = rsa.generate_private_key(65537, 2048)      # pyHanko's authority for tests knows no other
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test time")])
    cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(9)
            .not_valid_before(NOW - timedelta(days=9)).not_valid_after(NOW + timedelta(days=900))
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True).sign(key, hashes.SHA256()))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    load: Any = DummyTimeStamper
    stamper = load(next(iter(load_certs_from_pemder_data(cert.public_bytes(serialization.Encoding.PEM)))),
                   load_private_key_from_pemder_data(pem, None), fixed_dt=NOW)

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            if self.headers.get("Authorization") != "Basic Ym9keTpnZWhlaW0=":
                self.send_error(401)
                return
            data = stamper.request_tsa_response(request).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *given: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/tsa"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_time_stamp_is_asked_for_where_it_is_configured(plain: bytes, tmp_path: Path, authority: str) -> None:
    settings = Settings(data=tmp_path, timestamp_url=authority, timestamp_password="body:geheim")
    found = examine.seal(sealed(plain, settings))
    assert found is not None
    assert found["state"] == "whole"
    assert found["timestamp"] == {"good": True, "at": NOW.isoformat()}


def test_without_the_stamp_that_is_configured_nothing_is_sealed(plain: bytes, tmp_path: Path, authority: str) -> None:
    for url, password in ((authority, "body:wrong"), ("http://127.0.0.1:9/", "")):
        with refusing("register.timestamp-failed"):
            sealed(plain, Settings(data=tmp_path, timestamp_url=url, timestamp_password=password))
