"""Figures that several reports have."""

from services.evaluation.domain.instruments import msg
from services.evaluation.domain.measures import attendance, users
from services.evaluation.domain.measures.sums import Book
from services.evaluation.domain.reports.asked import Asked
from services.evaluation.domain.reports.report import Measure, count

TWO_MEASURES = msg(
    "Mean attendance is of those who come to one session; users per offer are all who took part in the period. "
    "The one cannot be worked out from the other."
)


def people_used(asked: Asked) -> Measure:
    """Users in all."""
    found = users.users_per_offer(asked.whole(Book.OFFERS), asked.period)
    number = asked.people(found.total)
    shown = number.value is not None
    return Measure(
        "users",
        msg("Users in all"),
        number,
        msg(
            "Participants with at least one attendance or an open membership in the period. "
            "Somebody in two offers is counted in each."
        ),
        found.n if shown else None,
        count("{n} offer for which people register", "{n} offers for which people register", found.n)
        if shown
        else None,
    )


def used_per_offer(asked: Asked) -> Measure:
    """Users per offer."""
    found = users.users_per_offer(asked.whole(Book.OFFERS), asked.period)
    return asked.mean(
        "users_per_offer",
        msg("Users per offer, on average"),
        found,
        count("{n} offer for which people register", "{n} offers for which people register", found.n),
        msg("Users in all, over the offers for which people register."),
    )


def came_to_a_session(asked: Asked) -> Measure:
    """Mean attendance."""
    found = attendance.mean_attendance(asked.whole(Book.OFFERS), asked.period)
    return asked.mean(
        "mean_attendance",
        msg("Attendance at a session, on average"),
        found,
        count("{n} held session", "{n} held sessions", found.n),
        msg("Attendances over held sessions, of offers for which people register."),
    )
