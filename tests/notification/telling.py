"""Every message that people can get, by a name of its own: what it is about, and to whom it goes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from motesplats_events import (
    AssignmentStatus,
    CancellationReason,
    Format,
    RegistrationStatus,
    SurveyKind,
    VolunteerRole,
)
from services.notification.domain.assignments import Assignment
from services.notification.domain.messages import Kind, Message
from services.notification.domain.people import Answer, Contact, Registration, Wish
from services.notification.domain.planning import volunteers
from services.notification.domain.programmes import MeetingLink, Programme, Session, SessionChange
from services.notification.domain.situation import Situation
from services.notification.domain.surveys import Survey

NOW = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
LINK = "https://meet.example.net/a/room_1"
SESSIONS = (
    Session("s1", datetime(2025, 3, 25, 16, 0, tzinfo=UTC), 120, "Sjukdomen"),
    Session("s2", datetime(2025, 4, 1, 15, 0, tzinfo=UTC), 120, "Behandlingen"),
)
PROGRAMME = Programme(
    "p",
    4,
    "Leva med cancer",
    "Onkologkliniken",
    "Konferensrummet",
    "Jönköping",
    SESSIONS,
)
DIGITAL = replace(PROGRAMME, format=Format.DIGITAL)
CALL = replace(PROGRAMME, title="Rådet för cancervård", sessions=())
STATES = {
    Kind.QUEUED: RegistrationStatus.WAITING,
    Kind.PLACE_OFFERED: RegistrationStatus.OFFERED,
    Kind.OFFER_REMINDER: RegistrationStatus.OFFERED,
    Kind.APPLIED: RegistrationStatus.APPLIED,
    Kind.CANCELLED: RegistrationStatus.CANCELLED,
    Kind.GUEST_CANCELLED: RegistrationStatus.CANCELLED,
}
REGISTRATION = Registration(
    "astrid",
    "p",
    2,
    RegistrationStatus.CONFIRMED,
    Kind.CONFIRMATION,
    NOW,
    3,
    held_a_place=True,
    began=RegistrationStatus.WAITING,
    answer_by=NOW + timedelta(days=3),
)
ASSIGNMENT = Assignment(
    "assignment-1",
    "astrid",
    VolunteerRole.HOST,
    AssignmentStatus.OFFERED,
    "p",
    "Samtal om cancer",
    "Rummet",
    NOW + timedelta(days=20),
    NOW,
    NOW + timedelta(days=7),
    NOW,
    organiser="Onkologkliniken",
    until=NOW + timedelta(days=21),
)
LEADS = {"status": AssignmentStatus.ACCEPTED, "role": VolunteerRole.GROUP_LEADER, "at": None}
SURVEY = Survey("v", "p", SurveyKind.SESSION, ("s1",), NOW, NOW + timedelta(days=14))
WISH = Wish("astrid", "learning_cafe", "cancer", "Jönköping", True, 4, NOW, NOW)
YES = Answer(3, True, "Välkommen till första mötet.\nTa gärna med dig frågor.", NOW)
NO = Answer(3, False, "Vi har redan många med samma erfarenhet.", NOW)


CHANGED_AT = NOW + timedelta(hours=1)
IN_ONE_GO = "20250301T090000000000Z."
"""What was changed at that moment, followed by how many."""

AT_ONCE = "20250301T080000000000Z"


def _moved(to: datetime | None, week: int = 0) -> SessionChange:
    return SessionChange(f"s{week + 1}", "p", week + 1, SESSIONS[week].starts_at, to, CHANGED_AT)


def _told(kind: Kind, situation: Situation, about: str = "") -> tuple[Message, Situation]:
    where = "" if kind in {Kind.WISH_NOTED, Kind.WISH_CLOSED, Kind.VOLUNTEER_WELCOME} else "p"
    token = "a-token" if "survey" in kind else None
    return Message(kind, "astrid", "1", where, NOW, about, token=token, mail_id="f00d"), situation


def everything(
    language: str = "sv", *, email: str | None = "astrid@example.org", phone: str | None = None, address: str = ""
) -> dict[str, tuple[Message, Situation]]:
    """Each message with what is known around it.

    Args:
        email, phone, address: how the person is reached.
    """
    to = Contact("astrid", "Astrid", email, phone, language, address=address or None)

    def registered(kind: Kind, programme: Programme = PROGRAMME, about: str = "", **more: object) -> object:
        known = {k: more.pop(k) for k in ("changes", "meeting_link", "survey") if k in more}
        state = {"status": STATES.get(kind, RegistrationStatus.CONFIRMED), "cause": kind, **more}
        registration = replace(REGISTRATION, **state)  # type: ignore[arg-type]
        return _told(kind, Situation(programme, registration, to, **known), about)  # type: ignore[arg-type]

    def volunteer(
        kind: Kind, times: int = 1, programme: Programme = PROGRAMME, ref: str = AT_ONCE, **more: object
    ) -> object:
        known = {"changes": more.pop("changes", ())}
        assignments = [
            replace(ASSIGNMENT, assignment_id=f"assignment-{n + 1}", **more)  # type: ignore[arg-type]
            for n in range(times)
        ]
        situation = Situation(
            programme,
            None,
            to,
            assignments=assignments,
            programmes={"p": programme},
            **known,  # type: ignore[arg-type]
        )
        where = assignments[0].programme_id or "assignment-1"
        return _told(kind, situation, f"{where}@{ref}" if kind in volunteers.IN_ONE_GO else "assignment-1")

    online = {"programme": DIGITAL, "meeting_link": MeetingLink("p", 1, LINK, NOW)}
    later = SESSIONS[0].starts_at + timedelta(days=2)
    moved = replace(PROGRAMME, sessions=(replace(SESSIONS[0], starts_at=later, room="Rum 3"), SESSIONS[1]))
    both = replace(PROGRAMME, sessions=tuple(replace(s, starts_at=s.starts_at + timedelta(days=2)) for s in SESSIONS))
    both_moved = tuple(_moved(s.starts_at, week) for week, s in enumerate(both.sessions))
    back = (_moved(None), replace(_moved(SESSIONS[0].starts_at), sequence=2, at=CHANGED_AT + timedelta(hours=1)))
    same, elsewhere = SESSIONS[0].starts_at, replace(PROGRAMME, place="Det nya huset", sequence=2)
    another_room = replace(
        PROGRAMME, sessions=(replace(SESSIONS[0], room="Biblioteket, Eksjö"), SESSIONS[1]), sequence=2
    )
    without = replace(PROGRAMME, sessions=(replace(SESSIONS[0], cancelled=True), SESSIONS[1]))
    neither = replace(PROGRAMME, sessions=tuple(replace(s, cancelled=True) for s in SESSIONS))
    added = replace(PROGRAMME, sessions=tuple(replace(s, added_at=NOW + timedelta(hours=1)) for s in SESSIONS))
    applied = {"programme": CALL, "began": RegistrationStatus.APPLIED, "held_a_place": False}
    found = {
        "confirmation": registered(Kind.CONFIRMATION),
        "confirmation, online": registered(Kind.CONFIRMATION, **online),
        "confirmation, online without link": registered(Kind.CONFIRMATION, DIGITAL),
        "confirmation, no dates": registered(Kind.CONFIRMATION, CALL),
        "queued": registered(Kind.QUEUED),
        "place offered": registered(Kind.PLACE_OFFERED),
        "offer reminder": registered(Kind.OFFER_REMINDER),
        "promoted": registered(Kind.PROMOTED),
        "promoted after an offer": registered(Kind.PROMOTED, was_offered=True),
        "applied": registered(Kind.APPLIED, **applied),
        "application accepted": registered(Kind.APPLICATION_ANSWERED, **applied, answer=YES),
        "application declined": registered(
            Kind.APPLICATION_ANSWERED,
            **applied,
            answer=NO,
            status=RegistrationStatus.CANCELLED,
            reason=CancellationReason.APPLICATION_DECLINED,
        ),
        "application withdrawn": registered(Kind.CANCELLED, **applied),
        "left the queue": registered(Kind.CANCELLED, held_a_place=False),
        "taken out of the queue": registered(Kind.CANCELLED, held_a_place=False, reason=CancellationReason.STAFF),
        "membership over": registered(
            Kind.CANCELLED, reason=CancellationReason.MEMBERSHIP_ENDED, ended_on=date(2025, 3, 1)
        ),
        "reminder": registered(Kind.REMINDER, about="s1"),
        "reminder, online": registered(Kind.REMINDER, about="s1", **online),
        "session moved": registered(Kind.SESSION_CHANGED, moved, f"{IN_ONE_GO}1", changes=(_moved(later),)),
        "sessions moved": registered(Kind.SESSION_CHANGED, both, f"{IN_ONE_GO}2", changes=both_moved),
        "session moved, offered": registered(
            Kind.SESSION_CHANGED,
            moved,
            f"{IN_ONE_GO}1",
            changes=(_moved(later),),
            status=RegistrationStatus.OFFERED,
        ),
        "session cancelled": registered(Kind.SESSION_CHANGED, without, f"{IN_ONE_GO}1", changes=(_moved(None),)),
        "sessions cancelled": registered(
            Kind.SESSION_CHANGED, neither, f"{IN_ONE_GO}2", changes=(_moved(None), _moved(None, 1))
        ),
        "session cancelled, in the queue": registered(
            Kind.SESSION_CHANGED,
            without,
            f"{IN_ONE_GO}1",
            changes=(_moved(None),),
            status=RegistrationStatus.WAITING,
        ),
        "session elsewhere": registered(Kind.SESSION_CHANGED, elsewhere, f"{IN_ONE_GO}1", changes=(_moved(same),)),
        "session in another room": registered(
            Kind.SESSION_CHANGED, another_room, f"{IN_ONE_GO}1", changes=(_moved(same),)
        ),
        "sessions elsewhere": registered(
            Kind.SESSION_CHANGED, elsewhere, f"{IN_ONE_GO}2", changes=(_moved(same), _moved(SESSIONS[1].starts_at, 1))
        ),
        "session put back": registered(Kind.SESSION_CHANGED, PROGRAMME, "20250301T100000000000Z.1", changes=back),
        "guest": registered(Kind.GUEST_BOOKED, only_session="s2"),
        "no guest": registered(Kind.GUEST_CANCELLED, only_session="s2"),
        "new sessions": registered(Kind.NEW_SESSIONS, added, "2025-03-01"),
        "meeting link": registered(Kind.MEETING_LINK, **online),
        "no meeting link": registered(Kind.MEETING_LINK, DIGITAL, meeting_link=MeetingLink("p", 2, None, NOW)),
        "session survey": registered(Kind.SESSION_SURVEY, about="v", survey=SURVEY),
        "course survey": registered(Kind.COURSE_SURVEY, about="v", survey=SURVEY),
        "already registered": registered(Kind.ALREADY_REGISTERED),
        "already registered, no dates": registered(Kind.ALREADY_REGISTERED, CALL),
        "already in the queue": registered(Kind.ALREADY_REGISTERED, status=RegistrationStatus.WAITING),
        "already offered": registered(Kind.ALREADY_REGISTERED, status=RegistrationStatus.OFFERED),
        "already applied": registered(Kind.ALREADY_REGISTERED, CALL, status=RegistrationStatus.APPLIED),
        "wish noted": _told(Kind.WISH_NOTED, Situation(contact=to, wish=WISH), "astrid"),
        "wish closed": _told(Kind.WISH_CLOSED, Situation(contact=to, wish=replace(WISH, open=False)), "astrid"),
        "volunteer welcome": _told(Kind.VOLUNTEER_WELCOME, Situation(contact=replace(to, enrolled_at=NOW))),
        "assignment offer": volunteer(Kind.ASSIGNMENT_OFFER),
        "assignment offer of a unit": volunteer(Kind.ASSIGNMENT_OFFER, programme_id="", at=None),
        "assignment accepted": volunteer(Kind.ASSIGNMENT_ACCEPTED, status=AssignmentStatus.ACCEPTED, session_id="x"),
        "assignment accepted, open end": volunteer(
            Kind.ASSIGNMENT_ACCEPTED, status=AssignmentStatus.ACCEPTED, at=None, until=None
        ),
        "shifts accepted": volunteer(Kind.ASSIGNMENT_ACCEPTED, 3, status=AssignmentStatus.ACCEPTED),
        "assignment moved": volunteer(
            Kind.ASSIGNMENT_CHANGED,
            status=AssignmentStatus.ACCEPTED,
            role=VolunteerRole.LIVING_BOOK,
            programme_id="",
            altered_at=NOW,
            former=[NOW + timedelta(days=18)],
        ),
        "assignment without a date": volunteer(
            Kind.ASSIGNMENT_CHANGED,
            status=AssignmentStatus.ACCEPTED,
            role=VolunteerRole.PEER,
            programme_id="",
            at=None,
            until=None,
            altered_at=NOW,
        ),
        "shift elsewhere": volunteer(
            Kind.ASSIGNMENT_CHANGED, status=AssignmentStatus.ACCEPTED, session_id="x", altered_at=NOW
        ),
        "shifts elsewhere": volunteer(
            Kind.ASSIGNMENT_CHANGED, 3, status=AssignmentStatus.ACCEPTED, session_id="x", altered_at=NOW
        ),
        "leader, session moved": volunteer(
            Kind.ASSIGNMENT_CHANGED, 1, moved, f"{IN_ONE_GO}1", changes=(_moved(later),), **LEADS
        ),
        "leader, sessions cancelled": volunteer(
            Kind.ASSIGNMENT_CHANGED,
            1,
            neither,
            f"{IN_ONE_GO}2",
            changes=(_moved(None), _moved(None, 1)),
            **LEADS,
        ),
        "leader, another room": volunteer(
            Kind.ASSIGNMENT_CHANGED, 1, another_room, f"{IN_ONE_GO}1", changes=(_moved(same),), **LEADS
        ),
        "leader, new sessions": volunteer(Kind.ASSIGNMENT_CHANGED, 1, added, "2025-03-01", **LEADS),
        "peer of a group, session moved": volunteer(
            Kind.ASSIGNMENT_CHANGED,
            1,
            moved,
            f"{IN_ONE_GO}1",
            changes=(_moved(later),),
            **{**LEADS, "role": VolunteerRole.PEER},
        ),
        "peer of a group, session cancelled": volunteer(
            Kind.ASSIGNMENT_CHANGED,
            1,
            without,
            f"{IN_ONE_GO}1",
            changes=(_moved(None),),
            **{**LEADS, "role": VolunteerRole.PEER},
        ),
        "assignment reminder": volunteer(Kind.ASSIGNMENT_REMINDER, status=AssignmentStatus.ACCEPTED),
        "assignment reminder, peer": volunteer(
            Kind.ASSIGNMENT_REMINDER, status=AssignmentStatus.ACCEPTED, role=VolunteerRole.PEER
        ),
        "assignment released": volunteer(Kind.ASSIGNMENT_ENDED, status=AssignmentStatus.RELEASED),
        "shifts released": volunteer(Kind.ASSIGNMENT_ENDED, 3, status=AssignmentStatus.RELEASED),
        "assignment taken": volunteer(Kind.ASSIGNMENT_ENDED, status=AssignmentStatus.EXPIRED),
    }
    for reason in CancellationReason:
        if reason not in {CancellationReason.APPLICATION_DECLINED, CancellationReason.MEMBERSHIP_ENDED}:
            found[f"cancelled, {reason}"] = registered(Kind.CANCELLED, reason=reason)
    return found  # type: ignore[return-value]
