"""The event of this service."""

from collections.abc import Sequence

from motesplats_events import SurveyInvitationsMinted
from services.notification.domain.surveys import Survey


def survey_invitations_minted(survey: Survey, token_hashes: Sequence[str]) -> SurveyInvitationsMinted:
    """The links to a survey were made; only their hashes are told, in an order that says nothing."""
    return SurveyInvitationsMinted(
        survey_id=survey.survey_id, programme_id=survey.programme_id, token_hashes=list(token_hashes)
    )
