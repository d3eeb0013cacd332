"""What people and staff read of text messages, where a gateway for them is set and where not."""

from typing import Any

import pytest

from tests.registration.conftest import serving
from tests.registration.test_people import person_of


@pytest.mark.parametrize(
    ("gateway", "promise", "mobile"),
    [
        ("sms.region.example", "as a text message, or a call where the number takes none", "Gets text messages."),
        ("", "we call you before the first meeting", "Somebody calls:"),
    ],
)
async def test_who_left_a_number_reads_what_will_come_and_staff_how_the_person_is_reached(
    given: dict[str, Any], gateway: str, promise: str, mobile: str
) -> None:
    async with serving(given, sms_gateway_domain=gateway) as service:
        course = await service.plan()
        await service.register(course, "Åke", email="", phone="070-123 45 67")
        await service.register(course, "Bo", email="", phone="036-12 34 56")
        thanks = await service.http.get(f"/programmes/{course['programme_id']}/registered")
        assert promise in thanks.text
        for name, way in (("Åke", mobile), ("Bo", "Somebody calls:")):
            page = await service.staff.get(f"/staff/people/{await person_of(service, course, name)}")
            assert way in page.text
            assert "Gets text messages." not in page.text or way == "Gets text messages."
