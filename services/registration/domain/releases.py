"""Places that go from one role to another: on a day, and those that become free after it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.registration.domain.programmes import Programme
from services.registration.domain.queue import Entry, fits, with_places


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
    planned = programme.planned or programme.places
    return replace(programme, places=places, planned=planned, releases=done, version=programme.version + 1)


def passed_on(programme: Programme, queue: Iterable[Entry], *, beyond: bool = False) -> Programme:
    """The programme after places that are left have gone the way of its releases; the same when none have.

    Only those go that somebody waits for who fits then, in the order of the queue. The others stay where they are, for
    whoever comes first. Done once, nothing is left to go for the same queue.

    Args:
        queue: who waits, where nobody of them fits as it is; or who comes.
        beyond: also above the optimum of a group.
    """
    after = replace(programme, optimum=None) if beyond else programme
    for entry in sorted(queue, key=lambda entry: entry.ticket):
        if could_fit(entry, after):
            after = with_places(_with_room(after, entry), entry)
    if after.places == programme.places:
        return programme
    planned = programme.planned or programme.places
    return replace(programme, places=after.places, planned=planned, version=programme.version + 1)


def could_fit(entry: Entry, programme: Programme) -> bool:
    """Whether all of an entry can have a place, if need be one that was released to their role."""
    return fits(entry, _with_room(programme, entry))


def _with_room(programme: Programme, entry: Entry) -> Programme:
    """The programme after what an entry lacks has come from roles that have more left than the entry wants of them."""
    places, wants = dict(programme.places), entry.wants
    for role in wants:
        for other in programme.gives_to(role)[1:]:
            lacking = wants[role] - places.get(role, 0) + programme.taken.get(role, 0)
            spare = places.get(other, 0) - programme.taken.get(other, 0) - wants[other]
            if (going := min(lacking, spare)) > 0:
                places[other] -= going
                places[role] = places.get(role, 0) + going
    return replace(programme, places=places)
