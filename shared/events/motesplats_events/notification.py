"""What the notification service publishes."""

from motesplats_events.event import Event


class SurveyInvitationsMinted(Event):
    """One-time links to a survey were made; whoever holds a link's token may answer once.

    Private, read by the evaluation service. The tokens themselves are never published.

    Attributes:
        token_hashes: SHA-256 of each token in hex, in an order that says nothing.
    """

    topic = "survey-invitations-minted"
    source = "notification"
    subject_field = "survey_id"
    private = True

    survey_id: str
    programme_id: str
    token_hashes: list[str]
