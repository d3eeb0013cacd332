"""What every request passes and every response carries, whoever wrote the route."""

from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.settings import Settings
from shared.web.embedding import EMBEDDED
from shared.web.errors import Refused, crash, problem_details, refusal
from shared.web.language import LANGUAGE_COOKIE, LANGUAGES, msg

BODY_LIMIT = 256 * 1024
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "script-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SAFE = {"GET", "HEAD", "OPTIONS"}
YEAR = 365 * 24 * 3600

FOREIGN = msg("This form was sent from another site. Open the page here and send it again.")
TOO_LONG = msg("At most {limit} kilobytes can be sent at once. Go back and shorten what you wrote.")


class Security:
    """Refuses foreign hosts, forms from other sites and too large bodies; sets the headers of every response.

    Pure ASGI, so that it also covers what fails inside: a crash becomes a page and is raised on to be logged.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        public = urlsplit(settings.public_url)
        self._secure = public.scheme == "https"
        self._public_host = public.netloc.lower()
        self._hosts = {public.hostname or ""}
        self._framed_by = settings.embed_sites
        if settings.trial or public.hostname in LOOPBACK:
            self._hosts |= LOOPBACK

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        language_cookie = _language_cookie(scope, secure=self._secure)

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                kept = scope["path"].startswith("/static/") and message["status"] in {200, 304}
                self._dress(MutableHeaders(scope=message), scope["path"], kept, language_cookie)
            await send(message)

        request = Request(scope, receive)
        try:
            refused = self._refuse(request)
            if refused is None and scope["method"] not in SAFE:
                body = await _body(request)
                if body is None:
                    refused = Refused(413, TOO_LONG)
                    refused.values["limit"] = BODY_LIMIT // 1024
                else:
                    receive = _replay(body, receive)
            if refused is not None:
                await (await self._refusal(request, refused))(scope, receive, dressed)
                return
            await self._app(scope, receive, dressed)
        except Exception:
            if not started:
                await crash(request)(scope, receive, dressed)
            raise

    def _refuse(self, request: Request) -> Refused | None:
        path = request.url.path
        # A probe and a collector of metrics ask by the address of the container.
        watching = path.startswith("/health/") or path == "/metrics"
        if not watching and _hostname(request.headers.get("host", "")) not in self._hosts:
            return Refused(421)
        if request.method not in SAFE and self._is_foreign(request.headers, path):
            return Refused(403, FOREIGN)
        return None

    def _is_foreign(self, headers: Headers, path: str) -> bool:
        """Whether a browser sends this for another site.

        Browsers say so in Sec-Fetch-Site; older ones, and all over plain HTTP, only in Origin. Our own pages
        send `Origin: null` where Referrer-Policy is no-referrer, which is everywhere but on staff pages; and
        only there a cookie gives power. Neither header: no browser.
        """
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site not in {"same-origin", "none"}
        origin = headers.get("origin")
        if origin is None:
            return False
        if origin == "null":
            return path.startswith(("/staff", "/api/", "/trial"))
        return urlsplit(origin).netloc.lower() not in {headers.get("host", "").lower(), self._public_host}

    async def _refusal(self, request: Request, refused: Refused) -> Response:
        if refused.status == 421:
            # No page for a stranger's host: nothing that could be kept under its name.
            return problem_details(request, refused)
        return await refusal(request, refused)

    def _dress(self, headers: MutableHeaders, path: str, kept: bool, language_cookie: str) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        if path == EMBEDDED and self._framed_by:
            headers["Content-Security-Policy"] = POLICY.replace(
                "frame-ancestors 'none'", f"frame-ancestors {self._framed_by}"
            )
        else:
            headers["Content-Security-Policy"] = POLICY
            headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        # Addresses of staff pages hold no secret; their forms need the Origin header that no-referrer blanks.
        headers["Referrer-Policy"] = "strict-origin" if path.startswith("/staff") else "no-referrer"
        if self._secure:
            headers["Strict-Transport-Security"] = f"max-age={YEAR}"
        if kept:
            headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        else:
            headers.setdefault("Cache-Control", "no-store")
        if language_cookie:
            headers.append("Set-Cookie", language_cookie)


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _language_cookie(scope: Scope, *, secure: bool) -> str:
    if scope["method"] != "GET" or b"lang=" not in scope["query_string"]:
        return ""
    chosen = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=200).get("lang", [""])[0]
    if chosen not in LANGUAGES:
        return ""
    cookie = SimpleCookie({LANGUAGE_COOKIE: chosen})
    cookie[LANGUAGE_COOKIE].update({"path": "/", "max-age": str(YEAR), "samesite": "Lax", "httponly": "1"})
    if secure:
        cookie[LANGUAGE_COOKIE]["secure"] = "1"
    return cookie.output(header="").strip()


async def _body(request: Request) -> bytes | None:
    """The whole body, or None when it is larger than allowed; never reads more than that."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > BODY_LIMIT:
        return None
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_LIMIT:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
