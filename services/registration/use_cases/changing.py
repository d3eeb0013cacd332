"""Changing what was planned of a programme: what it is called, where it meets, its places and who comes in when."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from zoneinfo import ZoneInfo

from motesplats_events import Role
from services.registration import publishes, store
from services.registration.domain.changing import (
    check_rooms_ahead,
    check_taken,
    check_version,
    check_waiting,
    elsewhere,
)
from services.registration.domain.programmes import Programme, Release, check_size
from services.registration.use_cases.guests import settle_guests
from services.registration.use_cases.places import give_free_places
from services.registration.use_cases.planning import Offering, PlannedPlace, PlannedRelease, Spoken
from shared.access import Staff, may
from shared.delivery import Transaction
from shared.errors import Gone, Invalid, Problem


class Change(Offering):
    """A programme as somebody wants it from now on: the whole of what can be changed.

    Attributes:
        version: of the programme that it was filled in from, so that two do not undo each other's work.
        language: spoken there, an ISO 639 code.
        releases: those still to come; what has been released stays, unless a role is given more places again.
    """

    version: int
    language: Spoken

    @classmethod
    def of(cls, programme: Programme) -> "Change":
        """What changes nothing."""
        return cls(
            version=programme.version,
            title=programme.title,
            about=programme.about,
            place=PlannedPlace(name=programme.place, municipality=programme.municipality),
            language=programme.language,
            places=dict(programme.places),
            minimum=programme.minimum,
            optimum=programme.optimum,
            entries=list(programme.entries),
            promotion=programme.promotion,
            offer_days=programme.offer_days,
            releases=[
                PlannedRelease(at=release.at, from_role=release.from_role, to_role=release.to_role)
                for release in programme.releases
                if not release.done
            ],
        )


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of a change.

    Attributes:
        elsewhere: how many sessions to come meet at another place.
        given: how many who waited have a place now, or are asked about one.
    """

    programme: Programme
    elsewhere: int = 0
    given: int = 0


async def change_programme(tx: Transaction, programme_id: str, wanted: Change, staff: Staff, zone: ZoneInfo) -> Changed:
    """Change what was planned. Places that are more go to who waits; another place is told to who is registered.

    Raises:
        ProgrammeNotFound, Forbidden, ChangedMeanwhile.
        Gone: the programme is cancelled.
        Invalid: places or releases are impossible; names each field.
    """
    before = await store.programme(tx, programme_id)
    may(staff, before)
    if before.cancelled:
        raise Gone("This programme is cancelled")
    check_version(before, wanted.version)
    after = _as_wanted(before, wanted)
    queue = await store.waiting(tx, programme_id)
    if problems := _problems(tx, before, after, Counter(one.role for one in queue), staff):
        raise Invalid(problems)
    if after == before:
        return Changed(before)
    after = replace(after, version=before.version + 1)
    moved = elsewhere(before, after, tx.now)
    for session in moved:
        tx.publish(publishes.session_changed(after, session), sequence=after.version)
    await store.save_programme(tx, after)
    tx.publish(publishes.programme_planned(after), sequence=after.version)
    await settle_guests(tx, programme_id, zone)
    await give_free_places(tx, programme_id, zone)
    return Changed(after, len(moved), len(queue) - len(await store.waiting(tx, programme_id)))


def _as_wanted(before: Programme, wanted: Change) -> Programme:
    # More places for a role that had released its own are meant for it, and would else be passed on at once.
    stays = [r for r in before.releases if r.done and wanted.places.get(r.from_role, 0) <= before.places[r.from_role]]
    to_come = [Release(r.at.astimezone(UTC), r.from_role, r.to_role) for r in wanted.releases]
    places = {role: wanted.places.get(role, 0) for role in Role}
    return replace(
        before,
        title=wanted.title,
        about=wanted.about,
        place=wanted.place.name,
        municipality=wanted.place.municipality,
        language=wanted.language,
        places=places,
        planned=before.planned if places == before.places else None,
        minimum=wanted.minimum,
        optimum=wanted.optimum,
        entries=sorted(set(wanted.entries)),
        promotion=wanted.promotion,
        offer_days=wanted.offer_days,
        releases=[*stays, *to_come],
    )


def _problems(
    tx: Transaction, before: Programme, after: Programme, waiting: Mapping[Role, int], staff: Staff
) -> Sequence[Problem]:
    problems = check_size(
        after.kind,
        after.places,
        tx.now,
        minimum=after.minimum,
        optimum=after.optimum,
        entries=after.entries,
        # Those to come first, in the order of the fields.
        releases=sorted(after.releases, key=lambda release: release.done),
    )
    problems += check_taken(before, after.places)
    problems += check_waiting(before, after, waiting)
    problems += check_rooms_ahead(after, after.places, tx.now)
    if not staff.sees(after):
        problems.append(Problem("place.municipality", "You look after no programmes there; choose another one"))
    return problems
