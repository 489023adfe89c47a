"""One import from file to stored set, and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zerofactory_engine.messages import render
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.defaults import grid
from zerofactory_mappings.cbam.defaults.check import check
from zerofactory_mappings.cbam.defaults.read import Reading, read
from zerofactory_mappings.cbam.defaults.store import DATA_SETTING, data_folders
from zerofactory_mappings.cbam.defaults.write import Stored, published_on, report, store

#: Most skipped rows that the text shows; the JSON report lists every row.
_SHOWN = 40
#: Reasons that need no line each: they stand in every sheet.
_EXPECTED = frozenset(f"cbam-defaults.skip-{why}" for why in ("blank", "title", "header", "sector", "no-table"))


@dataclass(frozen=True, slots=True)
class Imported:
    """A stored set and the reading that it comes from."""

    reading: Reading
    stored: Stored
    file: str

    def as_json(self) -> dict[str, Any]:
        """The whole report, ``format: zerofactory/cbam-import/1``."""
        return report(self.reading, self.stored, self.file, self.stored.sha256)

    def as_text(self, language: str) -> str:
        """Counts by reason, rows skipped for an unexpected reason, and where the set lies."""
        def say(what: str, **args: object) -> str:
            return render(f"cbam-defaults.{what}", language, args)

        fates = self.reading.fates
        done = sum(f.read for f in fates)
        lines = [say("text-read", file=self.file, kind=say(f"kind-{self.reading.kind}"), sha256=self.stored.sha256),
                 say("text-counts", rows=len(fates), read=done, skipped=len(fates) - done,
                     sheets=len(self.reading.counts()))]
        for reason, count in sorted(self.reading.reasons().items(), key=lambda item: (-item[1], item[0])):
            lines.append(f"  {count:>7}  {render(reason, language)}")
        odd = [f for f in fates if not f.read and f.reason not in _EXPECTED]
        for fate in odd[:_SHOWN]:
            where = f"{fate.sheet}!{fate.cell or fate.row}" if fate.sheet else str(fate.row)
            lines.append(f"    {where}: {render(fate.reason, language)}" + (f" ({fate.found})" if fate.found else ""))
        if len(odd) > _SHOWN:
            lines.append("    " + say("text-more", count=len(odd) - _SHOWN))
        state = "text-unchanged" if self.stored.unchanged else "text-stored"
        lines.append(say(state, folder=str(self.stored.folder), version=self.stored.version,
                         published=self.stored.published.isoformat(), act=self.stored.act))
        return "\n".join(lines)


def import_file(path: Path, kind: str | None = None, version: str | None = None, published: str | None = None,
                purpose: str | None = None, out: Path | None = None,
                advance: Callable[[int], None] = lambda steps: None) -> Imported:
    """Read *path*, check it and store it below *out* or the first folder of the setting.

    Raises:
        ProblemsError: the file is refused, nothing can be read, there is no folder, or the version is taken.
    """
    root = out or next(iter(data_folders()), None)
    if root is None:
        raise ProblemsError([Problem("cbam-defaults.no-folder", accepted=f"--out, {DATA_SETTING}")])
    if (size := path.stat().st_size) > grid.FILE_BYTES:
        raise grid.refused("file-too-large", path.name, found=f"{size:,}", accepted=f"{grid.FILE_BYTES:,}")
    data = path.read_bytes()
    file = grid.read_file(data, path.name)
    advance(1)
    reading = read(file, kind, purpose)
    reading.problems += check(reading, path.name)
    if any(p.severity is Severity.ERROR for p in reading.problems):
        raise ProblemsError(reading.problems)
    advance(1)
    day = published_on(path.name, published)
    stored = store(reading, root, version or f"{reading.kind}-{day.isoformat()}", day, path.name, data)
    if not any(_same(root, f) for f in data_folders()):
        reading.problems.append(Problem("cbam-defaults.folder-not-set", Place(file=str(root)), Severity.NOTE,
                                        accepted=f"{DATA_SETTING}={root}"))
    advance(1)
    return Imported(reading, stored, path.name)


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


