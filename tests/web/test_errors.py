"""A refusal is a page for people and problem details for programs, in their language."""

import httpx
import pytest


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/fail/gone", 410, "Länken har gått ut."),
        ("/fail/missing", 404, "Sidan finns inte"),
        ("/nowhere", 404, "Sidan finns inte"),
        ("/number/<script>", 404, "Sidan finns inte"),
        ("/fail/forbidden", 403, "Det här hör till en annan arrangör."),
        ("/fail/rule", 422, "Talet ska vara 1\xa0000 eller mer."),
        ("/fail/several", 422, "<li>Här behövs ett svar</li>"),
        ("/fail/crash", 500, "Något gick fel hos oss"),
    ],
)
async def test_people_get_a_page(people: httpx.AsyncClient, path: str, status: int, words: str) -> None:
    answer = await people.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert words in answer.text
    assert answer.text.count("<h1>") == 1
    assert 'href="/"' in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("path", "status", "code", "detail"),
    [
        ("/api/fail/gone", 410, "gone", "Linket er udløbet"),
        ("/api/fail/rule", 422, "not-possible", "Tallet skal være 1.000 eller mere"),
        ("/api/nowhere", 404, "not-found", "Adressen kan være skrevet forkert, eller også er siden fjernet."),
        ("/api/number/x", 422, "invalid", "Nogle svar skal rettes"),
        ("/api/fail/crash", 500, "refused", "Det er ikke din fejl."),
    ],
)
async def test_programs_get_problem_details(
    people: httpx.AsyncClient, path: str, status: int, code: str, detail: str
) -> None:
    answer = await people.get(path, headers={"accept-language": "da"})
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"].endswith(code)
    assert problem["detail"].startswith(detail)
    assert "secret" not in answer.text


async def test_each_field_is_named(people: httpx.AsyncClient) -> None:
    problem = (await people.get("/api/fail/several", headers={"accept-language": "en"})).json()
    assert problem["errors"] == [
        {"field": "name", "detail": "This needs an answer"},
        {"field": "email", "detail": "Write a number"},
    ]
    number = (await people.get("/api/number/x", headers={"accept-language": "en"})).json()
    assert number["errors"] == [{"field": "number", "detail": "Write a whole number, such as 12"}]


async def test_who_must_sign_in_is_led_there(people: httpx.AsyncClient) -> None:
    answer = await people.get("/staff")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_wrong_method_is_no_page(people: httpx.AsyncClient) -> None:
    answer = await people.delete("/plan")
    assert answer.status_code == 405
    assert "Sidan finns inte" in answer.text
    assert "GET" in answer.headers["allow"] or "POST" in answer.headers["allow"]
