"""The search for what a unit asks: who is next is asked by itself, in the transaction in which somebody says no."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from motesplats_events import AssignmentStatus
from services.volunteers import store
from services.volunteers.domain.assignments import Assignment
from services.volunteers.domain.matching import Match, load, match
from services.volunteers.domain.requests import Request, RequestStatus, missing, searched, standing
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.volunteers import Volunteer
from services.volunteers.use_cases import shifts
from services.volunteers.use_cases.changing import offer_task
from shared.delivery import Reading, Transaction

LOOKS_BACK = timedelta(days=400)
"""How long ago somebody may have been asked, or have done it, and it still counts: longer than the rules ask about."""


async def find(at: Reading, request: Request, assignments: Sequence[Assignment], rules: Rules, now: datetime) -> Match:
    """Who of the whole pool can be asked for a request, in which order, and why the others cannot.

    Args:
        assignments: of those who have been asked for it.
    """
    pool = await store.pool(at, request.role)
    work = await store.work_of(at, [one.volunteer_id for one in pool], now - LOOKS_BACK)
    loads = {volunteer_id: load(theirs, rules, now) for volunteer_id, theirs in work.items()}
    asked = {one.volunteer_id for one in assignments if one.not_again}
    return match(request, pool, loads, asked, await store.catalogue(at), rules, now)


async def carry_on(tx: Transaction, request_id: str, rules: Rules, *, news: bool = False) -> Request:
    """Ask whoever is next, for as many as are missing, and write down how the request now stands.

    Nothing happens to a request for which nobody searches.

    Args:
        news: whether the unit is to be told of something.

    Raises:
        RequestNotFound.
    """
    request = await store.request(tx, request_id)
    if request.status in {RequestStatus.RECEIVED, RequestStatus.WITHDRAWN}:
        return request
    assignments = list(await store.assignments_for(tx, request_id))
    number = missing(request, standing(assignments, tx.now))
    if number and not request.over(tx.now):
        found = await find(tx, request, assignments, rules, tx.now)
        for candidate in found.candidates[:number]:
            assignments.append(await ask(tx, request, candidate.volunteer, assignments, rules))
    after = searched(request, standing(assignments, tx.now), news=news)
    await store.save_request(tx, after)
    return after


async def ask(
    tx: Transaction, request: Request, volunteer: Volunteer, assignments: Sequence[Assignment], rules: Rules
) -> Assignment:
    """Offer what a unit asks to one volunteer.

    Args:
        assignments: of those who have been asked for it.

    Raises:
        What `offered` raises.
    """
    # The same id however often the transaction runs; a volunteer can be asked again after an offer was called off.
    time = sum(one.volunteer_id == volunteer.volunteer_id for one in assignments)
    assignment_id = str(uuid5(NAMESPACE_URL, f"{request.request_id}/{volunteer.volunteer_id}/{time}"))
    return await offer_task(tx, volunteer, request.task, assignment_id, rules)


async def follow(tx: Transaction, assignment: Assignment, rules: Rules) -> None:
    """After an assignment has changed: let the search that it belongs to go on, if it belongs to one.

    Raises:
        AlreadyTaken, SwapIsVoid: a yes to a shift comes too late.
    """
    request_id = assignment.task.request_id
    if request_id is not None and assignment.status is not AssignmentStatus.COMPLETED:
        news = assignment.status in {AssignmentStatus.ACCEPTED, AssignmentStatus.RELEASED}
        await carry_on(tx, request_id, rules, news=news)
    await shifts.follow(tx, assignment, rules)
