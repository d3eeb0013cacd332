"""The same refusal as a page for people and as problem details (RFC 9457) for programs, in their language."""

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from shared.access import present_staff
from shared.errors import DomainError, Gone, Invalid, NotFound, SignInNeeded
from shared.web import wording
from shared.web.language import Translator, language, msg
from shared.web.pages import Pages

TITLES = {
    400: msg("We could not read that"),
    401: msg("Please sign in"),
    403: msg("You cannot see this page"),
    404: msg("There is no such page"),
    405: msg("There is no such page"),
    409: msg("That has already been done"),
    410: msg("This link does not work any more"),
    413: msg("That was too much text"),
    421: msg("There is no such page"),
    422: msg("Something needs to be put right"),
    429: msg("Please wait a moment"),
    500: msg("Something went wrong with us"),
    503: msg("We are not open just now"),
}
DETAILS = {
    400: msg("Go back and try once more."),
    403: msg("It belongs to somebody else, or you came to it from another site."),
    404: msg("The address may be misspelt, or the page has been removed."),
    405: msg("The address may be misspelt, or the page has been removed."),
    413: msg("Go back and shorten what you wrote."),
    421: msg("The address may be misspelt, or the page has been removed."),
    500: msg("It is not your fault. Nothing half-done has been saved. Try again in a few minutes."),
    503: msg("Try again in a few minutes."),
}
NEXT = {
    410: msg("A link works once or for a limited time. A newer message from us may hold a newer link."),
    422: msg("Go back and try once more."),
}


class Refused(DomainError):
    """The request itself cannot be taken, whatever it asks for."""

    code = "refused"

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(message or DETAILS.get(status, DETAILS[400]))
        self.status = status  # type: ignore[misc]


def is_api(request: Request) -> bool:
    """Whether a program is asking."""
    return request.url.path.startswith(("/api/", "/health/"))


def translator(request: Request) -> Translator:
    """Words in the reader's language, from the shared messages."""
    pages: Pages = request.app.state.shared_pages
    return pages.catalogues[language(request)]


async def error_page(request: Request, error: DomainError) -> Response:
    """A refusal as a page. Who needs to sign in is led to the sign-in page."""
    if isinstance(error, SignInNeeded):
        return RedirectResponse("/sign-in", status_code=303)
    return _page(request, error.status, error)


def problem_details(request: Request, error: DomainError) -> Response:
    """A refusal as problem details."""
    words = translator(request)
    body: dict[str, Any] = {
        "type": f"urn:motesplats:problem:{error.code}",
        "title": error.code.replace("-", " "),
        "status": error.status,
        "detail": words.say(error.message, **error.values),
    }
    named = [problem for problem in error.problems if problem.field]
    if named:
        body["errors"] = [{"field": p.field, "detail": words.say(p.message, **p.values)} for p in named]
    headers = {"Content-Language": words.lang}
    return JSONResponse(body, error.status, headers, media_type="application/problem+json")


async def refusal(request: Request, error: DomainError) -> Response:
    """The page or the problem details, by who is asking."""
    return problem_details(request, error) if is_api(request) else await error_page(request, error)


async def on_domain_error(request: Request, error: Exception) -> Response:
    """Exception handler: a rule said no and no form took it over."""
    assert isinstance(error, DomainError)
    return await refusal(request, error)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Exception handler: what the framework refuses, such as an unknown address."""
    assert isinstance(error, HTTPException)
    if error.status_code < 400:
        return Response(status_code=error.status_code, headers=error.headers)
    known: DomainError = NotFound(DETAILS[404]) if error.status_code == 404 else Refused(error.status_code)
    response = await refusal(request, known)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """Exception handler: what FastAPI could not read. What was typed is not repeated."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if not is_api(request) and any(one["loc"][:1] == ("path",) for one in found):
        return await error_page(request, NotFound(DETAILS[404]))
    return await refusal(request, Invalid([wording.problem(one, skip=1) for one in found]))


def _page(request: Request, status: int, error: DomainError) -> HTMLResponse:
    pages: Pages = request.app.state.shared_pages
    words = pages.catalogues[language(request)]
    said = words.say(error.message, **error.values)
    several = [words.say(p.message, **p.values) for p in error.problems] if isinstance(error, Invalid) else []
    inside = request.url.path.startswith("/staff") and present_staff(request) is not None
    return pages.render(
        request,
        "error.html",
        status=status,
        title=words.say(TITLES.get(status, TITLES[400])),
        detail=said + ("" if said.endswith((".", "?", "!")) else "."),
        problems=several,
        next=words.say(NEXT[status]) if isinstance(error, Gone) or status == 422 else "",
        home="/staff" if inside else "/",
    )


def crash(request: Request) -> Response:
    """The answer when we have made a mistake; it says nothing about what the mistake is."""
    return problem_details(request, Refused(500)) if is_api(request) else _page(request, 500, Refused(500))
