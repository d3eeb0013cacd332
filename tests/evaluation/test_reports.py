"""Reports by the API: from what others publish, on a real store, for those who may see them."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest

from motesplats_events import AssignmentStatus, Event, Format, RegistrationStatus, Source, Training, VolunteerRole
from services.evaluation.domain.measures.sums import Cells
from services.evaluation.store import sums
from services.evaluation.use_cases import counting
from tests.evaluation.region import (
    FIRST,
    ORGANISER,
    TODAY,
    Region,
    assignment,
    came,
    cancelled,
    contacted,
    group,
    headcount,
    held,
    programme,
    promoted,
    registered,
    shift,
    sufficiency,
    volunteer,
    weekly,
)

HOST, PEER, BOOK = VolunteerRole.HOST, VolunteerRole.PEER, VolunteerRole.LIVING_BOOK
PEOPLE = [f"person-{n}" for n in range(40)]


async def everything(region: Region) -> dict[str, Cells]:
    """All sums of the store, by collection."""
    found = {}
    for name in ("sums", "day_sums"):
        rows = await region.delivery.db[name].find({}).to_list(None)
        found[name] = Counter(
            {
                (row["book"], row["organiser"], row["municipality"], row["span"], series, key): n
                for row in rows
                for series, keys in row["counts"].items()
                for key, n in keys.items()
                if n
            }
        )
    return found


# The mapping


async def test_the_mapping_names_every_measure_with_its_base(region: Region) -> None:
    offers = [group(f"p{n}", PEOPLE[5 * n : 5 * n + 5], municipality=f"Place {n % 3}") for n in range(6)]
    answers = [
        sufficiency(programme(f"p{n}", [], municipality=f"Place {n % 3}"), n != 5, date(2023, 9, 1)) for n in range(6)
    ]
    helpers = [volunteer(f"v{n}", {HOST: date(2023, 3, 1)}) for n in range(7)]
    await region.hear(*(event for offer in offers for event in offer), *answers, *helpers)
    found = await region.report("mapping", at="2023-12-31")
    assert (found["since"], found["until"], found["uncounted"]) == ("2023-01-01", "2023-12-31", 0)
    values = {code: (m["value"], m["n"]) for code, m in found["measures"].items()}
    assert values == {
        "offers": (6, None),
        "municipalities": (3, None),
        "volunteers": (7, None),
        "users": (30, 6),
        "users_per_offer": (5.0, 6),
        "mean_attendance": (5.0, 18),
        "stay": (1.0, 6),
        "enough_volunteers": (0.83, 6),
    }
    assert found["tables"]["by_kind"] == {"Learning cafés": [6, 6]}
    assert found["tables"]["by_municipality"] == {"Place 0": [2], "Place 1": [2], "Place 2": [2]}
    assert found["tables"]["users_by_municipality"]["Place 1"] == [None, None, None, None, 10]
    assert found["tables"]["users_by_municipality"]["All together"] == [None, None, None, None, 30]


async def test_a_report_at_an_earlier_date_knows_only_what_was_so_then(region: Region) -> None:
    planned = programme("p1", [FIRST, date(2023, 6, 13)])
    await region.hear(
        *group("p1", PEOPLE[:6]),
        sufficiency(planned, True, date(2023, 2, 1)),
        sufficiency(planned, False, date(2023, 10, 1)),
        *(volunteer(f"v{n}", {HOST: date(2023, 3, 1 + n)}) for n in range(8)),
    )
    assert (await region.figures("mapping", at="2023-03-05"))["volunteers"] == 5
    assert (await region.figures("mapping", at="2023-03-08"))["volunteers"] == 8
    assert (await region.figures("mapping", at="2023-03-04"))["volunteers"] is None
    assert (await region.figures("attendance", from_="2023-01-01", to="2023-06-12"))["mean_attendance"] == 6
    spring = await region.report("attendance", from_="2023-01-01", to="2023-06-12")
    assert spring["measures"]["mean_attendance"]["n"] == 1
    later = await region.report("attendance", from_="2023-01-01", to="2023-06-13")
    assert later["measures"]["mean_attendance"]["n"] == 2


async def test_small_numbers_and_none_look_alike(region: Region) -> None:
    nothing = await region.report("mapping", at="2023-12-31")
    assert nothing["measures"]["users"]["value"] is None
    await region.hear(*group("p1", PEOPLE[:4]))
    few = await region.report("mapping", at="2023-12-31")
    for code in ("users", "users_per_offer", "stay", "enough_volunteers", "volunteers"):
        assert (few["measures"][code]["value"], few["measures"][code]["n"]) == (None, None)
    assert few["tables"]["users_by_municipality"] == nothing["tables"]["users_by_municipality"] == {}
    assert few["measures"]["offers"]["value"] == 1


async def test_a_small_municipality_cannot_be_worked_out_from_the_others(region: Region) -> None:
    sizes = {"Ekby": 12, "Tallby": 3, "Granby": 9}
    people = iter(PEOPLE)
    for place, size in sizes.items():
        await region.hear(*group(place, [next(people) for _ in range(size)], municipality=place))
    rows = (await region.report("mapping", at="2023-12-31"))["tables"]["users_by_municipality"]
    assert {place: cells[-1] for place, cells in rows.items()} == {
        "Ekby": 12,
        "The others together": 12,
        "All together": 24,
    }


# What is heard


async def test_the_order_in_which_it_is_told_does_not_matter_nor_how_often(region: Region) -> None:
    planned = programme("p1", [FIRST, FIRST + timedelta(weeks=1)], copy_of="p0")
    earlier = programme("p0", [FIRST - timedelta(weeks=20)])
    told: list[tuple[Event, int]] = [
        (planned, 1),
        (earlier, 1),
        (registered(planned, "a", status=RegistrationStatus.WAITING, came_by=Source.CLINIC, referred_by="The ward"), 1),
        (promoted(planned, "a", starts_on=FIRST), 2),
        (cancelled(planned, "a", ended_on=FIRST + timedelta(days=3)), 3),
        (held(planned, FIRST, 2), 1),
        (came(planned, FIRST, ["a", "b"]), 1),
        (came(planned, FIRST, ["a"]), 2),
        (sufficiency(planned, True, FIRST), 1),
        (volunteer("v", {HOST: FIRST}), 1),
        (assignment("v", PEER, FIRST, FIRST, id="t"), 2),
    ]
    chance, first = Random(4), None
    for _ in range(6):
        for event, sequence in chance.sample(told, len(told)) + told[:4]:
            await region.delivery.inbox.receive([region.record(event, FIRST, sequence)])
        await region.counted()
        found = await everything(region)
        first = first or found
        assert found == first
        assert found["sums"]
        for name in await region.delivery.db.list_collection_names():
            await region.delivery.db[name].delete_many({})


async def test_the_sums_are_what_everything_adds_however_it_has_changed(region: Region) -> None:
    for people in (PEOPLE[:6], PEOPLE[2:9], PEOPLE[:3]):
        await region.hear(*group("p1", people), *(cancelled(programme("p1", []), person) for person in people[:2]))
    moved = programme("p1", [FIRST, date(2023, 6, 13), date(2023, 12, 12)], municipality="Tallby", kind="mens_group")
    await region.hear(moved, volunteer("v", {HOST: FIRST}), volunteer("v", {PEER: FIRST}, "Tallby"))
    changed = await everything(region)
    for name in ("sums", "day_sums", "counted", "counting"):
        await region.delivery.db[name].delete_many({})
    await counting.count_anew(region.delivery)
    await region.counted()
    assert await everything(region) == changed
    assert {row[2] for row in changed["sums"]} == {"Tallby"}


async def test_counting_anew_happens_once_for_each_version(region: Region) -> None:
    await region.hear(*group("p1", PEOPLE[:6]))
    await counting.count_anew(region.delivery)
    assert await sums.uncounted(region.delivery.reading) == 1
    await region.counted()
    await counting.count_anew(region.delivery)
    assert await sums.uncounted(region.delivery.reading) == 0


async def test_a_report_says_what_is_not_counted_yet(region: Region) -> None:
    await region.delivery.inbox.receive([region.record(event) for event in group("p1", PEOPLE[:6])])
    assert (await region.report("mapping", at="2023-12-31"))["uncounted"] == 1
    assert "just being counted" in (await region.page("/mapping")).text
    await region.counted()
    assert (await region.report("mapping", at="2023-12-31"))["uncounted"] == 0


async def test_a_cancelled_session_or_programme_is_neither_waited_for_nor_counted(region: Region) -> None:
    planned = programme("p1", [FIRST, date(2023, 6, 13)])
    off = [session.model_copy(update={"cancelled": True}) for session in planned.sessions]
    await region.hear(planned)
    assert (await region.figures("mapping", at="2023-06-30"))["offers"] == 1
    await region.hear(planned.model_copy(update={"sessions": [planned.sessions[0], off[1]]}))
    assert (await region.figures("mapping", from_="2023-02-01", to="2023-06-30"))["offers"] == 0
    await region.hear(planned.model_copy(update={"cancelled": True, "sessions": off}))
    assert (await region.figures("mapping", at="2023-06-30"))["offers"] == 0


async def test_what_was_held_of_a_programme_before_it_was_cancelled_stays_in_the_reports(region: Region) -> None:
    planned = programme("p1", [FIRST, date(2023, 6, 13)])
    off = planned.sessions[1].model_copy(update={"cancelled": True})
    await region.hear(planned.model_copy(update={"cancelled": True, "sessions": [planned.sessions[0], off]}))
    assert (await region.figures("mapping", at="2023-06-30"))["offers"] == 1


# Drop-in houses


async def test_visitors_per_week_first_visits_and_ages(region: Region) -> None:
    events: list[Event] = []
    for name, n in (("The mill", 12), ("The villa", 18)):
        house = programme(name, weekly(FIRST, 10), kind="drop_in", place=name, municipality=f"Town of {name}")
        events.append(house)
        for day in weekly(FIRST, 10):
            events += [held(house, day, visitors=n), headcount(house, day, 2, {"30-49": 3, "70-": 4})]
    await region.hear(*events)
    found = await region.report("houses", from_="2023-01-01", to="2023-12-31")
    assert {code: (m["value"], m["n"]) for code, m in found["measures"].items()} == {
        "visitors_per_week": (30.0, 10),
        "houses": (2, None),
        "openings": (20, None),
        "visits": (300, None),
    }
    assert found["tables"]["by_house"] == {
        "The mill, Town of The mill": [12.0, 10, 10, 120],
        "The villa, Town of The villa": [18.0, 10, 10, 180],
    }
    assert found["tables"]["by_month"]["2023-01"] == [30.0, 3]
    visits = await region.report("visits", from_="2023-01-01", to="2023-12-31")
    assert visits["measures"]["first_visits"]["value"] == 40
    assert visits["tables"]["by_age"]["30–49"][-1] == 60
    assert visits["tables"]["by_role"] == {
        "Patients": [None, None, None, None, 200],
        "Relatives": [None, None, None, None, 100],
        "All together": [None, None, None, None, 300],
    }
    row = await region.delivery.db.headcounts.find_one({})
    assert row
    assert "by_hour" not in row


# Volunteers


async def test_volunteers_by_municipality_role_and_year(region: Region) -> None:
    await region.hear(
        *(volunteer(f"a{n}", {HOST: date(2020, 1, 1)}, "Ekby") for n in range(9)),
        *(volunteer(f"b{n}", {HOST: date(2022, 1, 1), PEER: date(2023, 1, 1)}, "Tallby") for n in range(6)),
        *(volunteer(f"c{n}", {HOST: date(2020, 1, 1)}, "Granby", date(2021, 6, 1)) for n in range(2)),
    )
    found = await region.report("volunteers", at="2023-12-31")
    assert found["measures"]["volunteers"]["value"] == 15
    assert found["tables"]["by_year"] == {"2019": [None], "2020": [11], "2021": [11], "2022": [15], "2023": [15]}
    assert found["tables"]["by_municipality"] == {
        "Ekby": [None, None, None, 9, 9],
        "Tallby": [None, None, None, 6, 6],
        "The others together": [None, 11, 11, None, None],
        "All together": [None, 11, 11, 15, 15],
    }
    assert found["tables"]["by_role"] == {"Hosts": [None, 11, 11, 15, 15], "Peers": [None, None, None, None, 6]}


async def test_a_role_that_was_given_up_stays_in_earlier_years(region: Region) -> None:
    for n in range(6):
        await region.hear((volunteer(f"v{n}", {HOST: date(2021, 1, 1)}), date(2021, 1, 1)))
    for n in range(6):
        await region.hear((volunteer(f"v{n}", {PEER: date(2022, 7, 1)}), date(2022, 7, 1)))
    found = await region.report("volunteers", at="2023-12-31")
    assert found["tables"]["by_role"] == {"Hosts": [None, None, 6, 6, None], "Peers": [None, None, None, 6, 6]}


async def test_hosts_by_place_and_year(region: Region) -> None:
    days = [date(2022, 3, 1), date(2022, 9, 6), date(2023, 2, 7)]
    ekby = programme("ekby", days, kind="drop_in", place="The old school")
    tallby = programme("tallby", days, kind="drop_in", place="The old school", municipality="Tallby")
    small = programme("small", days, kind="drop_in", place="The mill")
    done, yes = AssignmentStatus.COMPLETED, AssignmentStatus.ACCEPTED
    await region.hear(
        # Before it is known which programme it is, and in another room of the house.
        *(shift(f"v{n}", ekby, day, done, place="The attic") for n in range(7) for day in days[:2]),
        ekby,
        tallby,
        small,
        *(shift(f"v{n}", ekby, days[2], yes) for n in range(9)),
        *(shift(f"v{n}", tallby, days[2], yes) for n in range(6)),
        *(shift(f"w{n}", tallby, days[1], AssignmentStatus.OFFERED) for n in range(8)),
        *(shift(f"w{n}", small, days[1], done) for n in range(3)),
    )
    found = await region.report("volunteers", at="2023-12-31")
    assert found["tables"]["by_site"] == {
        "The old school, Ekby": [None, None, None, 7, 9],
        "The old school, Tallby": [None, None, None, None, 6],
    }
    await region.hear(*(shift(f"v{n}", ekby, days[2], AssignmentStatus.RELEASED) for n in range(2)))
    found = await region.report("volunteers", at="2023-12-31")
    assert found["tables"]["by_site"]["The old school, Ekby"] == [None, None, None, 7, 7]
    elsewhere = region.signed_in(areas=["Tallby"])
    found = await region.report("volunteers", elsewhere, at="2023-12-31")
    assert list(found["tables"]["by_site"]) == ["The old school, Tallby"]
    another = region.signed_in(organisers=["Another"])
    assert (await region.report("volunteers", another, at="2023-12-31"))["tables"]["by_site"] == {}


async def test_peer_assignments_unique_peers_and_the_change(region: Region) -> None:
    busy = [assignment(f"v{n % 25}", PEER, date(2020, 1, 7), date(2020, 2, 1) + timedelta(days=n)) for n in range(46)]
    before = [assignment(f"v{n % 30}", PEER, date(2019, 1, 7), date(2019, 3, 1)) for n in range(60)]
    await region.hear(*busy, *before, assignment("v1", PEER, date(2020, 5, 1)))
    found = await region.report("peers", from_="2020-01-01", to="2020-12-31")
    assert {code: (m["value"], m["n"]) for code, m in found["measures"].items()} == {
        "peer_assignments": (46, None),
        "unique_peers": (25, None),
        "change": (-0.23, 60),
    }
    assert found["tables"]["by_year"]["2019"] == [60, 30, None]
    assert found["tables"]["by_year"]["2020"] == [46, 25, -0.23]


async def test_the_share_of_books_offered_has_an_interval(region: Region) -> None:
    books = [volunteer(f"b{n}", {BOOK: date(2019, 1, 1)}) for n in range(10)]
    offered = [assignment(f"b{n}", BOOK, date(2020, 3, 1 + n)) for n in range(7)]
    await region.hear(*books, *offered, *offered[:2])
    share = (await region.report("living-library", at="2020-12-31"))["measures"]["offered"]
    assert (share["value"], share["n"], round(share["low"], 2), round(share["high"], 2)) == (0.7, 10, 0.4, 0.89)


async def test_new_units_and_trainings(region: Region) -> None:
    supporters = [volunteer(f"s{n}", {VolunteerRole.PATIENT_SUPPORTER: date(2020, 1, 1)}) for n in range(5)]
    contacts = [contacted(f"s{n}", date(2020, month, 3), new=n < 4) for n in range(5) for month in range(1, 13)]
    told = {VolunteerRole.STORYTELLER: date(2019, 1, 1)}
    done = [Training(training="stories", completed_on=date(2020, 3, 1))]
    early = [Training(training="stories", completed_on=date(2019, 3, 1))]
    tellers = [volunteer(f"t{n}", told, trainings=done if n < 7 else early) for n in range(13)]
    await region.hear(*supporters, *contacts, *tellers)
    found = await region.report("patient-supporters", at="2020-12-31")
    assert {code: (m["value"], m["n"]) for code, m in found["measures"].items()} == {
        "new_units": (48, None),
        "contacts": (60, None),
        "supporters": (5, None),
        "new_units_per_supporter": (0.8, 60),
    }
    assert found["tables"]["by_month"]["2020-02"] == [4, 5]
    assert await region.figures("trainings", from_="2020-01-01", to="2020-06-30") == {
        "trainings": 7,
        "storytellers_trained": 7,
        "storytellers_in_all": 13,
    }
    assert "The ward of Ekby" not in str(await region.delivery.db.contacts.find({}).to_list(None))


async def test_a_contact_that_was_undone_counts_for_nothing(region: Region) -> None:
    made = [contacted("s1", date(2020, 2, 3), new=n == 0) for n in range(3)]
    await region.hear(*made)
    days = {"from_": "2020-01-01", "to": "2020-12-31"}
    assert (await region.report("patient-supporters", **days))["tables"]["by_month"]["2020-02"] == [1, 3]
    await region.hear(made[0].model_copy(update={"new": False, "undone": True}))
    found = await region.report("patient-supporters", **days)
    assert (found["measures"]["contacts"]["value"], found["measures"]["new_units"]["value"]) == (2, 0)
    assert found["tables"]["by_month"]["2020-02"] == [0, 2]


# Coming


async def test_the_queue_and_where_registrations_come_from(region: Region) -> None:
    planned = programme("p1", weekly(date(2023, 9, 5), 5))
    waiting = {"status": RegistrationStatus.WAITING, "came_by": Source.PRIMARY_CARE, "referred_by": "Ekby care centre"}
    await region.hear(
        planned,
        *((registered(planned, f"w{n}", **waiting), date(2023, 3, 1)) for n in range(12)),
        *((registered(planned, f"s{n}"), date(2023, 3, 1)) for n in range(6)),
        *((promoted(planned, f"w{n}"), date(2023, 3, 11)) for n in range(6)),
        (cancelled(planned, "w6"), date(2023, 4, 1)),
    )
    found = await region.report("queue", at="2023-09-30")
    assert (found["measures"]["waiting"]["value"], found["measures"]["days_waited"]["value"]) == (5, 10)
    assert found["measures"]["days_waited"]["n"] == 6
    assert found["tables"]["days_waited"] == {"7–13": [6]}
    referrals = await region.report("referrals", at="2023-12-31")
    assert referrals["measures"]["referred"]["value"] == 0.67
    assert referrals["tables"]["by_unit"]["Ekby care centre"][-1] == 12
    assert referrals["tables"]["by_source"]["Through primary care"][-1] == 12
    assert (await region.figures("queue", from_="2023-01-01", to="2023-03-05"))["waiting"] == 12


async def test_digital_self_help_groups_started(region: Region) -> None:
    def group(n: int, year: int) -> Event:
        days = weekly(date(year, 3, 1), 4)
        return programme(f"g{year}-{n}", days, kind="self_help_group", format=Format.DIGITAL)

    await region.hear(group(1, 2020), *(group(n, 2021) for n in range(3)))
    found = await region.report("started", at="2021-12-31")
    assert found["measures"]["digital_self_help"]["value"] == 3
    assert found["tables"]["by_year"]["2020"] == [1, 1, 1]


# Who may see what


async def test_staff_see_their_organisers_in_their_areas(region: Region) -> None:
    await region.hear(
        *group("p1", PEOPLE[:6], municipality="Ekby"),
        *group("p2", PEOPLE[6:13], municipality="Tallby"),
        *group("p3", PEOPLE[13:21], municipality="Ekby", organiser="The association"),
        *(volunteer(f"v{n}", {HOST: FIRST}, "Ekby") for n in range(5)),
        *(volunteer(f"w{n}", {HOST: FIRST}, "Tallby") for n in range(6)),
    )

    async def seen(staff: dict[str, str]) -> tuple[int, int, int]:
        found = await region.figures("mapping", staff, at="2023-12-31")
        return found["offers"], found["users"], found["volunteers"]

    assert await seen(region.admin) == (3, 21, 11)
    assert await seen(region.signed_in([ORGANISER])) == (2, 13, 11)
    assert await seen(region.signed_in([ORGANISER], ["Tallby"])) == (1, 7, 6)
    assert await seen(region.signed_in(["Another"], ["Elsewhere"])) == (0, None, None)


@pytest.mark.parametrize("path", ["", "/mapping"])
async def test_reports_are_for_staff(region: Region, path: str) -> None:
    assert (await region.client.get(f"/api/evaluation/reports{path}")).status_code == 401
    page = await region.client.get(f"/staff/results/reports{path}")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2023-05-01&to=2023-04-01", "to"),
        ("from=2023-05-01&to=2023-05-09", "from"),
        ("from=2030-05-01", "to"),
        ("at=2023-05-01&to=2023-05-09", "at"),
        ("at=yesterday", "at"),
        ("at=0001-01-01", "at"),
    ],
)
async def test_days_that_make_no_period_are_refused_by_name(region: Region, query: str, field: str) -> None:
    answer = await region.client.get(f"/api/evaluation/reports/mapping?{query}", headers=region.admin)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_an_unknown_report_is_not_found(region: Region) -> None:
    for address in ("/api/evaluation/reports/none", "/staff/results/reports/none", "/staff/results/reports/none/csv"):
        assert (await region.client.get(address, headers=region.admin)).status_code == 404


async def test_every_report_there_is_can_be_asked_for_of_nothing(region: Region) -> None:
    listed = (await region.client.get("/api/evaluation/reports", headers=region.admin)).json()
    assert len({one["report"] for one in listed}) == len(listed) == 12
    for one in listed:
        assert (await region.report(one["report"]))["report"] == one["report"]


async def test_in_a_running_year_rows_add_up_to_what_is_shown_of_all(region: Region) -> None:
    region.today(TODAY)
    planned = programme("p1", weekly(date(2024, 2, 6), 10))

    def some(source: Source, n: int, on: date) -> list[tuple[Event, date]]:
        return [(registered(planned, f"{source}-{on}-{i}", came_by=source), on) for i in range(n)]

    await region.hear(planned, *some(Source.SELF, 7, date(2024, 1, 9)), *some(Source.CLINIC, 3, date(2024, 2, 9)))
    rows = (await region.report("referrals"))["tables"]["by_source"]
    assert {row: cells[-1] for row, cells in rows.items()} == {"On their own": 7, "All together": 7}
    await region.hear(*some(Source.ASSOCIATION, 4, date(2024, 3, 9)), *some(Source.SELF, 9, date(2024, 5, 9)))
    rows = (await region.report("referrals"))["tables"]["by_source"]
    assert {row: cells[-1] for row, cells in rows.items()} == {
        "On their own": 7,
        "The others together": 7,
        "All together": 14,
    }
