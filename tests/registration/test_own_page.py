"""The page behind a personal link: offers, cancelling, correcting, pausing and forgetting, by forms alone."""

import json
from typing import Any

import pytest

from tests.registration.conftest import Running
from tests.registration.test_people import link_of, make_wish


async def post(service: Running, token: str, path: str, **form: str) -> Any:
    return await service.http.post(f"/my/{token}{path}", data=form)


async def test_the_page_says_the_position_and_why(service: Running) -> None:
    course = await service.plan(patient=1)
    for name in ("Astrid", "Bo", "Cilla"):
        await service.register(course, name)
    page = (await service.http.get(f"/my/{await link_of(service, course, 'Cilla')}")).text
    assert "You are number 2 in the queue" in page
    assert "One person who also waits for a place for patients registered before." in page
    assert "Astrid" not in page
    assert "Bo<" not in page


@pytest.mark.parametrize(
    ("answer", "status", "said"), [("acceptance", "confirmed", "The place is yours"), ("refusal", "cancelled", "Thank")]
)
async def test_an_offer_is_answered_on_the_page(service: Running, answer: str, status: str, said: str) -> None:
    course = await service.plan(patient=1, promotion="offer")
    for name in ("Astrid", "Bo"):
        await service.register(course, name)
    astrid, bo = await link_of(service, course, "Astrid"), await link_of(service, course, "Bo")
    id = (await service.named(course, "Astrid"))["participant_id"]
    sent = await post(service, astrid, f"/registrations/{id}/cancellation")
    assert "Your registration is cancelled" in (await service.http.get(sent.headers["location"])).text
    assert "A place is held for you until" in (await service.http.get(f"/my/{bo}")).text
    assert (await service.statuses(course))["Bo"] == "offered", "looking changes nothing"
    id = (await service.named(course, "Bo"))["participant_id"]
    sent = await post(service, bo, f"/registrations/{id}/{answer}")
    assert said in (await service.http.get(sent.headers["location"])).text
    assert (await service.statuses(course))["Bo"] == status
    assert (await post(service, bo, f"/registrations/{id}/{answer}")).status_code == 410


async def test_a_link_of_a_wish_leads_to_the_same_page_and_takes_it_back(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    wish = await make_wish(service, "Astrid")
    token = service.link(wish, purpose="wish")
    page = (await service.http.get(f"/my/{token}")).text
    assert "You have a place." in page
    assert "You are next" in page
    assert (await post(service, token, f"/wishes/{wish}/withdrawal")).status_code == 303
    assert "You are next" not in (await service.http.get(f"/my/{token}")).text


async def test_a_link_reaches_nothing_of_another_person(service: Running) -> None:
    course = await service.plan(patient=1, promotion="offer")
    for name in ("Astrid", "Bo", "Cilla"):
        await service.register(course, name)
    wish = await make_wish(service, "Bo")
    await post(
        service,
        await link_of(service, course, "Astrid"),
        f"/registrations/{(await service.named(course, 'Astrid'))['participant_id']}/cancellation",
    )
    cilla = await link_of(service, course, "Cilla")
    bo = (await service.named(course, "Bo"))["participant_id"]
    for path in (
        *(f"/registrations/{bo}/{what}" for what in ("cancellation", "acceptance", "refusal")),
        f"/wishes/{wish}/withdrawal",
    ):
        assert (await post(service, cilla, path)).status_code == 404, path
    assert (await service.statuses(course))["Bo"] == "offered"
    for purpose in ("assignment", "sign-in"):
        foreign = service.link(bo, purpose=purpose)
        for path in ("", "/data", "/details", "/forget"):
            assert (await service.http.get(f"/my/{foreign}{path}")).status_code == 410
        for path in ("/pause", "/pause/end", "/forget", "/details"):
            assert (await post(service, foreign, path, name="X", contact="x@example.org")).status_code == 410
    assert (await service.statuses(course))["Bo"] == "offered"


async def test_details_are_corrected_and_what_was_typed_wrongly_is_kept(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    token = await link_of(service, course, "Astrid")
    form = (await service.http.get(f"/my/{token}/details")).text
    assert 'value="astrid@example.org"' in form
    wrong = await post(service, token, "/details", name="Astrid Ek", contact="astrid at example", language="sv")
    assert (wrong.status_code, 'value="astrid at example"' in wrong.text) == (422, True)
    empty = await post(service, token, "/details", name="Astrid Ek", language="sv")
    assert 'href="#contact"' in empty.text
    right = await post(
        service, token, "/details", name="Astrid Ek", address="Storgatan 1\n573 31 Tranås", language="da"
    )
    assert "Your details are put right" in (await service.http.get(right.headers["location"])).text
    row = await service.named(course, "Astrid Ek")
    assert (row["address"], row["language"]) == ("Storgatan 1\n573 31 Tranås", "da")


async def test_a_pause_is_said_on_the_page_until_it_is_taken_back(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    token = await link_of(service, course, "Astrid")
    await post(service, token, "/pause")
    assert "We send you nothing for now. You keep your places." in (await service.http.get(f"/my/{token}")).text
    await post(service, token, "/pause/end")
    assert "We send you nothing for now. You" not in (await service.http.get(f"/my/{token}")).text


async def test_own_data_come_as_a_file(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    answer = await service.http.get(f"/my/{await link_of(service, course, 'Astrid')}/data")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    kept = json.loads(answer.text)
    assert (kept["name"], kept["registrations"][0]["programme"]) == ("Astrid", "An evening course")


async def test_forgetting_says_what_goes_and_happens_only_by_the_button(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    token = await link_of(service, course, "Astrid")
    page = (await service.http.get(f"/my/{token}/forget")).text
    assert "This cannot be undone." in page
    assert "An evening course" in page
    assert (await service.statuses(course)) == {"Astrid": "confirmed"}
    for _ in range(2):
        assert "Everything about you is deleted" in (await post(service, token, "/forget")).text
    assert (await service.statuses(course)) == {None: "cancelled"}
    assert (await service.http.get(f"/my/{token}")).status_code == 410
