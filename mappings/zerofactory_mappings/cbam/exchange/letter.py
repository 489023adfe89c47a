"""The letter that goes with a request, as one self-contained HTML page for each language: no script, no other host."""

from __future__ import annotations

from html import escape

from zerofactory_engine.messages import render
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.exchange.request import Request, fields

_TAGS = {"zh": "zh-Hans", "en": "en"}
#: What the letter asks for, in its order.
_ASKED = ("installation", "route", "direct", "indirect", "electricity", "sefa", "report", "carbon-price")
_STYLE = ("body{font:15px/1.6 system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;max-width:46em;"
          "margin:2em auto;padding:0 1em;color:#1c1c1c}h1{font-size:1.3em}table{border-collapse:collapse}"
          "th,td{text-align:left;vertical-align:top;padding:.2em .8em .2em 0;border-bottom:1px solid #ddd}"
          "@media print{body{margin:0;max-width:none}}")


def letter(request: Request, language: str, files: tuple[str, ...] = ()) -> bytes:
    """The letter of a request in a language; *files* are the names of the forms that go with it."""
    def say(code: str, **args: object) -> str:
        return escape(render(f"cbam-exchange.letter-{code}", language, args))

    category = request.category
    title = scope.heading(request.cn).get(language, "")
    facts = [
        ("good", request.name), ("cn", f"{request.cn} {title}".strip()),
        ("category", category.zh if language == "zh" else category.en),
        ("period", f"{request.start.isoformat()} … {request.end.isoformat()}"), ("unit", request.unit),
        ("routes", "; ".join(r.zh if language == "zh" else r.en for r in category.routes)),
        ("deadline", request.deadline.isoformat() if request.deadline else render(
            "cbam-exchange.letter-no-deadline", language)),
        ("basis", render(f"cbam-exchange.letter-basis-{request.basis}", language)), ("request", request.id)]
    rows = "".join(f"<tr><th scope=\"row\">{say(f'row-{key}')}</th><td>{escape(value)}</td></tr>"
                   for key, value in facts)
    asked = [a for a in _ASKED if a != "indirect" or request.indirect]
    items = "".join(f"<li>{say(f'asks-{key}', unit=request.unit)}</li>" for key in asked)
    report = [f for f in fields(request) if f.key.startswith("report.")]
    listed = "; ".join(escape(f.zh if language == "zh" else f.en) for f in report)
    contact = " · ".join(escape(t) for t in (request.contact, request.email) if t)
    html = (
        f"<!doctype html>\n<html lang=\"{_TAGS[language]}\"><head><meta charset=\"utf-8\">"
        f"<title>{say('title', cn=request.cn)}</title><style>{_STYLE}</style></head><body>\n"
        f"<p>{escape(request.buyer)}{' · ' + contact if contact else ''}</p>\n<h1>{say('title', cn=request.cn)}</h1>\n"
        f"<p>{say('greeting')}</p>\n<p>{say('why')}</p>\n<table>{rows}</table>\n<h2>{say('asked')}</h2>\n"
        f"<ol>{items}</ol>\n<p>{say('report', fields='')}{listed}</p>\n<p>{say('default')}</p>\n"
        f"<p>{say('confidential')}</p>\n"
        f"<p>{say('forms', files=', '.join(files))}</p>\n<p>{say('close')}<br>{escape(request.buyer)}</p>\n"
        "</body></html>\n")
    return html.encode()
