"""What is known around people and messages, gathered from what other services told."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from services.notification.domain.assignments import Assignment, in_whole_programmes
from services.notification.domain.messages import OF_A_VOLUNTEER, OF_A_WISH, SURVEYS, Kind, Message
from services.notification.domain.programmes import Programme, SessionChange
from services.notification.domain.situation import Situation
from services.notification.store.facts import assignments, people, programmes, surveys
from shared.delivery import Reading

AT_THE_MEETING = frozenset(
    {
        Kind.CONFIRMATION,
        Kind.PROMOTED,
        Kind.APPLICATION_ANSWERED,
        Kind.GUEST_BOOKED,
        Kind.REMINDER,
        Kind.MEETING_LINK,
    }
)
"""What may say where a digital meeting is held; nothing else gets to know it."""


async def situation(at: Reading, message: Message) -> Situation:
    """What is known around a message, read now."""
    who, where = message.recipient, message.programme_id
    known = Situation(contact=(await people.contacts(at, [who])).get(who))
    if where:
        known = replace(known, programme=await programmes.programme(at, where))
    if message.kind in SURVEYS:
        return replace(known, survey=await surveys.survey(at, message.about))
    if message.kind in OF_A_WISH:
        return replace(known, wish=(await people.wishes(at, [who])).get(who))
    if message.kind in OF_A_VOLUNTEER:
        asked = await assignments.assignments_of(at, [who])
        known = replace(known, assignments=list(asked), programmes=await _programmes_of(at, asked))
        return (
            replace(known, changes=await _changes_of(at, asked)) if message.kind is Kind.ASSIGNMENT_CHANGED else known
        )
    known = replace(known, registration=(await people.registrations(at, [who])).get(who))
    if message.kind is Kind.ALREADY_REGISTERED:
        return replace(known, asked_again=(await people.repeats(at, [who])).get(who, ()))
    if message.kind is Kind.SESSION_CHANGED:
        return replace(known, changes=(await programmes.changes(at, [where])).get(where, ()))
    if message.kind in AT_THE_MEETING:
        return replace(known, meeting_link=(await programmes.links(at, [where])).get(where))
    return known


async def _programmes_of(at: Reading, asked: Iterable[Assignment]) -> dict[str, Programme]:
    ids = {one.programme_id for one in asked if one.programme_id}
    return await programmes.programmes(at, ids) if ids else {}


async def _changes_of(at: Reading, asked: Iterable[Assignment]) -> list[SessionChange]:
    """The changes of the programmes that are followed as a whole."""
    ids = in_whole_programmes(asked)
    found = await programmes.changes(at, ids) if ids else {}
    return [change for changes in found.values() for change in changes]


async def situations(at: Reading, ids: Collection[str]) -> dict[str, Situation]:
    """All that is known around people, by the id of the registration, wish or volunteer."""
    contacts = await people.contacts(at, ids)
    registrations = await people.registrations(at, ids)
    found = {id: Situation(contact=contacts.get(id)) for id in ids}
    if registrations:
        repeats = await people.repeats(at, registrations)
        places = {registration.programme_id for registration in registrations.values()}
        meeting = await programmes.programmes(at, places)
        changes = await programmes.changes(at, places)
        links = await programmes.links(at, places)
        for id, registration in registrations.items():
            where = registration.programme_id
            found[id] = replace(
                found[id],
                registration=registration,
                programme=meeting.get(where),
                asked_again=repeats.get(id, ()),
                changes=changes.get(where, ()),
                meeting_link=links.get(where),
            )
    if others := [id for id in ids if id not in registrations]:
        for id, wish in (await people.wishes(at, others)).items():
            found[id] = replace(found[id], wish=wish)
        asked: dict[str, list[Assignment]] = defaultdict(list)
        for one in await assignments.assignments_of(at, others):
            asked[one.volunteer_id].append(one)
        every = [one for theirs in asked.values() for one in theirs]
        where_asked, what_changed = await _programmes_of(at, every), await _changes_of(at, every)
        for id, theirs in asked.items():
            found[id] = replace(found[id], assignments=theirs, programmes=where_asked, changes=what_changed)
    return found
