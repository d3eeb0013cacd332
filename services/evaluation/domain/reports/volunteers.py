"""Reports on volunteers: how many, where and as what, and how they were trained."""

from services.evaluation.domain.instruments import msg
from services.evaluation.domain.measures import sites, trainings
from services.evaluation.domain.measures import volunteers as measure
from services.evaluation.domain.measures.sums import Book
from services.evaluation.domain.reports import words
from services.evaluation.domain.reports.asked import Asked
from services.evaluation.domain.reports.report import Measure, Report, Table, count, say
from services.evaluation.domain.reports.tables import people_by_year, people_each_year

STORYTELLER = "storyteller"


def volunteers(asked: Asked) -> Report:
    """How many volunteers there are, where, and in which roles."""
    sums, tally, period = asked.sums[Book.VOLUNTEERS], asked.whole(Book.VOLUNTEERS), asked.period
    now = asked.people(measure.volunteers(tally, period.until, period.until))
    during = asked.people(measure.volunteers(tally, period.since, period.until))
    headline = say(words.NO_FIGURE)
    if now.value is not None:
        headline = count(
            "There was {n} volunteer on the last day.", "There were {n} volunteers on the last day.", int(now.value)
        )
    measures = [
        Measure(
            "volunteers",
            msg("Volunteers on the last day"),
            now,
            msg("Volunteers who were enrolled on the last day of the period. One pool serves all organisers."),
        ),
        Measure(
            "volunteers_in_period",
            msg("Volunteers in the period"),
            during,
            msg("Volunteers who were enrolled on at least one day of the period. A pause is no leaving."),
        ),
    ]
    tables = [
        people_each_year(
            asked,
            "by_year",
            msg("Volunteers each year"),
            say(msg("Volunteers")),
            lambda _, since, until: measure.volunteers(tally, since, until),
        ),
        people_by_year(
            asked,
            "by_municipality",
            msg("Volunteers by municipality and year"),
            msg("Municipality"),
            {name: name for name in sums.municipalities},
            lambda row, since, until: measure.volunteers(sums.municipalities[row], since, until),
        ),
        people_by_year(
            asked,
            "by_role",
            msg("Volunteers by role and year; somebody with two roles is counted in both"),
            msg("Role"),
            {role: words.named(words.VOLUNTEERS, role) for role in tally.kinds("role.")},
            lambda row, since, until: measure.in_role(tally, row, since, until),
            add_up=False,
        ),
    ]
    return Report([headline], measures, [*tables, _by_site(asked)])


def _by_site(asked: Asked) -> Table:
    sums = asked.sums[Book.WORK]
    found = {f"{site.place}, {site.municipality}": site for site in sites.sites(sums)}
    return people_by_year(
        asked,
        "by_site",
        msg("Hosts by place and year: who accepted or did a shift there; somebody at two places is counted at both"),
        msg("Place"),
        {name: name for name in found},
        lambda row, since, until: sites.hosts(
            sums.municipalities[found[row].municipality], found[row].place, since, until
        ),
        add_up=False,
    )


def trained(asked: Asked) -> Report:
    """Trainings that volunteers have completed, and how many storytellers have one."""
    tally, period = asked.whole(Book.VOLUNTEERS), asked.period
    codes = trainings.codes(tally)
    done = sum(trainings.completed(tally, code, period.since, period.until) for code in codes)
    new = asked.people(trainings.trained(tally, STORYTELLER, period))
    in_all = asked.people(trainings.trained_in_all(tally, STORYTELLER, period))
    number = asked.people(done)
    headline = []
    if number.value is not None:
        headline.append(count("{n} training was completed.", "{n} trainings were completed.", done))
    if new.value is not None and in_all.value is not None:
        headline.append(
            count(
                "{n} storyteller was trained, {all} in all.",
                "{n} storytellers were trained, {all} in all.",
                int(new.value),
                all=in_all,
            )
        )
    measures = [
        Measure(
            "trainings",
            msg("Trainings completed"),
            number,
            msg("Trainings that volunteers completed in the period; somebody with two is counted twice."),
        ),
        Measure(
            "storytellers_trained",
            msg("Storytellers trained"),
            new,
            msg("Storytellers who completed their first training in the period."),
        ),
        Measure(
            "storytellers_in_all",
            msg("Storytellers trained in all"),
            in_all,
            msg("Storytellers who had completed a training by the end of the period, those who have left among them."),
        ),
    ]
    tables = [
        people_each_year(
            asked,
            "by_year",
            msg("Trainings completed each year"),
            say(msg("Trainings")),
            lambda _, since, until: sum(trainings.completed(tally, code, since, until) for code in codes),
        ),
        people_by_year(
            asked,
            "by_training",
            msg("Trainings completed, by training and year"),
            msg("Training"),
            {code: words.named({}, code) for code in codes},
            lambda row, since, until: trainings.completed(tally, row, since, until),
        ),
    ]
    return Report(headline or [say(words.NO_FIGURE)], measures, tables)
