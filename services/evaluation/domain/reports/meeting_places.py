"""Reports on meeting places: the mapping, attendance, and what was started."""

from motesplats_events import Format
from services.evaluation.domain.instruments import msg
from services.evaluation.domain.measures import attendance, offers, stay, sufficiency, users, volunteers
from services.evaluation.domain.measures.periods import year
from services.evaluation.domain.measures.sums import Book
from services.evaluation.domain.reports import words
from services.evaluation.domain.reports.asked import Asked
from services.evaluation.domain.reports.figures_of_offers import (
    TWO_MEASURES,
    came_to_a_session,
    people_used,
    used_per_offer,
)
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
from services.evaluation.domain.reports.tables import people_by_year


def mapping(asked: Asked) -> Report:
    """What there is, where, and for how many."""
    tally, period = asked.whole(Book.OFFERS), asked.period
    there = offers.offers(tally, period)
    places = offers.by_municipality(asked.sums[Book.OFFERS], period)
    long, enough = stay.long_stay(tally, period), sufficiency.enough_volunteers(tally, period)
    helpers = volunteers.volunteers(asked.whole(Book.VOLUNTEERS), period.until, period.until)
    used = people_used(asked)
    where = count("{n} municipality", "{n} municipalities", len(places))
    headline = [count("There was {n} offer in {places}.", "There were {n} offers in {places}.", there, places=where)]
    if used.number.value is not None:
        headline.append(say(msg("{people} people used them."), people=used.number))
    measures = [
        Measure(
            "offers",
            msg("Offers"),
            Number.of(Kind.COUNT, there),
            msg("Offers with a session in the period, or between two of their sessions. Seasons of one group are one."),
        ),
        Measure(
            "municipalities",
            msg("Municipalities with an offer"),
            Number.of(Kind.COUNT, len(places)),
            msg("Municipalities in which at least one of these offers is."),
        ),
        Measure(
            "volunteers",
            msg("Volunteers on the last day"),
            asked.people(helpers),
            msg("Volunteers who were enrolled on the last day of the period. One pool serves all organisers."),
        ),
        used,
        used_per_offer(asked),
        came_to_a_session(asked),
        asked.share(
            "stay",
            msg("Offers in which users stay for more than eleven months"),
            long,
            count("{n} offer that somebody has attended", "{n} offers that somebody has attended", long.n),
            msg("Offers whose median stay, last attendance less the first, is over eleven months."),
        ),
        asked.share(
            "enough_volunteers",
            msg("Offers with enough volunteers"),
            enough,
            count("{n} offer that has answered", "{n} offers that have answered", enough.n),
            msg("Offers whose coordinator last answered yes, of those that have answered."),
        ),
    ]
    tables = [_kinds(asked), _municipalities(places), _users_by_place(asked)]
    return Report(headline, measures, tables, [say(TWO_MEASURES)])


def mean_attendance(asked: Asked) -> Report:
    """How many come to a session."""
    found = attendance.mean_attendance(asked.whole(Book.OFFERS), asked.period)
    came = came_to_a_session(asked)
    headline = say(words.NO_FIGURE)
    if came.number.value is not None:
        headline = count(
            "{mean} people on average came to the {n} session that was held.",
            "{mean} people on average came to each of the {n} sessions that were held.",
            found.n,
            mean=came.number,
        )
    spread = Table(
        code="attendance",
        title=msg("Sessions by how many came"),
        heading=msg("How many came"),
        columns=[Column(say(msg("Sessions")))],
        rows=[Row(words.between(name), [n]) for name, n in found.spread.items()] if found.n else [],
        drawn=Drawn.BARS,
    )
    return Report([headline], [came, people_used(asked), used_per_offer(asked)], [spread], [say(TWO_MEASURES)])


def started(asked: Asked) -> Report:
    """New offers, and the goal of digital self-help groups."""
    tally, period = asked.whole(Book.OFFERS), asked.period
    new = offers.started(tally, period)
    digital = offers.started(tally, period, offers.SELF_HELP, Format.DIGITAL)
    headline = [
        count("{n} offer was started.", "{n} offers were started.", new),
        count("{n} of them is a digital self-help group.", "{n} of them are digital self-help groups.", digital),
    ]
    measures = [
        Measure(
            "started",
            msg("Offers started"),
            Number.of(Kind.COUNT, new),
            msg("Offers whose first session fell in the period. A further season starts nothing anew."),
        ),
        Measure(
            "digital_self_help",
            msg("Digital self-help groups started"),
            Number.of(Kind.COUNT, digital),
            msg("Self-help groups that meet digitally, and had their first session in the period."),
        ),
    ]
    return Report(headline, measures, [_started_each_year(asked), _started_by_kind(asked)])


def _kinds(asked: Asked) -> Table:
    tally, period = asked.whole(Book.OFFERS), asked.period
    found = offers.by_kind(tally, period)
    rows = [
        Row(words.named(words.KINDS, kind), [n, offers.started(tally, period, kind)])
        for kind, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ]
    return Table(
        code="by_kind",
        title=msg("Offers by kind"),
        heading=msg("Kind"),
        columns=[Column(say(msg("Offers"))), Column(say(msg("Of these started in the period")))],
        rows=rows,
        drawn=Drawn.BARS,
    )


def _municipalities(places: dict[str, int]) -> Table:
    return Table(
        code="by_municipality",
        title=msg("Offers by municipality"),
        heading=msg("Municipality"),
        columns=[Column(say(msg("Offers")))],
        rows=[Row(name, [n]) for name, n in places.items()],
        drawn=Drawn.BARS,
    )


def _users_by_place(asked: Asked) -> Table:
    sums = asked.sums[Book.OFFERS]
    return people_by_year(
        asked,
        "users_by_municipality",
        msg("Users by municipality and calendar year"),
        msg("Municipality"),
        {name: name for name in sums.municipalities},
        lambda row, since, until: users.users(sums.municipalities[row], since, until),
    )


def _started_each_year(asked: Asked) -> Table:
    tally, rows = asked.whole(Book.OFFERS), []
    for number in asked.period.years:
        days = asked.period.this_year if number == asked.period.until.year else year(number)
        every = offers.started(tally, days)
        groups = offers.started(tally, days, offers.SELF_HELP)
        digital = offers.started(tally, days, offers.SELF_HELP, Format.DIGITAL)
        rows.append(Row(str(number), [digital, groups, every]))
    return Table(
        code="by_year",
        title=msg("Digital self-help groups started each year"),
        heading=msg("Year"),
        columns=[
            Column(say(msg("Digital self-help groups"))),
            Column(say(msg("All self-help groups"))),
            Column(say(msg("All offers"))),
        ],
        rows=rows,
        drawn=Drawn.COLUMNS,
    )


def _started_by_kind(asked: Asked) -> Table:
    tally, period = asked.whole(Book.OFFERS), asked.period
    kinds = offers.started_kinds(tally, period)
    return Table(
        code="by_kind",
        title=msg("Started in the period, by kind"),
        heading=msg("Kind"),
        columns=[Column(say(msg("Offers")))],
        rows=[Row(words.named(words.KINDS, kind), [offers.started(tally, period, kind)]) for kind in kinds],
        drawn=Drawn.BARS,
    )
