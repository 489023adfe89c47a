"""What people write into cells: headings, numbers and periods, read without guessing."""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT, parse_decimal
from zerofactory_mappings.sources.sheets.grid import GridCell

_BRACKETS = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", "【": "(", "】": ")", "〔": "(", "〕": ")",
                           "「": "(", "」": ")", "《": "(", "》": ")", "：": ":", "—": "-", "–": "-", "−": "-",
                           "／": "/", "、": "/", "﹣": "-"})
_BLANK = re.compile(r"[\s\u00a0\u200b\u3000\ufeff]+")
_NONE = frozenset({"-", "--", "---", "/", "//", "\\", "无", "没有", "none", "n/a", "na", "nil", "不适用", "未发生"})
_CURRENCY = re.compile(r"^[¥$€£]|^(?:rmb|cny|usd|eur)(?=[\d(+-])", re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[ '’]\d{3})+(?:\.\d+)?")
_HEAD = re.compile(r"(?P<number>[+-]?\d[\d,. '’]*(?:[eE][+-]?\d{1,3}(?![A-Za-z0-9_.]))?|[+-]?\.\d+)(?P<rest>.*)",
                   re.DOTALL)
_REST = re.compile(r"[^\d,.()+-].*", re.DOTALL)
#: Behind a number these make it something else than an amount.
_VAGUE = re.compile(r".*(?:以上|以下|以内|左右|上下|余$)|%.+|±.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A cell that states something which cannot be read as asked: a message code and what stands there."""

    code: str
    found: str


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with the unit text that stands behind it in the same cell, empty when there is none."""

    number: Decimal
    unit: str = ""


def normal(text: str) -> str:
    """*text* for comparing headings: half width, no blanks or line breaks, lower case, one kind of bracket and dash.

    >>> normal("能源 名称（吨）")
    '能源名称(吨)'
    """
    return _BLANK.sub("", unicodedata.normalize("NFKC", text)).translate(_BRACKETS).casefold()


def stated_none(cell: GridCell) -> bool:
    """Whether the cell says that there is nothing (``—``, ``/``, ``无``, ``N/A``), which is neither blank nor zero."""
    return cell.state == "value" and normal(cell.text) in _NONE


def number_of(cell: GridCell) -> Decimal | Trouble | None:
    """The number that *cell* states, a percentage as a share; None when it is blank or says that there is nothing.

    A unit behind the number is dropped: ask :func:`amount_of` where it matters.
    """
    found = amount_of(cell)
    return found.number if isinstance(found, Amount) else found


def amount_of(cell: GridCell) -> Amount | Trouble | None:
    """As :func:`number_of`, with the unit text behind the number. Never guesses: ``1.234,5`` is a :class:`Trouble`."""
    if cell.state == "empty":
        return None
    if cell.state == "error":
        return Trouble("workbook.error-value", cell.text[:80])
    if cell.state == "unevaluated":
        return Trouble("workbook.formula-without-value", "")
    if cell.number is not None:
        return Amount(cell.number)
    if stated_none(cell):
        return None
    found = parse_amount(cell.text)
    return found if found is not None else Trouble("sheets.no-number", cell.text[:80])


def parse_amount(text: str) -> Amount | Trouble | None:
    """The number that a text states; None when it states none, :class:`Trouble` when it can be read in two ways."""
    written = unicodedata.normalize("NFKC", text).translate(_BRACKETS).strip().lstrip("'")
    negative = re.fullmatch(r"\(\s*([^()]*\d[^()]*)\)", written)
    inside = negative[1].strip() if negative is not None else written
    inside = _CURRENCY.sub("", inside).strip()
    match = _HEAD.fullmatch(inside)
    if match is None:
        return None
    figure, rest = match["number"].rstrip(" '’"), match["rest"].strip()
    span = re.search(r"\d[.,]?\d*\s*[-~至]\s*\d", inside)
    if rest and not rest.startswith("(") and (_REST.fullmatch(rest) is None or span):       # 12 (吨) has its unit
        return None
    if _VAGUE.fullmatch(rest) or re.match(r"[eE][+-]?\d", rest):
        return None
    value = _figure(figure)
    if value is None:
        return Trouble("sheets.ambiguous-number", text[:80])
    rest = rest.strip("()") if re.fullmatch(r"\([^()]*\)", rest) else rest
    if negative is not None:
        if value < 0:
            return Trouble("sheets.ambiguous-number", text[:80])
        value = CONTEXT.minus(value)
    if rest == "%":
        return Amount(value.scaleb(-2), "")
    return Amount(value, rest)


def _figure(written: str) -> Decimal | None:
    """Digits with thousands separators or none; None where the grouping is not that of thousands."""
    if _GROUPED.fullmatch(written):
        return parse_decimal(written.replace(",", ""))
    if _SPACED.fullmatch(written):
        return parse_decimal(re.sub("[ '’]", "", written))
    return parse_decimal(written)


# --- periods ------------------------------------------------------------------------------------------------------

_YEARS = range(1950, 2101)
_ENGLISH = {name: number for number, names in enumerate((
    "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
    "sep sept september", "oct october", "nov november", "dec december"), 1) for name in names.split()}
_CHINESE = {**{name: number for number, name in enumerate("一二三四五六七八九十", 1)}, "十一": 11, "十二": 12}
_QUARTERS = {"1": 1, "2": 2, "3": 3, "4": 4, "一": 1, "二": 2, "三": 3, "四": 4}
_TO = r"(?:-|~|至|到|to)"

Span = tuple[date, date]


def month_span(year: int, month: int) -> Span:
    """First and last day of a month."""
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def period_of(text: str, year: int | None = None) -> Span | None:
    """First and last day that *text* names; *year* completes what names only a month. None when it names none.

    Reads 2025年3月, 2025-03, 202503, 3月, Mar 2025, 2025/3/1, 2025年1-6月, 2025年, 一季度, 2025Q2, 上半年 and two dates
    with a dash or 至 between. What can be read in two ways (``03/04/2025``; ``2025.1``, which a workbook makes of
    2025.10) is not read.
    """
    written = normal(text).removesuffix("00:00:00").removesuffix("份")
    return _whole(written, year) or _span(written, year)


def _span(written: str, year: int | None) -> Span | None:
    """Two ends: ``2025年1月至3月``, ``1-6月``, ``2025-01-01~2025-12-31``."""
    months = re.fullmatch(rf"(?:(\d{{4}})年)?(\d{{1,2}})月?{_TO}(\d{{1,2}})月(?:累计)?", written)
    if months is not None:
        of = int(months[1]) if months[1] else year
        first, last = int(months[2]), int(months[3])
        if of in _YEARS and of is not None and 1 <= first <= last <= 12:
            return month_span(of, first)[0], month_span(of, last)[1]
        return None
    for match in re.finditer(_TO, written):
        start = _whole(written[:match.start()], year)
        end = _whole(written[match.end():], start[0].year if start else year) if start else None
        if start is not None and end is not None and start[0] <= end[1]:
            return start[0], end[1]
    return None


def _whole(written: str, year: int | None) -> Span | None:
    """One day, month, quarter, half or whole year."""
    day = re.fullmatch(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?", written) or re.fullmatch(
        r"((?:19|20)\d\d)(\d\d)(\d\d)", written)
    if day is not None:
        try:
            found = date(int(day[1]), int(day[2]), int(day[3]))
        except ValueError:
            return None
        return (found, found) if found.year in _YEARS else None
    month = (re.fullmatch(r"(\d{4})(?:-|/|年)(\d{1,2})月?", written) or re.fullmatch(r"(\d{4})\.(\d\d)", written)
             or re.fullmatch(r"((?:19|20)\d\d)(\d\d)", written))
    if month is not None:
        return _month(int(month[1]), int(month[2]))
    return _named(written, year)


def _named(written: str, year: int | None) -> Span | None:
    """Months, quarters, halves by name, with a year in front or from outside."""
    own = re.match(r"(\d{4})(?:年度?|-)?(?=\D|$)", written)
    rest = written[own.end():] if own is not None and int(own[1]) in _YEARS else written
    of = int(own[1]) if own is not None and rest != written else year
    english = re.fullmatch(r"([a-z]{3,9})\.?[-/,]?(\d{4})?", rest)
    if english is not None and english[1] in _ENGLISH:
        of = int(english[2]) if english[2] else of
        return _month(of, _ENGLISH[english[1]])
    if of is None or of not in _YEARS:
        return None
    if rest in ("", "全年", "年度", "年", "合计", "1-12月") and own is not None:
        return date(of, 1, 1), date(of, 12, 31)
    month = re.fullmatch(r"(\d{1,2}|[一二三四五六七八九十]{1,2})月", rest)
    if month is not None:
        return _month(of, int(month[1]) if month[1].isdigit() else _CHINESE.get(month[1], 0))
    quarter = re.fullmatch(r"q([1-4])|第?([1-4一二三四])季度?", rest)
    if quarter is not None:
        first = 3 * _QUARTERS[quarter[1] or quarter[2]] - 2
        return month_span(of, first)[0], month_span(of, first + 2)[1]
    if rest in ("上半年", "h1"):
        return date(of, 1, 1), date(of, 6, 30)
    return (date(of, 7, 1), date(of, 12, 31)) if rest in ("下半年", "h2") else None


def _month(year: int | None, month: int) -> Span | None:
    return month_span(year, month) if year is not None and year in _YEARS and 1 <= month <= 12 else None
