"""Places that go from one role to another: on a day, and those that become free after it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from motesplats_events import Role
from services.registration.domain.programmes import Programme


def released(programme: Programme, now: datetime) -> Programme:
    """The programme after places have gone from one role to another; the same when none are due."""
    due = [release for release in programme.releases if not release.done and release.at <= now]
    if not due:
        return programme
    places = dict(programme.places)
    for release in due:
        left = places.get(release.from_role, 0) - programme.taken.get(release.from_role, 0)
        places[release.from_role] = places.get(release.from_role, 0) - left
        places[release.to_role] = places.get(release.to_role, 0) + left
    done = [replace(release, done=True) if release in due else release for release in programme.releases]
    return replace(programme, places=places, releases=done, version=programme.version + 1)


def passed_on(programme: Programme, waiting: Mapping[Role, int]) -> Programme:
    """The programme after places that became free have gone the way of its releases; the same when none have.

    Args:
        waiting: how many wait for a place of each role; for them it stays.
    """
    places = dict(programme.places)
    for release in sorted(programme.releases, key=lambda release: release.at):
        own = release.from_role
        left = places.get(own, 0) - programme.taken.get(own, 0) - waiting.get(own, 0)
        if release.done and left > 0:
            places[own] -= left
            places[release.to_role] = places.get(release.to_role, 0) + left
    if places == programme.places:
        return programme
    return replace(programme, places=places, version=programme.version + 1)
