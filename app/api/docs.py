"""The documentation page. Everything on it is served from here: no content delivery network, no third party."""

from importlib import resources

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, JSONResponse


def mount(app: FastAPI) -> None:
    page = resources.files("app.api").joinpath("docs.html").read_text(encoding="utf-8")

    async def show_document(_request: Request) -> JSONResponse:
        return JSONResponse(app.openapi())

    async def show_docs(_request: Request) -> HTMLResponse:
        return HTMLResponse(page)

    app.add_route("/openapi.json", show_document, include_in_schema=False)
    app.add_route("/docs", show_docs, include_in_schema=False)
