"""Reports on what volunteers do: peers, living books and patient supporters."""

from services.evaluation.domain.instruments import msg
from services.evaluation.domain.measures import living_books, peers, supporters
from services.evaluation.domain.measures.periods import Period, year
from services.evaluation.domain.measures.sums import Book
from services.evaluation.domain.reports import words
from services.evaluation.domain.reports.asked import Asked
from services.evaluation.domain.reports.report import (
    Column,
    Drawn,
    Kind,
    Measure,
    Number,
    Report,
    Row,
    Table,
    count,
    say,
)

MOST_MONTHS = 24


def peer_work(asked: Asked) -> Report:
    """What peers have done, beside the year before."""
    work, people, period = asked.whole(Book.WORK), asked.whole(Book.PEERS), asked.period
    done, before = peers.assignments(work, period), peers.assignments(work, period.year_before)
    unique, change = asked.people(peers.unique_peers(people, period)), peers.change(work, period)
    assignments = count("{n} peer assignment was completed", "{n} peer assignments were completed", done)
    headline = say(msg("{assignments}."), assignments=assignments)
    if unique.value is not None:
        by = count("{n} peer", "{n} different peers", int(unique.value))
        headline = say(msg("{assignments}, by {peers}."), assignments=assignments, peers=by)
    compared = count("{n} assignment the year before", "{n} assignments the year before", before)
    measures = [
        Measure(
            "peer_assignments",
            msg("Peer assignments"),
            Number.of(Kind.COUNT, done),
            msg("Assignments that a peer completed in the period."),
        ),
        Measure(
            "unique_peers",
            msg("Different peers"),
            unique,
            msg("Volunteers who completed at least one of them."),
        ),
        Measure(
            "change",
            msg("Change in assignments on the year before"),
            Number.of(Kind.CHANGE, change.value),
            msg("Assignments in the period, beside those in the same days a year earlier."),
            before or None,
            compared if before else None,
        ),
    ]
    rows = []
    for number in period.years:
        days = _days_of(period, number)
        who = asked.people(peers.unique_peers(people, days))
        on_the_year = Number.of(Kind.CHANGE, peers.change(work, days).value)
        rows.append(Row(str(number), [peers.assignments(work, days), who.value, on_the_year.value]))
    table = Table(
        code="by_year",
        title=msg("Peer assignments each year"),
        heading=msg("Year"),
        columns=[
            Column(say(msg("Assignments"))),
            Column(say(msg("Different peers"))),
            Column(say(msg("Change on the year before")), Kind.CHANGE),
        ],
        rows=rows,
        drawn=Drawn.COLUMNS,
        suppresses=True,
    )
    return Report([headline], measures, [table])


def living_library(asked: Asked) -> Report:
    """How many living books are asked at all."""
    tally, period = asked.whole(Book.VOLUNTEERS), asked.period
    found = living_books.offered(tally, period.until.year, period.until)
    share = asked.share(
        "offered",
        msg("Living books that were offered an assignment"),
        found,
        count(
            "{n} living book active in {year}",
            "{n} living books active in {year}",
            found.n,
            year=str(period.until.year),
        ),
        msg("Living books offered at least one assignment in the calendar year, of those active at any time in it."),
        interval=True,
    )
    headline = say(words.NO_FIGURE)
    if share.number.value is not None:
        headline = say(
            msg("{share} of the living books were offered at least one assignment in {year}."),
            share=share.number,
            year=str(period.until.year),
        )
    rows = []
    for number in period.years:
        each = living_books.offered(tally, number, _days_of(period, number).until)
        shown = each.n >= asked.threshold
        part = Number.of(Kind.SHARE, each.value if shown else None)
        low, high = (Number.of(Kind.SHARE, end).value for end in each.interval) if shown else (None, None)
        rows.append(Row(str(number), [part.value, each.n if shown else None, low, high]))
    table = Table(
        code="by_year",
        title=msg("Living books that were offered an assignment, each year"),
        heading=msg("Year"),
        columns=[
            Column(say(msg("Share offered")), Kind.SHARE),
            Column(say(msg("Books active"))),
            Column(say(msg("95% interval from")), Kind.SHARE),
            Column(say(msg("to")), Kind.SHARE),
        ],
        rows=rows if any(row.cells[1] for row in rows) else [],
        drawn=Drawn.COLUMNS,
        suppresses=True,
    )
    return Report([headline], [share], [table])


def patient_supporters(asked: Asked) -> Report:
    """The units that patient supporters have made contact with."""
    work, pool, period = asked.whole(Book.WORK), asked.whole(Book.VOLUNTEERS), asked.period
    new, mean = supporters.new_units(work, period), supporters.new_units_per_supporter(work, pool, period)
    active = asked.people(supporters.supporters(pool, period))
    headline = [count("Contact was made with {n} new unit.", "Contact was made with {n} new units.", new)]
    per_supporter = asked.mean(
        "new_units_per_supporter",
        msg("New units per supporter and month"),
        mean,
        count("{n} month that a supporter was active", "{n} months that supporters were active", mean.n),
        msg("New units, over the months in which supporters were active. The supporters are all of the pool."),
        people=supporters.supporters(pool, period),
    )
    if per_supporter.number.value is not None:
        headline.append(say(msg("That is {units} for each supporter in a month."), units=per_supporter.number))
    measures = [
        Measure(
            "new_units",
            msg("New units"),
            Number.of(Kind.COUNT, new),
            msg("Units with which a patient supporter was in contact for the first time, in the period."),
        ),
        Measure(
            "contacts",
            msg("Contacts in all"),
            Number.of(Kind.COUNT, supporters.contacts(work, period)),
            msg("Contacts with units in the period, new or not."),
        ),
        Measure(
            "supporters",
            msg("Patient supporters"),
            active,
            msg("Patient supporters who were active in the period, in the whole pool."),
        ),
        per_supporter,
    ]
    rows = [
        Row(month.since, [supporters.new_units(work, month), supporters.contacts(work, month)])
        for month in period.months[-MOST_MONTHS:]
    ]
    table = Table(
        code="by_month",
        title=msg("New units, month by month"),
        heading=msg("Month"),
        columns=[Column(say(msg("New units"))), Column(say(msg("Contacts in all")))],
        rows=rows if any(row.cells[1] for row in rows) else [],
        drawn=Drawn.COLUMNS,
    )
    return Report(headline, measures, [table])


def _days_of(period: Period, number: int) -> Period:
    """A calendar year, up to the end of the period where it ends in it."""
    return period.this_year if number == period.until.year else year(number)
