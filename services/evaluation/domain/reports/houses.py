"""Reports on drop-in houses: how many come in a week, and who."""

from services.evaluation.domain.instruments import msg
from services.evaluation.domain.measures import houses
from services.evaluation.domain.measures.small_numbers import enough
from services.evaluation.domain.measures.sums import Book
from services.evaluation.domain.reports import words
from services.evaluation.domain.reports.asked import Asked
from services.evaluation.domain.reports.report import (
    Column,
    Drawn,
    Kind,
    Label,
    Measure,
    Number,
    Report,
    Row,
    Table,
    count,
    say,
)
from services.evaluation.domain.reports.tables import people_by_year, people_each_year

MOST_MONTHS = 24


def visitors(asked: Asked) -> Report:
    """Visitors per week."""
    sums, tally, period = asked.sums[Book.HOUSES], asked.whole(Book.HOUSES), asked.period
    found = houses.visitors_per_week(tally, period)
    places = houses.houses(sums, period)
    per_week = asked.mean(
        "visitors_per_week",
        msg("Visitors per week, all houses together, on average"),
        found,
        count("{n} week with an opening", "{n} weeks with an opening", found.n),
        msg(
            "The headcount of an ISO week over all houses; the mean over the weeks in which any house was open. "
            "A week belongs to the period in which its Thursday lies."
        ),
    )
    measures = [
        per_week,
        Measure(
            "houses", msg("Houses"), Number.of(Kind.COUNT, len(places)), msg("Houses that were open in the period.")
        ),
        Measure(
            "openings",
            msg("Openings"),
            Number.of(Kind.COUNT, houses.openings(tally, period)),
            msg("How often any house was open in these weeks."),
        ),
        Measure(
            "visits",
            msg("Visits in all"),
            asked.people(found.total),
            msg("The headcount of all these weeks. Somebody who comes every week is counted every week."),
        ),
    ]
    headline = say(words.NO_FIGURE)
    if per_week.number.value is not None:
        headline = count(
            "{visitors} people came in an average week, to {n} house.",
            "{visitors} people came in an average week, to {n} houses together.",
            len(places),
            visitors=per_week.number,
        )
    return Report([headline], measures, [_by_month(asked), _by_house(asked), _weeks(asked)])


def visits(asked: Asked) -> Report:
    """Who comes: for the first time, as what, and how old."""
    tally, period = asked.whole(Book.HOUSES), asked.period
    new = houses.first_visits(tally, period.since, period.until)
    number = asked.people(new)
    headline = say(words.NO_FIGURE)
    if number.value is not None:
        headline = count("{n} visit was somebody's first.", "{n} visits were somebody's first.", new)
    measure = Measure(
        "first_visits", msg("First visits"), number, msg("Visits to a drop-in that were somebody's first.")
    )
    tables = [
        people_each_year(
            asked,
            "first_visits",
            msg("First visits each year"),
            say(msg("First visits")),
            lambda _, since, until: houses.first_visits(tally, since, until),
        ),
        people_by_year(
            asked,
            "by_role",
            msg("Visits by role"),
            msg("Role"),
            {role: words.named(words.PARTICIPANTS, role) for role in tally.names("role.")},
            lambda row, since, until: houses.of_role(tally, row, since, until),
        ),
        people_by_year(
            asked,
            "by_age",
            msg("Visits by age, of those who liked to say"),
            msg("Age"),
            {
                band: words.between(band.removesuffix("+") + "-" if band.endswith("+") else band)
                for band in tally.names("age.")
            },
            lambda row, since, until: houses.of_age(tally, row, since, until),
        ),
    ]
    return Report([headline], [measure], tables)


def _by_month(asked: Asked) -> Table:
    tally, rows = asked.whole(Book.HOUSES), []
    for month in asked.period.months[-MOST_MONTHS:]:
        found = houses.visitors_per_week(tally, month)
        shown = found.total >= asked.threshold
        mean = Number.of(Kind.MEAN, found.value if shown else None)
        rows.append(Row(month.since, [mean.value, found.n if shown else None]))
    return Table(
        code="by_month",
        title=msg("Visitors per week, month by month"),
        heading=msg("Month"),
        columns=[Column(say(msg("Visitors per week")), Kind.MEAN), Column(say(msg("Weeks with an opening")))],
        rows=rows if any(row.cells[0] for row in rows) else [],
        drawn=Drawn.COLUMNS,
        suppresses=True,
    )


def _by_house(asked: Asked) -> Table:
    rows = []
    for house in houses.houses(asked.sums[Book.HOUSES], asked.period):
        tally = asked.sums[Book.HOUSES].municipalities[house.municipality]
        found = houses.visitors_per_week(tally, asked.period, house.place)
        shown = found.total >= asked.threshold
        mean = Number.of(Kind.MEAN, found.value if shown else None)
        opened = houses.openings(tally, asked.period, house.place)
        name: Label = f"{house.place}, {house.municipality}"
        rows.append(Row(name, [mean.value, found.n, opened, enough(found.total, asked.threshold)]))
    return Table(
        code="by_house",
        title=msg("Visitors per week, by house"),
        heading=msg("House"),
        columns=[
            Column(say(msg("Visitors per week")), Kind.MEAN),
            Column(say(msg("Weeks with an opening"))),
            Column(say(msg("Openings"))),
            Column(say(msg("Visits in all"))),
        ],
        rows=rows,
        drawn=Drawn.BARS,
        suppresses=True,
    )


def _weeks(asked: Asked) -> Table:
    found = houses.visitors_per_week(asked.whole(Book.HOUSES), asked.period)
    shown = found.total >= asked.threshold
    return Table(
        code="weeks",
        title=msg("Weeks by how many came, all houses together"),
        heading=msg("Visitors in the week"),
        columns=[Column(say(msg("Weeks")))],
        rows=[Row(words.between(name), [n]) for name, n in found.spread.items()] if shown else [],
        drawn=Drawn.BARS,
    )
