"""Puts pages, static files, error pages and the security headers into an application."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from shared.errors import DomainError
from shared.settings import Settings
from shared.web import errors
from shared.web.pages import STATIC, Pages
from shared.web.security import Security


def install(app: FastAPI, settings: Settings, folders: Sequence[Path] = ()) -> None:
    """Serve `/static`, answer errors in the reader's language, and guard every request.

    Args:
        folders: of the services in the application, which translate the errors that they raise.
    """
    app.state.settings = settings
    app.state.shared_pages = Pages(None, settings, folders)
    region = Path(settings.theme).read_bytes() if settings.theme else b""

    @app.get("/static/region.css", include_in_schema=False)
    async def region_css(_: Request) -> Response:
        return Response(region, media_type="text/css")

    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(DomainError, errors.on_domain_error)
    app.add_exception_handler(HTTPException, errors.on_http_exception)
    app.add_exception_handler(RequestValidationError, errors.on_invalid_request)
    app.add_middleware(Security, settings=settings)
