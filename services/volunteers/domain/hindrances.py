"""What has come in between since somebody was asked, or has said yes."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from motesplats_events import AssignmentStatus
from services.volunteers.domain.assignments import Assignment, collision
from services.volunteers.domain.readiness import not_ready_for
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.topics import avoided
from services.volunteers.domain.trainings import Training
from services.volunteers.domain.volunteers import Volunteer
from shared.errors import DomainError


def hindrance(
    assignment: Assignment,
    volunteer: Volunteer,
    others: Iterable[Assignment],
    catalogue: Collection[Training],
    rules: Rules,
    now: datetime,
) -> DomainError | None:
    """What by now speaks against doing what somebody was asked, or has said yes to; None where nothing does.

    Since they were asked the plan may have moved, its themes changed, a training run out, or a pause begun.

    Args:
        others: the volunteer's other assignments. An offer of those is in nobody's way: they choose.
    """
    to_come = [span for span in assignment.task.times if span.ends_at > now]
    task = replace(assignment.task, times=to_come)
    if fault := not_ready_for(task, volunteer, catalogue, rules, now):
        return fault
    if topic := avoided(volunteer, task):
        return topic
    return collision(task, [one for one in others if one.status is AssignmentStatus.ACCEPTED], now)
