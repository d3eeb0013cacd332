"""The links in a message. A personal one is for one purpose and one person, and ends."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import timedelta

from motesplats_events import RegistrationStatus
from services.notification.domain.messages import (
    OF_A_REGISTRATION,
    OF_A_VOLUNTEER,
    OF_AN_ASSIGNMENT,
    SURVEYS,
    Kind,
    Message,
)
from services.notification.domain.moments import (
    VOLUNTEER_LINK_DAYS,
    WISH_LINK_DAYS,
    assignment_link_ends,
    lead_link_ends,
    link_ends,
)
from services.notification.domain.situation import Situation
from services.notification.settings import Settings
from services.notification.use_cases.situations import AT_THE_MEETING
from shared.access import link_token


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses that a message may show; each empty where there is none.

    Attributes:
        main: the personal link that the message is about.
        own_page: a volunteer's own page.
        meeting: where a digital meeting is held.
        home: the calendar of all meeting places.
        programme: the public page of the programme.
    """

    main: str
    own_page: str
    meeting: str
    home: str
    programme: str

    @property
    def to_click(self) -> Set[str]:
        """All of them; of somebody else's address only one for a browser."""
        ours = {self.main, self.own_page, self.home, self.programme} - {""}
        return ours | ({self.meeting} if self.meeting.startswith(("https://", "http://")) else set())


def links(message: Message, situation: Situation, settings: Settings) -> Links:
    """The links of a message as they are now. A survey's is gone once it has been handed over."""
    url = settings.public_url
    own_page = ""
    if message.kind in OF_A_VOLUNTEER:
        ends = message.due_at + timedelta(days=VOLUNTEER_LINK_DAYS)
        own_page = f"{url}/volunteer/{link_token(settings, 'volunteer', message.recipient, ends)}"
    return Links(
        main=_main(message, situation, settings),
        own_page=own_page,
        meeting=_meeting(message, situation),
        home=f"{url}/",
        programme=f"{url}/programmes/{message.programme_id}" if message.programme_id else f"{url}/",
    )


def _main(message: Message, situation: Situation, settings: Settings) -> str:
    kind, url = message.kind, settings.public_url
    if kind in SURVEYS:
        return f"{url}/surveys/{message.token}" if message.token else ""
    if kind is Kind.WISH_NOTED:
        token = link_token(settings, "wish", message.recipient, message.due_at + timedelta(days=WISH_LINK_DAYS))
        return f"{url}/my/{token}"
    if kind in OF_AN_ASSIGNMENT:
        assignment = next(iter(situation.told_of(message)), None)
        to_give_up = kind is Kind.ASSIGNMENT_CHANGED and assignment is not None and not assignment.leads
        if assignment is not None and (kind is Kind.ASSIGNMENT_OFFER or to_give_up):
            token = link_token(settings, "assignment", assignment.assignment_id, assignment_link_ends(assignment))
            return f"{url}/assignments/{token}"
        if assignment is not None and kind is not Kind.ASSIGNMENT_ENDED and assignment.leads:
            ends = lead_link_ends(assignment, situation.programme, message.due_at)
            return f"{url}/lead/{link_token(settings, 'lead', assignment.assignment_id, ends)}"
        return ""
    if kind not in OF_A_REGISTRATION or situation.programme is None or situation.registration is None:
        return ""
    if situation.registration.status is RegistrationStatus.CANCELLED:
        return ""
    token = link_token(settings, "registration", message.recipient, link_ends(situation.programme, message.due_at))
    return f"{url}/my/{token}"


def _meeting(message: Message, situation: Situation) -> str:
    """Only for who has a place, and only where it belongs."""
    link, registration = situation.meeting_link, situation.registration
    if link is None or registration is None or message.kind not in AT_THE_MEETING:
        return ""
    return (link.url or "") if registration.status is RegistrationStatus.CONFIRMED else ""
