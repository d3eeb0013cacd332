"""A story of years: programmes, people and volunteers in the order of what happens, and the figures that come of it."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from motesplats_events import Role, VolunteerRole
from services.cli.play.reading import FieldPath, Moment

Count = Annotated[int, Field(ge=0, le=5000, strict=True)]
Words = Annotated[str, Field(min_length=1, max_length=200, strict=True)]
Day = Annotated[date, Field(strict=False)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Meets(_Part):
    """When a programme meets: at this time and by this rule of RFC 5545, except holidays."""

    first: Moment
    rule: Words
    minutes: Annotated[int, Field(ge=1, le=1440)] = 120
    theme: Words
    without_holidays_of: Literal["SE", "DK"] | None = None


class Plan(_Part):
    """Programmes are planned.

    Attributes:
        plan: what later steps call them.
        municipalities: one programme in each, in turn.
        count: how many; one for each municipality without it.
    """

    plan: Words
    title: Words
    kind: Words
    place: Words
    municipalities: Annotated[list[Words], Field(min_length=1)]
    count: Count | None = None
    meets: Meets
    places: dict[Role, Count] = {}
    about: str = ""
    format: Literal["physical", "digital", "both"] = "physical"
    minimum: Count | None = None
    optimum: Count | None = None
    hosts: Count = 0
    facilitators: Count | None = None


class Register(_Part):
    """So many people register for each of these programmes."""

    register_for: Annotated[Words, Field(alias="register")]
    role: Role = Role.PATIENT
    count: Count


class Enrol(_Part):
    """So many volunteers are enrolled, trained and bound to silence."""

    enrol: VolunteerRole
    count: Count
    municipality: Words
    themes: list[Words] = []


class Lead(_Part):
    """So many of the enrolled group leaders say yes to leading each of these programmes."""

    lead: Words
    count: Count


class Share(_Part):
    """The shifts of these houses are shared out among the hosts who were enrolled in each house's municipality."""

    share: Words


class Hold(_Part):
    """Every session that has begun is held, and so many of those with a place were there, the earliest first."""

    hold: Words
    attended: Count


class Visits(_Part):
    """Every session that has begun is held, and so many came in.

    Attributes:
        first_visits: how many of them for the first time.
    """

    visits: Words
    each: Count
    first_visits: Count = 0


class NewGroup(_Part):
    """A group is proposed to the coordinator, because enough wait; it is planned as a copy and the queue is asked.

    Attributes:
        new_group: what later steps call it.
        like: the programme whose queue is long enough.
        waiting: how many must be waiting.
        accept: how many of those asked say yes.
    """

    new_group: Words
    like: Words
    waiting: Count
    title: Words
    place: Words
    first: Annotated[Day, Field()]
    accept: Count


class Ask(_Part):
    """Units ask for volunteers; the matching asks them, they say yes and do it.

    Attributes:
        ask_for: in which role.
        count: how many requests, one after the other.
        over_days: the time in which they are spread.
    """

    ask_for: VolunteerRole
    count: Count
    municipality: Words
    theme: Words
    over_days: Count
    hours: float = 2
    people_met: Count = 1


class Enough(_Part):
    """Coordinators say whether these programmes have enough volunteers; the first so many say yes."""

    enough: Words
    say_yes: Count


class Time(_Part):
    """The platform's clock moves on."""

    time: Moment


class Report(_Part):
    """What a report says at this moment.

    Attributes:
        measures: by code; None where staff see "too few".
        tables: by the table's code and the row's label, its cells.
    """

    report: Words
    since: Annotated[Day, Field(alias="from")]
    until: Annotated[Day, Field(alias="to")]
    measures: dict[str, float | None] = {}
    tables: dict[str, dict[str, list[float | None]]] = {}


STEPS = (
    "plan",
    "register",
    "enrol",
    "lead",
    "share",
    "hold",
    "visits",
    "new_group",
    "ask_for",
    "enough",
    "time",
    "report",
)


def _what(step: object) -> str | None:
    """The one key that says what a step is."""
    if isinstance(step, dict):
        return next((name for name in STEPS if name in step), None)
    return None


Step = Annotated[
    Annotated[Plan, Tag("plan")]
    | Annotated[Register, Tag("register")]
    | Annotated[Enrol, Tag("enrol")]
    | Annotated[Lead, Tag("lead")]
    | Annotated[Share, Tag("share")]
    | Annotated[Hold, Tag("hold")]
    | Annotated[Visits, Tag("visits")]
    | Annotated[NewGroup, Tag("new_group")]
    | Annotated[Ask, Tag("ask_for")]
    | Annotated[Enough, Tag("enough")]
    | Annotated[Time, Tag("time")]
    | Annotated[Report, Tag("report")],
    Discriminator(
        _what,
        custom_error_type="step",
        custom_error_message=f"a step has one of {', '.join(STEPS)}",
    ),
]


class Chronicle(_Part):
    """A story of years.

    Attributes:
        story: its name.
        starts: the platform's clock when it begins.
        organiser: of every programme.
        happens: step by step.
    """

    story: Words
    starts: Moment
    organiser: Words
    happens: Annotated[list[Step], Field(min_length=1)]


def contradictions(story: Chronicle) -> Iterator[tuple[FieldPath, str]]:
    """What each step allows but the story as a whole does not."""
    known: set[str] = set()
    clock = story.starts
    for index, step in enumerate(story.happens):
        match step:
            case Plan():
                known.add(step.plan)
            case NewGroup():
                if step.like not in known:
                    yield ("happens", index, "like"), f"{step.like} is not planned before"
                known.add(step.new_group)
            case Register() | Lead() | Share() | Hold() | Visits() | Enough():
                field, name = next(iter(step.model_dump(by_alias=True).items()))
                if name not in known:
                    yield ("happens", index, field), f"{name} is not planned before"
            case Time():
                if step.time <= clock:
                    yield ("happens", index, "time"), "must be later than what happened before"
                clock = step.time
