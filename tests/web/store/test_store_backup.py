"""Backups of one kind of database restored into each kind, proven equal; what a damaged or foreign archive gets."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.backup import backup, manifest_of, restore
from zerofactory_web.store.unit import Actor, Store

ANNA = Actor("anna", "Anna 安娜")


def act(store: Store, count: int) -> None:
    for number in range(count):
        with store.change(ANNA) as change:
            change.record("case.noted", "case", f"c{number}", details={"text": "核查\u2028\n\"x\"", "n": number})


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Another store without tables."""
    address = f"sqlite:///{tmp_path / 'other.sqlite'}"
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("postgres")
        address = make()
    return Store(Settings(data=tmp_path / "other", database=address))


def test_a_restored_store_is_equal(store: Store, other: Store, tmp_path: Path) -> None:
    act(store, 5)
    made = backup(store, tmp_path / "b.zip")
    assert made["tables"]["audit"]["rows"] == 5
    assert restore(other, tmp_path / "b.zip") == made == manifest_of(other) == manifest_of(store)
    assert backup(other, tmp_path / "c.zip") == made
    act(other, 1)
    assert manifest_of(other) != made
    other.close()


def test_a_backup_is_of_one_moment_while_others_write(store: Store, tmp_path: Path) -> None:
    act(store, 3)
    writer = threading.Thread(target=act, args=(store, 30))
    writer.start()
    made = backup(store, tmp_path / "b.zip")
    writer.join()
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        rows = archive.read("tables/audit.jsonl").splitlines()
        head = archive.read("tables/audit_head.jsonl")
    assert len(rows) == made["tables"]["audit"]["rows"] >= 3
    assert f'"seq":{len(rows)}'.encode() in head


def change(archive: Path, name: str, edit: Callable[[bytes], bytes]) -> None:
    """Rewrite one member."""
    with zipfile.ZipFile(archive) as source:
        members = {n: source.read(n) for n in source.namelist()}
    members[name] = edit(members[name])
    with zipfile.ZipFile(archive, "w") as target:
        for member, data in members.items():
            target.writestr(member, data)


@pytest.mark.parametrize(("name", "edit", "code"), [
    ("tables/audit.jsonl", lambda d: d.replace(b"Anna", b"Berta"), "backup.damaged"),
    ("manifest.json", lambda d: d.replace(b"backup/1", b"backup/2"), "backup.version"),
    ("manifest.json", lambda d: b"{", "backup.unreadable")])
def test_what_is_no_backup_of_ours(tmp_path: Path, name: str, edit: Callable[[bytes], bytes], code: str) -> None:
    store = Store(Settings(data=tmp_path / "a"))
    schema.upgrade(store.engine)
    act(store, 2)
    backup(store, tmp_path / "b.zip")
    change(tmp_path / "b.zip", name, edit)
    empty = Store(Settings(data=tmp_path / "e"))
    with pytest.raises(ProblemsError) as caught:
        restore(empty, tmp_path / "b.zip")
    assert [p.code for p in caught.value.problems] == [code]
    assert manifest_of(empty)["tables"]["audit"]["rows"] == 0


def test_no_store_with_content_is_overwritten(tmp_path: Path) -> None:
    store = Store(Settings(data=tmp_path / "a"))
    schema.upgrade(store.engine)
    act(store, 2)
    backup(store, tmp_path / "b.zip")
    with pytest.raises(ProblemsError) as caught:
        restore(store, tmp_path / "b.zip")
    assert [p.code for p in caught.value.problems] == ["backup.not-empty"]
    with pytest.raises(ProblemsError) as caught:
        restore(store, Path(__file__))
    assert [p.code for p in caught.value.problems] == ["backup.unreadable"]


def test_documents_are_kept_once_by_their_hash(tmp_path: Path) -> None:
    store = Store(Settings(data=tmp_path))
    one, two = (store.documents.put(io.BytesIO(b"bill"), 10) for _ in range(2))
    assert one == two
    assert list(store.documents.all()) == [one.sha256]
    assert store.documents.read(one.sha256) == b"bill"
    with pytest.raises(ProblemsError) as caught:
        store.documents.put(io.BytesIO(b"12345678901"), 10)
    assert caught.value.problems[0].code == "store.document-too-large"
    assert [p.name for p in store.documents.folder.iterdir()] == [one.sha256[7:9]]
    store.documents.path(one.sha256).write_bytes(b"bull")
    with pytest.raises(ProblemsError) as caught:
        store.documents.read(one.sha256)
    assert caught.value.problems[0].code == "store.document-damaged"
    with pytest.raises(ValueError, match="hash"):
        store.documents.path("sha256:../../etc/passwd")
