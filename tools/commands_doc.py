"""Write docs/commands.md from the commands themselves, so that help and documentation cannot differ.

    python tools/commands_doc.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from zerofactory_engine.cli import group

PAGE = Path(__file__).parent.parent / "docs/commands.md"
HEAD = """# Commands

`zerofactory` is installed as `.venv/bin/zerofactory` by `make setup`. Every command offers `--json` (one JSON object on
standard output, decimals as strings; `cbam compute` prints them as numbers with all digits) and `--lang zh|en`.
Messages and progress go to standard error. What is written is written aside and renamed: a failed command leaves
nothing half-written.

This page is written by `tools/commands_doc.py` from the commands' own help; a test keeps it current.

## Exit codes

| code | meaning |
|---|---|
| 0 | done; every asked level is met; verification equal |
| 1 | an asked level is not met |
| 2 | wrong usage, or an extra that is not installed |
| 3 | the dossier or another input cannot be used |
| 4 | the rule pack, overlay or factor set cannot be used |
| 5 | indeterminate: something is missing or not known |
| 6 | verification differs |
| 10 | internal error |

Where several apply, 4 comes before 3, 3 before 1, 1 before 5.

## Settings

| environment variable | meaning |
|---|---|
| `ZEROFACTORY_LANG` | `zh` or `en`: language of messages; without it the terminal's locale decides |
| `ZEROFACTORY_RULES` | further folders with rule packs, separated like `PATH` |
| `ZEROFACTORY_CBAM_DATA` | folders with imported default values, benchmarks and grid factors, separated like `PATH` |
| `ZEROFACTORY_CBAM_XSD` | the official QReport schema, to validate against beside our own check |
| `ZEROFACTORY_CONFIG` | a TOML file with settings of the portal under the names below, small and without the prefix |
| `ZEROFACTORY_DATA` | folder of the portal's documents and keys |
| `ZEROFACTORY_DATABASE` | address of its database: `postgresql://…`; SQLite in that folder when empty |
| `ZEROFACTORY_PRODUCTION` | `yes` refuses what is unsafe in production |
| `ZEROFACTORY_PUBLIC_URL` | address under which others reach the portal, under https in production |
| `ZEROFACTORY_MAX_UPLOAD` | largest file that is taken in, in bytes |
| `ZEROFACTORY_MAX_ARCHIVE` | largest backup that is written or read, in bytes |
| `ZEROFACTORY_SESSION_IDLE` | seconds after which a session that is not used ends |
| `ZEROFACTORY_SESSION_LIMIT` | seconds after which every session ends |
| `ZEROFACTORY_BODY_TOTP` | `no` lets people with roles at the body sign in without a second factor (demonstrations) |
| `ZEROFACTORY_BREACHED_PASSWORDS` | sorted file of SHA-1 hashes of passwords that are not taken (portal.md) |
| `ZEROFACTORY_STRICT_DUTIES` | `yes` asks for two persons for review and decision |
| `ZEROFACTORY_SIGNING_KEY` | PKCS#12 file (or `pkcs11:…`) that seals certificates; without it an own key is made |
| `ZEROFACTORY_SIGNING_PASSWORD` | its password |
| `ZEROFACTORY_TIMESTAMP_URL` | RFC 3161 service that time-stamps seals; none when empty |
| `ZEROFACTORY_TIMESTAMP_PASSWORD` | its password |
| `ZEROFACTORY_JOB_LEASE` | seconds after which a job of a silent worker is given to another |
| `ZEROFACTORY_JOB_THREADS` | jobs done at once by `serve` under waitress (0: none) and by `work` |
| `ZEROFACTORY_SERVER` | `waitress` (one process, jobs included) or `gunicorn` (several, jobs by `work`) |
| `ZEROFACTORY_PROCESSES` | processes under gunicorn |
| `ZEROFACTORY_THREADS` | requests that each process answers at once |
| `ZEROFACTORY_OIDC_ISSUER` | provider of sign-in by OpenID Connect, exactly as it names itself; off when empty |
| `ZEROFACTORY_OIDC_CLIENT_ID` | what the provider calls this installation |
| `ZEROFACTORY_OIDC_CLIENT_SECRET_FILE` | file with the secret that they share; none for a public client |
| `ZEROFACTORY_OIDC_LABEL_ZH`, `ZEROFACTORY_OIDC_LABEL_EN` | the words on the button |
| `ZEROFACTORY_OIDC_TRUSTED_ACR` | values of `acr` (between spaces) that stand for a second factor |
| `ZEROFACTORY_OIDC_TRUSTED_AMR` | the same for `amr` |
| `ZEROFACTORY_OIDC_CA_FILE` | PEM file of authorities for the provider's certificate, where that is not a public one |
| `ZEROFACTORY_…_FILE` | the file that holds the value of any of the portal's settings, for secrets |
"""


def leaves(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its full name; a group stands before its commands."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    if name != "zerofactory":
        yield name, command
    context = click.Context(command)
    for sub in command.list_commands(context):
        found = command.get_command(context, sub)
        if found is not None:
            yield from leaves(found, f"{name} {sub}")


def section(name: str, command: click.Command) -> str:
    """One command: how it is called, its help, its options."""
    context = click.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    text = "\n".join(line.strip() for line in (command.help or "").replace("\b", "").strip().splitlines())
    lines = [f"## `{usage}`", "", text, ""]
    if isinstance(command, click.Group):
        return "\n".join(lines)
    options = [p for p in command.params if isinstance(p, click.Option) and p.name not in {"as_json", "lang", "help"}]
    if options:
        lines += ["| option | meaning |", "|---|---|"]
        for option in options:
            record = option.get_help_record(context)
            if record is not None:
                spelled, meaning = record
                flags = ", ".join(f"`{o}`" for o in option.opts)
                rest = spelled.split(option.opts[-1], 1)[-1].strip()
                shown = " ".join(meaning.split()).replace("|", "\\|")
                lines.append(f"| {flags}{' ' + rest.replace('|', chr(92) + '|') if rest else ''} | {shown} |")
        lines.append("")
    return "\n".join(lines)


def page() -> str:
    """The whole page."""
    sections = [section(name, command) for name, command in leaves(group, "zerofactory")]
    return HEAD + "\n" + "\n".join(sections).rstrip() + "\n"


def main() -> int:
    """Write the page, or with ``--check`` say whether it is current."""
    text = page()
    if "--check" in sys.argv[1:]:
        return int(not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
