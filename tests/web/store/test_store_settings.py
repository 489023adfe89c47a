"""Settings from the environment and from a file: every mistake at once, secrets masked, nothing unsafe in production."""

from __future__ import annotations

from pathlib import Path

import pytest

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.settings import Settings, read_settings
from zerofactory_web.store.database import open_engine


def test_the_environment_prevails_over_the_file(tmp_path: Path) -> None:
    config = tmp_path / "zf.toml"
    config.write_text('max_upload = 5\nproduction = false\ndatabase = "sqlite://"\n', encoding="utf-8")
    secret = tmp_path / "secret"
    secret.write_text("pin\n", encoding="utf-8")
    found = read_settings({"ZEROFACTORY_CONFIG": str(config), "ZEROFACTORY_MAX_UPLOAD": "7",
                           "ZEROFACTORY_SIGNING_PASSWORD_FILE": str(secret), "ZEROFACTORY_DATA": "/x"})
    assert (found.max_upload, found.database, found.signing_password, found.data) == (7, "sqlite://", "pin", Path("/x"))
    assert found.shown()["signing_password"] == "***"
    assert "pin" not in str(found.shown())


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    config = tmp_path / "zf.toml"
    config.write_text("colour = 1\n", encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        read_settings({"ZEROFACTORY_CONFIG": str(config), "ZEROFACTORY_PRODUCTION": "yes", "ZEROFACTORY_THREADS": "-1",
                       "ZEROFACTORY_BODY_TOTP": "perhaps"})
    assert [p.code for p in caught.value.problems] == [
        "web.setting-unknown", "web.setting-value", "web.setting-value", "web.production-https"]


@pytest.mark.parametrize("address", ["mysql://x", "nonsense", "oracle://u@h/d"])
def test_addresses_of_no_database_of_ours(address: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        open_engine(Settings(database=address))
    assert caught.value.problems[0].code == "store.address"
