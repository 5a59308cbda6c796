"""The documentation pages. Everything on them is served from here: no content delivery network, no third party."""

from collections import defaultdict
from collections.abc import Iterable
from html import escape
from importlib import resources

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, JSONResponse

from app.errors import DOCUMENTATION, Problem


def mount(app: FastAPI) -> None:
    page = resources.files("app.api").joinpath("docs.html").read_text(encoding="utf-8")

    async def show_document(_request: Request) -> JSONResponse:
        return JSONResponse(app.openapi())

    async def show_docs(_request: Request) -> HTMLResponse:
        return HTMLResponse(page)

    async def show_errors(_request: Request) -> HTMLResponse:
        return HTMLResponse(errors_page())

    app.add_route("/openapi.json", show_document, include_in_schema=False)
    app.add_route("/docs", show_docs, include_in_schema=False)
    app.add_route(DOCUMENTATION, show_errors, include_in_schema=False)


def errors_page() -> str:
    """Every code that a problem document may carry; their ``type`` points here."""
    kinds: dict[str, list[type[Problem]]] = defaultdict(list)
    for kind in _kinds(Problem):
        kinds[kind.code].append(kind)
    rows = "\n".join(
        f"<tr id={code}><td><code>{code}</code><td>{_listed(str(kind.status) for kind in found)}"
        f"<td>{_listed(kind.title for kind in found)}"
        f"<td>{_listed('yes' if kind.retryable else 'no' for kind in found)}"
        for code, found in sorted(kinds.items())
    )
    return f"""<!doctype html>
<html lang=en><meta charset=utf-8><title>Errors</title>
<style>body{{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem}}td,th{{padding:.2rem .8rem;text-align:left}}
tr:target{{background:#fe9}}</style>
<h1>Errors</h1>
<p>Every error is a problem document (RFC 9457). <code>code</code> is stable, <code>detail</code> is for people and may
change. Where <code>retryable</code> is true, the same request may succeed later.
<table><tr><th>code<th>status<th>meaning<th>retryable
{rows}
</table>
"""


def _kinds(root: type[Problem]) -> list[type[Problem]]:
    return [root, *(kind for child in root.__subclasses__() for kind in _kinds(child))]


def _listed(values: Iterable[str]) -> str:
    return escape(" or ".join(dict.fromkeys(values)))
