"""What every response carries, and what no request gets past."""

from pathlib import Path

import httpx
import pytest

from shared.web.security import BODY_LIMIT
from tests.web.application import HOST, Received, make_app, make_settings, signed_in

DATA = {"name": "Astrid", "consent": "yes"}


@pytest.mark.parametrize(
    "path", ["/", "/plan", "/fail/gone", "/fail/crash", "/api/fail/crash", "/nowhere", "/static/theme.css"]
)
async def test_every_response_carries_the_policy(people: httpx.AsyncClient, path: str) -> None:
    headers = (await people.get(path)).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


async def test_staff_pages_send_their_origin_and_never_more(people: httpx.AsyncClient) -> None:
    assert (await people.get("/staff/plan")).headers["referrer-policy"] == "strict-origin"


async def test_only_public_pages_and_static_files_may_be_kept(people: httpx.AsyncClient) -> None:
    settings = make_settings()
    assert (await people.get("/plan")).headers["cache-control"] == "no-store"
    assert (await people.get("/fail/gone")).headers["cache-control"] == "no-store"
    assert (await people.get("/api/number/1")).headers["cache-control"] == "no-store"
    public = await people.get("/")
    assert public.headers["cache-control"] == "private, no-cache"
    assert "Cookie" in public.headers["vary"]
    assert (await people.get("/", headers=signed_in(settings))).headers["cache-control"] == "no-store"
    assert "immutable" in (await people.get("/static/theme.css")).headers["cache-control"]
    assert (await people.get("/static/nothing.css")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "", "127.0.0.1.evil.example", "[", "a@127"])
async def test_a_foreign_host_gets_nothing(people: httpx.AsyncClient, host: str) -> None:
    answer = await people.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "Calendar" not in answer.text
    assert (await people.get("/health/live", headers={"host": host})).status_code == 404


@pytest.mark.parametrize(
    ("public_url", "trial", "expected"),
    [
        ("https://meet.example.org", False, 421),
        ("https://meet.example.org", True, 200),
        ("http://127.0.0.1:8080", False, 200),
    ],
)
async def test_loopback_is_for_trying(public_url: str, trial: bool, expected: int) -> None:
    app = make_app(make_settings(public_url=public_url, trial=trial), Received())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:9") as client:
        assert (await client.get("/")).status_code == expected
        own = await client.get("/", headers={"host": public_url.partition("//")[2]})
        assert own.status_code == 200
        assert ("strict-transport-security" in own.headers) == public_url.startswith("https")


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site", "origin": HOST}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": HOST}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://127.0.0.1:9999"}, False),
        ({"origin": "https://127.0.0.1:8080.evil.example"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
    ],
)
@pytest.mark.parametrize("path", ["/plan", "/staff/plan"])
async def test_a_form_from_another_site_is_refused(
    people: httpx.AsyncClient, received: Received, path: str, headers: dict[str, str], passes: bool
) -> None:
    answer = await people.post(path, data=DATA, headers=headers)
    assert answer.status_code == (303 if passes else 403)
    assert (received.plan is not None) == passes
    if not passes:
        assert "från en annan webbplats" in answer.text


async def test_an_origin_that_is_blanked_passes_only_where_no_cookie_gives_power(
    people: httpx.AsyncClient,
) -> None:
    assert (await people.post("/plan", data=DATA, headers={"origin": "null"})).status_code == 303
    assert (await people.post("/staff/plan", data=DATA, headers={"origin": "null"})).status_code == 403


async def test_a_body_over_the_limit_is_refused_in_words(people: httpx.AsyncClient, received: Received) -> None:
    answer = await people.post("/plan", data={"name": "x" * BODY_LIMIT})
    assert answer.status_code == 413
    assert "Högst 256 kilobyte" in answer.text
    assert answer.headers["content-type"].startswith("text/html")
    api = await people.post("/api/number/1", content=b"x" * (BODY_LIMIT + 1))
    assert api.status_code == 413
    assert api.headers["content-type"] == "application/problem+json"
    assert received.form is None


async def test_a_body_that_hides_its_size_is_counted(people: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> object:
        nonlocal sent
        while True:
            sent += 65536
            yield b"x" * 65536

    answer = await people.post("/plan", content=endless())  # type: ignore[arg-type]
    assert answer.status_code == 413
    assert sent <= BODY_LIMIT + 2 * 65536


async def test_a_body_at_the_limit_arrives_whole(people: httpx.AsyncClient, received: Received) -> None:
    fill = BODY_LIMIT - len("words=&name=Astrid&consent=yes")
    answer = await people.post(
        "/plan",
        content=f"words={'x' * fill}&name=Astrid&consent=yes".encode(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 303
    assert received.form is not None
    assert len(received.form.text("words")) == fill


async def test_a_region_gives_its_own_tokens(tmp_path: Path) -> None:
    theme = tmp_path / "region.css"
    theme.write_text(":root { --brand: #123456 }", encoding="utf-8")
    app = make_app(make_settings(theme=str(theme)), Received())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HOST) as client:
        page = (await client.get("/")).text
        address = page.split('href="/static/region.css')[1].split('"')[0]
        answer = await client.get(f"/static/region.css{address}")
        assert answer.text == theme.read_text(encoding="utf-8")
        assert answer.headers["content-type"].startswith("text/css")
        assert page.index("theme.css") < page.index("region.css")
