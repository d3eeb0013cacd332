"""Changing what was planned of a programme, its sessions left as they are."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from motesplats_events import Format, Role
from services.registration.domain.programmes import Programme, Session
from shared.errors import Conflict, Problem


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the programme since what is now sent was filled in."""

    code = "changed-meanwhile"


def check_version(programme: Programme, version: int) -> None:
    """Let pass only a change of the programme as it now stands.

    Raises:
        ChangedMeanwhile.
    """
    if programme.version != version:
        raise ChangedMeanwhile(
            "Somebody else has changed the programme since you began. "
            "Look at what is different, and save again if yours is to stand"
        )


def check_taken(programme: Programme, places: Mapping[Role, int]) -> list[Problem]:
    """Whether everybody who has a place, or is asked about one, keeps it."""
    return [
        Problem(f"places.{role}", "Taken: {taken}. Give at least as many places", {"taken": taken})
        for role, taken in programme.taken.items()
        if places.get(role, 0) < taken
    ]


def check_waiting(before: Programme, after: Programme, waiting: Mapping[Role, int]) -> list[Problem]:
    """Whether everybody who waits can still be next: without any places for a role nobody ever would be."""
    return [
        Problem(
            f"places.{role}",
            "People wait for these places: {waiting}. Give at least one, or cancel their registrations first",
            {"waiting": number},
        )
        for role, number in waiting.items()
        if before.places_for(role) and not after.places_for(role)
    ]


def check_rooms_ahead(programme: Programme, places: Mapping[Role, int], now: datetime) -> list[Problem]:
    """Whether the rooms of the sessions to come hold all who have a place; the smallest is named."""
    wanted = sum(places.values())
    ahead = [(s.room_holds, s.starts_at) for s in programme.to_take_place if s.room_holds and s.starts_at > now]
    if not ahead or min(ahead)[0] >= wanted:
        return []
    holds, when = min(ahead)
    return [
        Problem(
            "places",
            "The room on {when} holds {holds} people, and there are {places} places. Choose a larger room first",
            {"when": when, "holds": holds, "places": wanted},
        )
    ]


def elsewhere(before: Programme, after: Programme, now: datetime) -> Sequence[Session]:
    """The sessions to come that now meet at another place than people were told; none of what is only online."""
    if after.format is Format.DIGITAL:
        return []
    return [
        after.session(s.session_id)
        for s in before.to_take_place
        if s.starts_at > now and _where(before, s) != _where(after, after.session(s.session_id))
    ]


def _where(programme: Programme, session: Session) -> tuple[str, str]:
    return session.room or programme.place, session.room_municipality or programme.municipality
