"""How an installation is set up: environment variables with one prefix, over an optional TOML file.

A secret may also stand in a file that ``<NAME>_FILE`` names. Nothing here has a default that is unsafe in production:
``ZEROFACTORY_PRODUCTION=yes`` refuses to start without a public address under https.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zerofactory_engine.problems import Place, Problem, ProblemsError

PREFIX = "ZEROFACTORY_"
CONFIG = "ZEROFACTORY_CONFIG"
_SECRET = frozenset({"database", "signing_password", "timestamp_password"})
SERVERS = ("waitress", "gunicorn")
#: The least that a number may be, where 0 makes no sense.
_LEAST = {"processes": 1, "threads": 1, "job_lease": 10, "max_upload": 1, "max_archive": 1, "session_idle": 60,
          "session_limit": 60}
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. Sizes in bytes, times in seconds.

    *data*: folder of documents, keys and the embedded database; *database*: an SQLAlchemy address, SQLite in *data*
    when empty; *public_url*: the address under which others reach the portal (certificates print it); *server*:
    ``waitress`` (one process) or ``gunicorn`` (*processes* of them, behind a proxy); *threads*: those of each process;
    *job_threads*: those in which ``zerofactory serve`` under waitress does jobs, and ``zerofactory work`` at least one;
    *breached_passwords*: a file of hashes of passwords that are not taken.

    Sign-in by OpenID Connect, off without *oidc_issuer*: the provider's address exactly as it names itself, what it
    calls this installation, the path of a file with the secret that they share (none for a public client), the words on
    the button, values of ``acr`` and ``amr`` (between spaces) that stand for a second factor, and a PEM file of
    authorities for its certificate where that is not one of the public ones.
    """

    data: Path = Path("zerofactory-data")
    database: str = ""
    public_url: str = "http://127.0.0.1:8765"
    production: bool = False
    max_upload: int = 50_000_000
    max_archive: int = 2_000_000_000
    session_idle: int = 3_600
    session_limit: int = 43_200
    body_totp: bool = True
    strict_duties: bool = False
    breached_passwords: str = ""
    signing_key: str = ""
    signing_password: str = ""
    timestamp_url: str = ""
    timestamp_password: str = ""
    server: str = "waitress"
    processes: int = 2
    threads: int = 8
    job_threads: int = 1
    job_lease: int = 120
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret_file: str = ""
    oidc_label_zh: str = ""
    oidc_label_en: str = ""
    oidc_trusted_acr: str = ""
    oidc_trusted_amr: str = ""
    oidc_ca_file: str = ""

    @property
    def database_url(self) -> str:
        """Where the store is."""
        return self.database or f"sqlite:///{(self.data / 'zerofactory.sqlite').as_posix()}"

    def shown(self) -> dict[str, str]:
        """The settings as text, secrets masked."""
        return {f.name: "***" if f.name in _SECRET and getattr(self, f.name) else str(getattr(self, f.name))
                for f in fields(self)}


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of *environment* (the process's own by default) over those of the file that it names.

    Raises:
        ProblemsError: every setting that is unknown or has no usable value.
    """
    given = os.environ if environment is None else environment
    problems: list[Problem] = []
    values = _from_file(given, problems)
    for field in fields(Settings):
        name = PREFIX + field.name.upper()
        text = given.get(name)
        if text is None and (path := given.get(f"{name}_FILE")):
            text = _secret_file(path, name, problems)
        if text is not None:
            values[field.name] = (name, text)
    settled = {field: _typed(field, name, value, problems) for field, (name, value) in values.items()}
    settings = Settings(**{k: v for k, v in settled.items() if v is not None})
    problems += [*_unsafe(settings), *_provider(settings)]
    if problems:
        raise ProblemsError(problems)
    return settings


def _from_file(given: Mapping[str, str], problems: list[Problem]) -> dict[str, tuple[str, object]]:
    path = given.get(CONFIG)
    if not path:
        return {}
    try:
        content: dict[str, Any] = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        problems.append(Problem("web.config-unreadable", Place(file=path), found=str(error)[:200]))
        return {}
    known = {f.name for f in fields(Settings)}
    problems.extend(Problem("web.setting-unknown", Place(file=path), found=name, accepted=", ".join(sorted(known)))
                    for name in content if name not in known)
    return {name: (f"{path}: {name}", value) for name, value in content.items() if name in known}


def _secret_file(path: str, name: str, problems: list[Problem]) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        problems.append(Problem("web.config-unreadable", Place(file=f"{name}_FILE"), found=str(error)[:200]))
        return None


def _typed(field: str, name: str, value: object, problems: list[Problem]) -> Any:
    """*value* as the type of the default of *field*."""
    default = getattr(Settings(), field)
    text = str(value).strip()
    if isinstance(default, bool):
        found = value if isinstance(value, bool) else _YES.get(text.lower())
        if found is None:
            problems.append(Problem("web.setting-value", Place(path=name), found=text[:80], accepted="yes, no"))
        return found
    if isinstance(default, int):
        if not text.isascii() or not text.isdigit():
            problems.append(Problem("web.setting-value", Place(path=name), found=text[:80], accepted="0, 1, 2, …"))
            return None
        if (least := _LEAST.get(field, 0)) > int(text):
            problems.append(Problem("web.setting-value", Place(path=name), found=text[:80], accepted=f"{least} …"))
            return None
        return int(text)
    if field == "server" and text not in SERVERS:
        problems.append(Problem("web.setting-value", Place(path=name), found=text[:80], accepted=", ".join(SERVERS)))
        return None
    return Path(text) if isinstance(default, Path) else text


def _unsafe(settings: Settings) -> list[Problem]:
    """What production does not allow."""
    if not settings.production or settings.public_url.startswith("https://"):
        return []
    return [Problem("web.production-https", Place(path=f"{PREFIX}PUBLIC_URL"), found=settings.public_url,
                    accepted="https://…", example="https://certificates.example.org")]


#: Hosts that are this machine itself: no certificate is asked of them.
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|::1")
_ISSUER_LENGTH = 255


def safe_address(text: str) -> bool:
    """Whether secrets may be sent to *text*: an address under https, or http on this machine; no user, no fragment."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    named = text.isascii() and text.isprintable() and " " not in text and _HOST.fullmatch(host) is not None
    plain = "@" not in parts.netloc and not parts.fragment
    return named and plain and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def _provider(settings: Settings) -> list[Problem]:
    """What is missing or of no use in the settings of sign-in by OpenID Connect, once one of them is given."""
    given = {f.name: getattr(settings, f.name) for f in fields(Settings) if f.name.startswith("oidc_")}
    if not any(given.values()):
        return []
    wrong = [("oidc_client_id", "…")] if not settings.oidc_client_id else []
    issuer = settings.oidc_issuer
    if not safe_address(issuer) or "?" in issuer or len(issuer) > _ISSUER_LENGTH:
        wrong.append(("oidc_issuer", "https://…"))
    wrong += [(name, "/…") for name in ("oidc_client_secret_file", "oidc_ca_file")
              if given[name] and not Path(given[name]).is_file()]
    return [Problem("web.setting-value", Place(path=PREFIX + name.upper()), found=given[name][:80], accepted=accepted)
            for name, accepted in wrong]
