"""Reports on how people come to meeting places: who referred them, and how long they waited."""

from services.evaluation.domain.instruments import msg
from services.evaluation.domain.measures import queue, sources
from services.evaluation.domain.measures.sums import Book
from services.evaluation.domain.reports import words
from services.evaluation.domain.reports.asked import Asked
from services.evaluation.domain.reports.report import Measure, Report, count, say
from services.evaluation.domain.reports.tables import people_by_year, people_each_year, people_in_classes


def referrals(asked: Asked) -> Report:
    """Where registrations come from."""
    tally, period = asked.whole(Book.COMING), asked.period
    made = sources.registrations(tally, period.since, period.until)
    alone = sources.on_their_own(tally, period)
    referred = sources.referred(tally, period)
    base = count("{n} registration", "{n} registrations", made)
    measures = [
        Measure(
            "registrations",
            msg("Registrations"),
            asked.people(made),
            msg("Registrations made in the period, with a place or in the queue, whatever became of them."),
        ),
        asked.share(
            "on_their_own",
            msg("Found the way on their own"),
            alone,
            base,
            msg("Registrations to which nobody showed the way, of all registrations."),
        ),
        asked.share(
            "referred",
            msg("Referred by a named unit"),
            referred,
            base,
            msg("Registrations for which it is known which unit showed the way, of all registrations."),
        ),
    ]
    headline = say(words.NO_FIGURE)
    if made >= asked.threshold:
        headline = count("{n} registration was made.", "{n} registrations were made.", made)
    tables = [
        people_each_year(
            asked,
            "by_year",
            msg("Registrations each year"),
            say(msg("Registrations")),
            lambda _, since, until: sources.registrations(tally, since, until),
        ),
        people_by_year(
            asked,
            "by_source",
            msg("Registrations by how people found the way"),
            msg("How"),
            {source: words.named(words.SOURCES, source) for source in sources.SOURCES},
            lambda row, since, until: sources.came_by(tally, row, since, until),
        ),
        people_by_year(
            asked,
            "by_unit",
            msg("Referrals by unit"),
            msg("Unit"),
            {unit: unit for unit in sources.units(tally)},
            lambda row, since, until: sources.referred_by(tally, row, since, until),
        ),
    ]
    return Report([headline], measures, tables)


def waiting(asked: Asked) -> Report:
    """The queue."""
    tally, period = asked.whole(Book.COMING), asked.period
    now, waited = asked.people(queue.waiting(tally, period)), queue.time_waited(tally, period)
    took = asked.mean(
        "days_waited",
        msg("Days waited for a place, on average"),
        waited,
        count("{n} person who got one", "{n} people who got one", waited.n),
        msg("Days from registration to a place, over those who waited and got one in the period."),
        people=waited.n,
    )
    measures = [
        Measure(
            "waiting",
            msg("In the queue on the last day"),
            now,
            msg("Registrations in the queue at the end of the last day. An offered place is still waited for."),
        ),
        took,
    ]
    headline = []
    if now.value is not None:
        headline.append(count("{n} person waits for a place.", "{n} people wait for a place.", int(now.value)))
    if took.number.value is not None:
        headline.append(say(msg("Those who got one had waited for {days} days on average."), days=took.number))
    spread = people_in_classes(
        asked, "days_waited", msg("How long people waited for a place"), msg("Days"), waited.spread
    )
    return Report(headline or [say(words.NO_FIGURE)], measures, [spread])
