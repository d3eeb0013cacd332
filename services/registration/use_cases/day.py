"""A coordinator's day: what takes place, and what waits to be done."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from motesplats_events import Role, VolunteerRole
from services.registration import store
from services.registration.domain.calendar import Meeting, until_morning
from services.registration.domain.desk import Kind, Matter, Sought
from services.registration.domain.kinds import RULES, Admission
from services.registration.domain.programmes import NEVER, Programme, Session
from services.registration.domain.staffing import said_yes
from services.registration.domain.wishes import Proposal, Queue, proposals
from services.registration.use_cases.wishes import concerns
from shared.access import Staff
from shared.delivery import Reading

MOST_TODAY = 20
MOST_TO_GROUP = 40
MOST = 8
MOST_QUEUES = 50
A_PAGE = 30
AHEAD = timedelta(days=14)
WARNED = timedelta(days=7)
BACK = timedelta(days=183)
LONG_AGO = timedelta(days=730)
LONG_AHEAD = timedelta(days=92)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Taking:
    """A meeting of today.

    Attributes:
        coming: how many are on its list, by role; guests too.
        hosts: how many have said yes.
        facilitators: how many have said yes.
    """

    meeting: Meeting
    held: bool
    coming: Mapping[Role, int]
    hosts: int
    facilitators: int

    @property
    def walk_in(self) -> bool:
        """Whether nobody registers, and visitors are counted."""
        return RULES[self.meeting.kind].admission is Admission.WALK_IN


@dataclass(frozen=True, slots=True)
class Group:
    """What waits of one kind in one programme.

    Attributes:
        first: the most urgent one.
        number: how many there are.
    """

    first: Matter
    number: int


@dataclass(frozen=True, slots=True)
class Day:
    """What a coordinator sees of a day.

    Attributes:
        today: what takes place, cancelled meetings too; so many as a page can hold, after the `earlier`.
        earlier: how many of today are on pages before this.
        coming: the next meetings after today.
        more: the kinds of which there is more than is shown.
    """

    today: Sequence[Taking]
    earlier: int
    coming: Sequence[Meeting]
    not_held: Sequence[Meeting]
    thin: Sequence[Matter]
    unled: Sequence[Group]
    lecturers: Sequence[Matter]
    offered: Sequence[Group]
    applied: Sequence[Group]
    asked: Sequence[Matter]
    queues: Sequence[Queue]
    proposals: Sequence[Proposal]
    more: frozenset[str]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing at all, as before the first programme."""
        return not (self.today or self.coming or self.not_held or self.applied or self.queues or self.proposals)


async def look(at: Reading, staff: Staff, now: datetime, zone: ZoneInfo, earlier: int = 0) -> Day:
    """The day as it stands now, of what this member of staff may see.

    Args:
        earlier: how many sessions of today to leave out, since pages before this have them.
    """
    local = now.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    tonight = (midnight + DAY).astimezone(now.tzinfo)
    most = earlier + MOST_TODAY + 1
    night = until_morning(midnight, zone)
    today = await store.meetings_between(at, staff, midnight.astimezone(now.tzinfo), tonight, most, quiet=night)
    # An address from a fuller day, or from yesterday, leads to the beginning.
    earlier = earlier if earlier < len(today) else 0
    until_here = earlier + MOST_TODAY
    coming = await store.meetings_between(at, staff, tonight, now + AHEAD, MOST, quiet=night, cancelled=False)
    not_held = await store.not_held(at, staff, now - BACK, now, MOST + 1)
    thin = await store.matters(at, staff, Kind.THIN, now, now + AHEAD, MOST + 1)
    unled = await store.matters(at, staff, Kind.UNLED, now, now + AHEAD, MOST + 1)
    late = await store.matters(at, staff, Kind.LECTURER, now - LONG_AGO, now + WARNED, MOST + 1, newest=True, ahead=now)
    offered = await store.matters(at, staff, Kind.OFFERED, now, now + LONG_AHEAD, MOST_TO_GROUP + 1)
    since, until = now - LONG_AGO, now + HOUR
    applied = await store.matters(at, staff, Kind.APPLIED, since, until, MOST_TO_GROUP + 1, most_at_end=True)
    asked = await store.matters(at, staff, Kind.ASKED, now, now + LONG_AHEAD, MOST + 1)
    queues = await store.longest_queues(at, staff, now, MOST_QUEUES)
    places, applications = _grouped(offered[:MOST_TO_GROUP]), _grouped(applied[:MOST_TO_GROUP])
    lists: Sequence[tuple[str, Sequence[object], int]] = (
        ("today", today, until_here),
        ("not_held", not_held, MOST),
        ("thin", thin, MOST),
        ("unled", unled, MOST),
        ("lecturers", late, MOST),
        ("offered", offered, MOST_TO_GROUP),
        ("offered", places, MOST),
        ("applied", applied, MOST_TO_GROUP),
        ("applied", applications, MOST),
        ("asked", asked, MOST),
        ("queues", queues, MOST),
    )
    return Day(
        today=await _taking(at, today[earlier:until_here]),
        earlier=earlier,
        coming=[one for one, _ in coming],
        not_held=not_held[:MOST],
        thin=thin[:MOST],
        unled=_grouped(unled[:MOST]),
        lecturers=late[:MOST],
        offered=places[:MOST],
        applied=applications[:MOST],
        asked=asked[:MOST],
        queues=queues[:MOST],
        proposals=await _proposals(at, staff, queues),
        more=frozenset(name for name, found, most in lists if len(found) > most),
    )


async def _taking(at: Reading, meetings: Sequence[tuple[Meeting, bool]]) -> Sequence[Taking]:
    ids = list({meeting.programme_id for meeting, _ in meetings})
    staffing = await store.staffing_of(at, ids)
    begun = min((meeting.starts_at for meeting, _ in meetings), default=NEVER)
    members = await store.stays(at, ids, begun)
    guests = await store.guests_at(at, [meeting.id for meeting, _ in meetings])
    found = []
    for meeting, held in meetings:
        # As far as assignments are held against it: which it is, and when it begins.
        session = Session(meeting.id, meeting.starts_at, 0, meeting.theme)
        known = staffing.get(meeting.programme_id, [])
        listed = [one.role for one in members.get(meeting.programme_id, []) if one.covers(meeting.starts_at)]
        listed += [guest.role for guest in guests.get(meeting.id, [])]
        found.append(
            Taking(
                meeting=meeting,
                held=held,
                coming=Counter(listed),
                hosts=said_yes(known, session, VolunteerRole.HOST),
                facilitators=said_yes(known, session, VolunteerRole.GROUP_LEADER),
            )
        )
    return found


def _grouped(matters: Iterable[Matter]) -> Sequence[Group]:
    by_programme: dict[str, list[Matter]] = {}
    for matter in matters:
        by_programme.setdefault(matter.programme_id, []).append(matter)
    return [Group(found[0], len(found)) for found in by_programme.values()]


async def _proposals(at: Reading, staff: Staff, queues: Sequence[Queue]) -> Sequence[Proposal]:
    wanted = await store.most_wished(at, staff, MOST_QUEUES)
    wanted |= await store.wished(at, {queue.sort for queue in queues})
    return [p for p in proposals(queues, wanted) if concerns(staff, p.municipality)][:MOST]


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the programmes.

    Attributes:
        programmes: each with how many wait for it.
        more: where the next page begins; None on the last.
    """

    programmes: Sequence[tuple[Programme, int]]
    more: datetime | None


async def programmes(at: Reading, staff: Staff, sought: Sought, start: datetime | None, now: datetime) -> Listed:
    """Programmes that this member of staff may see; `start` is `more` of the page before."""
    found = await store.programmes_sought(at, staff, sought, start, now, A_PAGE + 1)
    shown = found[:A_PAGE]
    more = None
    if len(found) > A_PAGE:
        # Backwards the end of a window is left out, so that it is the place of the last that is shown.
        more = shown[-1][1] if sought.ended else found[A_PAGE][1]
    return Listed([(programme, waiting) for programme, _, waiting in shown], more)
