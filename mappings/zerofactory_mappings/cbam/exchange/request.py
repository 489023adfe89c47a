"""Requests to suppliers of precursors: what, period, code, route, report, deadline; no amounts or prices of the buyer.

A request is made of the identity of the precursor and the year alone, so that nothing of what was bought can get into
it: no figure of the input is handed on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_engine.typed import shipped_schema
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.model import Basis, Installation, Precursor
from zerofactory_mappings.sources.yaml_rows import scalar

FORMAT = "zerofactory/cbam-request/1"
#: Functional units of the scope table → as units of figures are written.
UNITS = {"t": "t", "kgN": "kgN", "t_clinker": "tClinker", "MWh": "MWh"}
#: Answers of a form that list several things, separated in a workbook.
LISTS = ("accreditation_scope", "cn_codes")
_ID_LENGTH = 16
#: Moment that a workbook names as that of its making: always the same, so that equal input gives equal bytes.
_MADE_ON = datetime(2026, 1, 1)  # noqa: DTZ001 - a workbook's moment has no zone


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the supplier of one precursor. *unit*: functional unit of the values; *indirect*: whether
    indirect emissions of this good count."""

    id: str
    precursor: str
    name: str
    category: scope.Category
    cn: str
    start: date
    end: date
    unit: str
    indirect: bool
    deadline: date | None
    buyer: str
    contact: str | None
    email: str | None
    basis: Basis = Basis.DEFINITIVE

    def as_json(self) -> dict[str, Any]:
        """The request as it stands in the form."""
        buyer = {"name": self.buyer, "contact": self.contact, "email": self.email}
        out: dict[str, Any] = {
            "id": self.id, "precursor": self.precursor, "name": self.name, "category": self.category.id, "cn": self.cn,
            "basis": self.basis.value, "period_start": self.start.isoformat(), "period_end": self.end.isoformat(),
            "functional_unit": self.unit, "indirect": "yes" if self.indirect else "no",
            "routes": [r.id for r in self.category.routes]}
        if self.deadline is not None:
            out["deadline"] = self.deadline.isoformat()
        return {**out, "buyer": {k: v for k, v in buyer.items() if v}}


def requests(installation: Installation, precursors: Sequence[str], deadline: date | None = None,
             basis: Basis = Basis.DEFINITIVE) -> tuple[Request, ...]:
    """A request for each of the named precursors of an input.

    Raises:
        ProblemsError: there is no such precursor, it has no readable code, or the period is not known.
    """
    known = {p.id: p for p in installation.precursors}
    problems = [Problem("cbam-exchange.request-unknown", installation.place, found=name, accepted=", ".join(known))
                for name in precursors if name not in known]
    if installation.period_start is None or installation.period_end is None:
        problems.append(Problem("cbam-exchange.request-period", installation.place))
    made = []
    for name in dict.fromkeys(precursors):
        if name not in known:
            continue
        good, wrong = _good(known[name])
        problems += wrong
        if good is not None and installation.period_start is not None and installation.period_end is not None:
            made.append(_request(installation, known[name], good, installation.period_start, installation.period_end,
                                 deadline, basis))
    if problems:
        raise ProblemsError(problems)
    return tuple(made)


def _good(precursor: Precursor) -> tuple[scope.CnGood | None, list[Problem]]:
    if not precursor.cn:
        return None, [Problem("cbam-exchange.request-cn", precursor.place, found=precursor.name,
                              args={"precursor": precursor.id})]
    reading = scope.read_cn(precursor.cn, place=precursor.place)
    return reading.good, [] if reading.good is not None else list(reading.problems)


def _request(installation: Installation, precursor: Precursor, good: scope.CnGood, start: date, end: date,
             deadline: date | None, basis: Basis) -> Request:
    details = installation.details
    buyer = details.get("operator_name") or installation.name
    identity = {"buyer": buyer, "installation": installation.name, "precursor": precursor.id, "cn": good.cn,
                "start": start, "end": end, "basis": basis.value}
    unit = UNITS[good.functional_unit_definitive] if basis is Basis.DEFINITIVE else good.unit_transitional
    indirect = good.indirect_definitive if basis is Basis.DEFINITIVE else good.indirect_transitional
    return Request(
        content_hash(identity).removeprefix("sha256:")[:_ID_LENGTH], precursor.id, precursor.name, good.category,
        good.cn, start, end, unit, indirect, deadline, buyer,
        details.get("operator_representative") or details.get("representative"),
        details.get("operator_email") or details.get("email"), basis)


# --- the form --------------------------------------------------------------------------------------------------------

def figure_units(unit: str) -> Mapping[str, tuple[str, ...]]:
    """Fields of a reply that are figures → units that they may have, the usual one first."""
    emissions = (f"tCO2e/{unit}",)
    return {"direct": emissions, "indirect": emissions, "electricity": (f"MWh/{unit}",),
            "electricity_ef": ("tCO2/MWh", "tCO2e/MWh"), "content": (f"{unit}/t",), "sefa": emissions}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a reply: *key* dotted, titles, accepted words, unit of a figure."""

    key: str
    zh: str
    en: str
    choices: tuple[str, ...] = ()
    unit: str = ""


def fields(request: Request) -> tuple[Field, ...]:
    """The fields that the supplier fills in, in the order of the form; those that do not apply are left out."""
    reply = shipped_schema("cbam-request").source["properties"]["reply"]
    units = figure_units(request.unit)
    left_out = set() if request.indirect else {"indirect"}
    if request.unit in ("t", "MWh"):
        left_out.add("content")
    found: list[Field] = []
    for name, declared in reply["properties"].items():
        if name in left_out:
            continue
        if name == "routes":
            found += [Field(f"routes.{r.id}", f"生产路线占比：{r.zh}", f"share of route: {r.en}")
                      for r in request.category.routes]
        elif "properties" in declared:
            found += [_field(f"{name}.{key}", below, units) for key, below in declared["properties"].items()]
        else:
            found.append(_field(name, declared, units))
    return tuple(found)


def _field(key: str, declared: Mapping[str, Any], units: Mapping[str, tuple[str, ...]]) -> Field:
    zh, _, en = declared["title"].partition(" / ")
    words = tuple(str(w) for w in declared.get("enum", ()) if isinstance(w, str))
    if declared.get("x-type") == "boolean":
        words = ("yes", "no")
    return Field(key, zh, en, words, units.get(key, ("",))[0])


def form_yaml(request: Request) -> bytes:
    """The form to fill in as YAML; each field with its titles, unit and accepted words as a comment."""
    lines = [f"format: {FORMAT}", "request:"]
    for key, value in request.as_json().items():
        lines.append(f"  {key}: {_flow(value)}")
    lines.append("reply:")
    section = ""
    for each in fields(request):
        head, dot, name = each.key.partition(".")
        if dot and head != section:
            lines.append(f"  {head}:")
        section = head if dot else ""
        note = "; ".join(t for t in (f"{each.zh} / {each.en}", each.unit and f"[{each.unit}]", " | ".join(each.choices))
                         if t)
        lines.append(f"{'    ' if dot else '  '}{name if dot else each.key}:  # {note}")
    return ("\n".join(lines) + "\n").encode()


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    text = str(value)
    return f'"{text}"' if text.isdigit() else scalar(text)


def form_xlsx(request: Request) -> bytes:
    """The same form as a workbook: one sheet, a field in each row, values in column D; equal input, equal bytes."""
    import io

    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"{FORMAT} {request.id}", "created": _MADE_ON})
    bold, text = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"text_wrap": True})
    entry = book.add_format({"bg_color": "#FFF8DC", "border": 1, "num_format": "@"})
    sheet = book.add_worksheet("form")
    sheet.set_column("A:A", 26)
    sheet.set_column("B:C", 44)
    sheet.set_column("D:D", 34)
    sheet.set_column("E:F", 26)
    for column, title in enumerate(("key", "中文", "English", "value", "unit", "accepted")):
        sheet.write_string(0, column, title, bold)
    row = 1
    for key, value in [("format", FORMAT), *_dotted(request.as_json(), "request.")]:
        for column, word in enumerate((key, *_titles(key))):
            sheet.write_string(row, column, word, text)
        sheet.write_string(row, 3, value, text)
        row += 1
    for each in fields(request):
        for column, word in enumerate((f"reply.{each.key}", each.zh, each.en)):
            sheet.write_string(row, column, word, text)
        sheet.write_blank(row, 3, None, entry)
        sheet.write_string(row, 4, each.unit, text)
        sheet.write_string(row, 5, " | ".join(each.choices), text)
        if each.choices:
            sheet.data_validation(row, 3, row, 3, {"validate": "list", "source": list(each.choices)})
        row += 1
    sheet.freeze_panes(1, 0)
    book.close()
    return stream.getvalue()


def _titles(key: str) -> tuple[str, str]:
    """The titles of a field of the request in both languages; empty where it has none."""
    declared: Mapping[str, Any] = shipped_schema("cbam-request").source
    for step in key.split("."):
        declared = declared.get("properties", {}).get(step, {})
    zh, _, en = str(declared.get("title", "")).partition(" / ")
    return zh, en


def _dotted(tree: Mapping[str, Any], before: str) -> list[tuple[str, str]]:
    """A tree as dotted keys with texts; lists joined by semicolons."""
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found += _dotted(value, f"{before}{key}.")
        else:
            found.append((f"{before}{key}", ";".join(value) if isinstance(value, list) else str(value)))
    return found
