"""Offers and volunteers of invented facts, one at a time and at random."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from motesplats_events import AssignmentStatus, Format, VolunteerRole
from services.evaluation.domain.measures.counting import offer_cells, volunteer_cells
from services.evaluation.domain.measures.facts import (
    Answered,
    Assignment,
    Contact,
    Held,
    Offer,
    OfferFacts,
    Registered,
    RoleHeld,
    Trained,
    VolunteerFacts,
)
from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.sums import Book, Cells, Sums, Tally

FIRST, LAST = date(2019, 1, 1), date(2022, 12, 31)
MUNICIPALITIES = ("Ekby", "Tallby", "Granby")


def offer(**different: object) -> Offer:
    """A learning café in Ekby."""
    usual = Offer(
        programme_id="p1",
        organiser="The clinic",
        municipality="Ekby",
        place="The room",
        kind="learning_cafe",
        format=Format.PHYSICAL,
        lists_people=True,
        first=date(2020, 1, 14),
        last=date(2020, 6, 9),
    )
    return replace(usual, **different)  # type: ignore[arg-type]


def counted(facts: Iterable[OfferFacts | VolunteerFacts]) -> Cells:
    """What all of them add."""
    cells: Cells = Counter()
    for one in facts:
        cells.update(offer_cells(one) if isinstance(one, OfferFacts) else volunteer_cells(one))
    return cells


def sums(facts: Iterable[OfferFacts | VolunteerFacts], book: Book = Book.OFFERS) -> Sums:
    """Their sums."""
    return Sums.of(counted(facts), book)


def tally(*facts: OfferFacts | VolunteerFacts, book: Book = Book.OFFERS) -> Tally:
    """Their sums in all municipalities together."""
    return sums(facts, book).whole


days = st.dates(FIRST, LAST)
some_days = st.lists(days, max_size=6).map(lambda found: tuple(sorted(set(found))))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Periods of four weeks and more."""
    since = draw(st.dates(FIRST, LAST - timedelta(days=28)))
    return Period(since, draw(st.dates(since + timedelta(days=27), LAST)))


@st.composite
def registrations(draw: st.DrawFn) -> Registered:
    """Registrations with and without a wait, a membership, an end and attendances."""
    on = draw(st.none() | days)
    placed = draw(st.none() | days)
    return Registered(
        on=on,
        waited=draw(st.booleans()),
        came_by=draw(st.none() | st.sampled_from(["self", "clinic"])),
        referred_by=draw(st.none() | st.sampled_from(["The ward", "Ekby care centre"])),
        placed_on=placed,
        member_since=draw(st.none() | days) if placed else None,
        ended_on=draw(st.none() | days),
        came=draw(some_days),
    )


@st.composite
def offer_facts(draw: st.DrawFn) -> OfferFacts:
    """Offers of all sorts."""
    first, last = sorted([draw(days), draw(days)])
    has_sessions = draw(st.booleans()) or draw(st.booleans())
    return OfferFacts(
        offer=offer(
            programme_id=draw(st.uuids()).hex,
            municipality=draw(st.sampled_from(MUNICIPALITIES)),
            kind=draw(st.sampled_from(["learning_cafe", "drop_in", "self_help_group"])),
            format=draw(st.sampled_from(Format)),
            lists_people=draw(st.booleans()),
            first=first if has_sessions else None,
            last=last if has_sessions else None,
        ),
        registrations=draw(st.lists(registrations(), max_size=5)),
        held=draw(
            st.lists(st.builds(Held, on=days, attended=st.integers(0, 30), visitors=st.integers(0, 30)), max_size=5)
        ),
        answers=sorted(
            draw(st.lists(st.builds(Answered, on=days, enough=st.booleans()), max_size=4)), key=lambda a: a.on
        ),
    )


@st.composite
def assignments(draw: st.DrawFn) -> Assignment:
    """Assignments at every stage."""
    status = draw(st.sampled_from(AssignmentStatus))
    return Assignment(
        role=draw(st.sampled_from([VolunteerRole.PEER, VolunteerRole.LIVING_BOOK])),
        status=status,
        organiser="The clinic",
        municipality=draw(st.sampled_from(MUNICIPALITIES)),
        offered_on=draw(days),
        completed_on=draw(days) if status is AssignmentStatus.COMPLETED else None,
    )


@st.composite
def volunteer_facts(draw: st.DrawFn) -> VolunteerFacts:
    """Volunteers who came, did this and that, and may have left."""
    enrolled = draw(days)
    roles = st.builds(
        RoleHeld,
        role=st.sampled_from([VolunteerRole.HOST, VolunteerRole.LIVING_BOOK, VolunteerRole.PATIENT_SUPPORTER]),
        since=days,
        until=st.none() | days,
    )
    contact = st.builds(
        Contact,
        organiser=st.just("The clinic"),
        municipality=st.sampled_from(MUNICIPALITIES),
        on=days,
        new=st.booleans(),
    )
    return VolunteerFacts(
        volunteer_id=draw(st.uuids()).hex,
        municipality=draw(st.sampled_from(MUNICIPALITIES)),
        enrolled_on=enrolled,
        left_on=draw(st.none() | st.dates(enrolled, LAST)),
        roles=draw(st.lists(roles, max_size=4)),
        trainings=draw(
            st.lists(st.builds(Trained, training=st.sampled_from(["basics", "stories"]), on=days), max_size=3)
        ),
        assignments=draw(st.lists(assignments(), max_size=5)),
        contacts=draw(st.lists(contact, max_size=4)),
    )


many_offers = st.lists(offer_facts(), max_size=6)
many_volunteers = st.lists(volunteer_facts(), max_size=6)


def meets(since: date, until: date | None, period: Period) -> bool:
    """Whether days meet a period."""
    return since <= period.until and (until is None or until >= period.since)


def within(when: Sequence[date], period: Period) -> list[date]:
    """The days that lie in a period."""
    return [day for day in when if period.since <= day <= period.until]
