"""What becomes of each figure of the form, and the dossiers: one for each enterprise and year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from zerofactory_engine.canonical import sha256
from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.sources import Imported
from zerofactory_mappings.sources.mee_supplement.check import Finding, check_block, check_enterprise
from zerofactory_mappings.sources.mee_supplement.model import Block, Form, Key, Stated
from zerofactory_mappings.sources.mee_supplement.rows import BlockRows, Rows, Settled, amount_text
from zerofactory_mappings.sources.report import Entry, ImportReport, State
from zerofactory_mappings.sources.sheets.account import AMOUNTS, Fate
from zerofactory_mappings.sources.sheets.text import normal
from zerofactory_mappings.sources.sheets.write import Head, SourceDocument, dossier_yaml
from zerofactory_mappings.sources.yaml_rows import Cell

_CODE = re.compile(r"[0-9A-Z]{18}")
_COMMENT = ("Made from a supplementary data sheet. Emissions that it reports stand in the import report only; nothing "
            "is declared complete here: that is the applicant's to declare.")
_PRODUCT = re.compile(r"(?P<name>[^/]+)/(?P<unit>[^/]+)/(?P<amount>[\d.,]+)")


def imported(form: Form, data: bytes, facility: str | None, year: int | None) -> Imported:
    """Dossiers and report of *form*.

    Raises:
        ProblemsError: the year of a form is not known, no such enterprise, or nothing can stand in a dossier.
    """
    return _Maker(form, data, facility, year).make()


class _Maker(Settled):
    def __init__(self, form: Form, data: bytes, facility: str | None, year: int | None) -> None:
        super().__init__(form)
        self.data, self.facility, self.year = data, facility, year
        self.named: set[Key] = set()

    def make(self) -> Imported:
        blocks = self._chosen()
        groups: dict[tuple[str, int], list[Block]] = {}
        for block in blocks:
            assert block.year is not None
            groups.setdefault((normal(block.head.text("enterprise")), block.year), []).append(block)
        files: dict[str, bytes] = {}
        names = list(dict.fromkeys(name for name, _ in groups))
        document = SourceDocument("D1", "ghg_inventory_report", "补充数据表", self.data)
        for (name, year), members in groups.items():
            file = f"mee-{year}.yaml" if len(names) == 1 else f"mee-{names.index(name) + 1}-{year}.yaml"
            rows = self._group(members, file)
            if any(rows.values()):
                files[file] = dossier_yaml(_head(members[0], file, year), rows, [document])
        self._rest(blocks)
        if not files:
            raise ProblemsError([*self.problems, Problem("import.nothing", Place(file=self.form.file))])
        files[document.file] = self.data
        self._rows()
        return Imported(files, self._report(tuple(files)))

    # --- choosing ----------------------------------------------------------------------------------------------------

    def _chosen(self) -> list[Block]:
        """Blocks of the enterprise and year that were asked for; refused ones are told, others kept."""
        for block in self.form.blocks:
            self.named |= {s.key for s in (*block.texts.values(), *block.head.texts.values())}
        here = Place(file=self.form.file)
        names = {normal(b.head.text("enterprise")): b.head.text("enterprise") for b in self.form.blocks}
        if self.facility is not None and normal(self.facility) not in names:
            raise ProblemsError([Problem("import.unknown-facility", here, found=self.facility,
                                         accepted=", ".join(n for n in names.values() if n))])
        out = []
        for block in self.form.blocks:
            other = self.facility is not None and normal(block.head.text("enterprise")) != normal(self.facility)
            if block.refused:
                self._whole(block, State.REFUSED, block.refused, block.args)
                self.tell(block.refused, next(iter((*block.all(), *block.head.figures.values()))), block.args)
            elif other or (self.year is not None and block.year is not None and block.year != self.year):
                self._whole(block, State.KEPT, "import.other-facility" if other else "mee.other-year", {})
            else:
                out.append(block)
        if any(b.year is None for b in out):
            raise ProblemsError([*self.problems, Problem("mee.no-year", here, example="--year 2025")])
        return out

    def _whole(self, block: Block, state: State, reason: str, args: Mapping[str, str]) -> None:
        for figure in (*block.all(), *block.head.figures.values()):
            self.fates.setdefault(figure.key, (state, reason, args, None))

    # --- rows ------------------------------------------------------------------------------------------------------

    def _group(self, blocks: Sequence[Block], file: str) -> Rows:
        year = blocks[0].year
        assert year is not None
        rows: Rows = {"energy": [], "electricity": [], "heat": [], "products": [], "history": []}
        for block in blocks:
            maker = BlockRows(self, block, file, rows, {"from": str(date(year, 1, 1)), "to": str(date(year, 12, 31))})
            maker.fuels()
            maker.electricity()
            maker.heat()
            maker.output()
            self._check(check_block(block))
        self._check(check_enterprise(blocks))
        self._enterprise(blocks, file, rows)
        return rows

    def _enterprise(self, blocks: Sequence[Block], file: str, rows: Rows) -> None:
        """Energy of the whole enterprise, which a list of units repeats; a product that stands in one cell."""
        stated = [b.head.figures["energy"] for b in blocks if "energy" in b.head.figures]
        good = {f.key: f for f in stated if f.number is not None}
        if len({f.amount for f in good.values()}) > 1:
            first = next(iter(good.values()))
            self.tell("mee.energy-differs", first, found=", ".join(amount_text(f) for f in list(good.values())[:5]))
            for figure in good.values():
                self.fates[figure.key] = (State.KEPT, "mee.energy-differs", {}, None)
        elif good:
            BlockRows(self, blocks[0], file, rows, _year(blocks[0])).energy_of_all(list(good.values()))
        told: set[str] = set()
        for block in blocks:
            product = block.head.texts.get("product")
            match = _PRODUCT.fullmatch(product.cell.text.replace(" ", "")) if product is not None else None
            if product is not None and match is not None and product.cell.text not in told:
                told.add(product.cell.text)
                BlockRows(self, block, file, rows, _year(block)).product_in_one(product, match)

    def _check(self, findings: Sequence[Finding]) -> None:
        """Tell what does not fit, and mark what was compared."""
        for finding in findings:
            state, reason, args, target = self.fates.get(finding.of.key, (State.KEPT, "mee.checked", {}, None))
            if finding.agrees is None:
                reason = reason if target else "mee.dimension"
                self.tell("mee.dimension", finding.of, {"identity": finding.code}, finding.stated, finding.computed)
            elif not finding.agrees:
                reason = reason if target else "mee.differs"
                self.tell(finding.code, finding.of, {"unit": _name(finding.of)}, finding.stated, finding.computed)
            self.fates[finding.of.key] = (state, reason, args, target)

    # --- account -----------------------------------------------------------------------------------------------------

    def _rest(self, blocks: Sequence[Block]) -> None:
        """Figures that no dossier states: no amounts, no place, or nothing to compare them with."""
        for figure in (f for b in blocks for f in (*b.all(), *b.head.figures.values())):
            if figure.key in self.fates:
                continue
            if figure.problem:
                self.fates[figure.key] = (State.REFUSED, figure.problem, {"found": figure.found}, None)
                self.tell(figure.problem, figure, {"found": figure.found})
            else:
                reason = "mee.no-place" if figure.item.use == "keep" else "mee.not-checked"
                self.fates[figure.key] = (State.KEPT, reason, {}, None)
        for figure in self.form.again:
            self.fates.setdefault(figure.key, (State.REFUSED, figure.problem, {"found": figure.found}, None))
            self.tell(figure.problem, figure, {"found": figure.found})

    def _figures(self) -> dict[Key, Stated]:
        """Every figure of the form, in the order of its cells."""
        found = {f.key: f for b in self.form.blocks for f in (*b.head.figures.values(), *b.all())}
        found |= {f.key: f for f in self.form.again if not f.item.text}
        return dict(sorted(found.items()))

    def _rows(self) -> None:
        """The fate of each row from those of its figures."""
        ledger = self.form.ledger
        by_row: dict[tuple[int, int], list[tuple[State, str, Mapping[str, str], str | None]]] = {}
        for key in self._figures():
            if key in self.fates:
                by_row.setdefault(key[:2], []).append(self.fates[key])
        refused = {(f.grid.index, f.cell.row) for b in self.form.blocks if b.refused for f in b.all()}
        for (index, number), fates in by_row.items():
            used = [f for f in fates if f[0] is State.USED]
            bad = [f for f in fates if f[0] is State.REFUSED]
            grid = ledger.grids[index]
            if used and (index, number) not in refused:
                targets = list(dict.fromkeys(f[3] for f in used if f[3]))
                ledger.row(grid, number, Fate.USED, target=", ".join(targets))
            else:
                state, reason, args, _ = (bad or fates)[0]
                ledger.row(grid, number, Fate.REFUSED if state is State.REFUSED else Fate.KEPT, reason, args)
        for index, number, _ in sorted(self.named):
            if (index, number) not in ledger.fates:
                ledger.row(ledger.grids[index], number, Fate.USED, "mee.names")
        for key, figure in self._figures().items():
            state, reason, args, target = self.fates[key]
            stated = plain(figure.number) if figure.number is not None else None
            told = figure.measure.unit if figure.measure is not None else None
            if figure.measure is not None and figure.measure.times != 1:
                told = f"{plain(figure.measure.times)} {told}"
            path = f"{figure.grid.sheet}/{figure.cell.ref}" if figure.grid.sheet is not None else figure.cell.ref
            name = figure.item.name + (f" {figure.fuel}" if figure.fuel else "")
            adds = told is not None and not set(told) & set("/%") and told != "1"     # shares and factors do not
            ledger.amount(Entry(AMOUNTS, path, name, state, reason, args, figure.item.name if adds else None, stated,
                                told, None, target))
        ledger.close()

    def _report(self, files: tuple[str, ...]) -> ImportReport:
        file, ledger = self.form.file, self.form.ledger
        for grid, cell in self.form.unknown:
            self.problems.append(Problem("sheets.unknown-column", grid.place(file, cell), Severity.NOTE,
                                         args={"found": cell.text}))
        missed = ledger.balance()[Fate.NOT_UNDERSTOOD.value]
        if missed:
            self.problems.append(Problem("mee.not-understood", Place(file=file), Severity.WARNING,
                                         args={"rows": str(missed)}))
        titles = {f.item.name: f.item.labels[0] for f in self._figures().values()}
        return ImportReport("mee_supplement", file, sha256(self.data), ledger.entries(), (), ledger.sums(titles), files,
                            tuple(self.problems))


def _name(figure: Stated) -> str:
    return figure.item.labels[0]


def _year(block: Block) -> dict[str, Cell]:
    return {"from": f"{block.year}-01-01", "to": f"{block.year}-12-31"}


def _head(block: Block, file: str, year: int) -> Head:
    code = normal(block.head.text("organisation_code")).upper()
    name = block.head.text("enterprise") or None
    return Head(file.removesuffix(".yaml"), _COMMENT, date(year, 1, 1), date(year, 12, 31), name,
                code if name and _CODE.fullmatch(code) else None, name or "填报企业")
