"""Invitations to surveys: one link each, and nothing that says whose it was."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom

from motesplats_events import SurveyKind
from services.notification.domain.messages import Kind, Wanted


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey that the evaluation service opened. `minted`: its one batch of links has been made."""

    survey_id: str
    programme_id: str
    kind: SurveyKind
    audience: tuple[str, ...]
    opened_at: datetime
    closes_at: datetime
    minted: bool = False


def new_token() -> str:
    """The secret of a one-time link: 16 random bytes, as text for an address."""
    return secrets.token_urlsafe(16)


def token_hash(token: str) -> str:
    """What the evaluation service may know of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def invite(
    survey: Survey, attendance: Mapping[str, Collection[str]], mint: Callable[[], str] = new_token
) -> tuple[list[Wanted], list[str]] | None:
    """One invitation for each who attended one or more of the sessions, and the hashes of their tokens.

    A survey is invited to once. Who is added to the attendance afterwards is left out: a batch of one would
    point at a person.

    Returns:
        None while the attendance of one of the sessions is unknown, or when the batch has been made. The
        hashes come in an order that says nothing.
    """
    if survey.minted or any(session_id not in attendance for session_id in survey.audience):
        return None
    attended = sorted({person for session_id in survey.audience for person in attendance[session_id]})
    kind = Kind.SESSION_SURVEY if survey.kind is SurveyKind.SESSION else Kind.COURSE_SURVEY
    invitations = [
        Wanted(
            kind,
            person,
            survey.survey_id,
            survey.programme_id,
            due_at=survey.opened_at,
            about=survey.survey_id,
            expires_at=survey.closes_at,
            token=mint(),
        )
        for person in attended
    ]
    hashes = [token_hash(invitation.token or "") for invitation in invitations]
    SystemRandom().shuffle(hashes)
    return invitations, hashes
