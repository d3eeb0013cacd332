"""Kinds of messages and what stopped them, in words for staff."""

from services.notification.domain.messages import Kind, Reason
from shared.web import msg

KINDS = {
    Kind.CONFIRMATION: msg("Confirmation"),
    Kind.QUEUED: msg("In the queue"),
    Kind.PLACE_OFFERED: msg("A place is held"),
    Kind.OFFER_REMINDER: msg("Reminder to answer about a place"),
    Kind.PROMOTED: msg("Got a place from the queue"),
    Kind.APPLIED: msg("Application received"),
    Kind.APPLICATION_ANSWERED: msg("Answer to an application"),
    Kind.CANCELLED: msg("Cancellation"),
    Kind.GUEST_BOOKED: msg("Booked as a guest"),
    Kind.GUEST_CANCELLED: msg("No longer a guest"),
    Kind.REMINDER: msg("Reminder"),
    Kind.SESSION_CHANGED: msg("Session moved or cancelled"),
    Kind.NEW_SESSIONS: msg("New sessions"),
    Kind.MEETING_LINK: msg("New link to a digital meeting"),
    Kind.SESSION_SURVEY: msg("Survey about a session"),
    Kind.COURSE_SURVEY: msg("Survey about the whole"),
    Kind.ALREADY_REGISTERED: msg("Registered already"),
    Kind.WISH_NOTED: msg("Wish noted"),
    Kind.WISH_CLOSED: msg("Wish met or withdrawn"),
    Kind.VOLUNTEER_WELCOME: msg("Welcome to a volunteer"),
    Kind.ASSIGNMENT_OFFER: msg("Request to a volunteer"),
    Kind.ASSIGNMENT_ACCEPTED: msg("Link to a volunteer who leads"),
    Kind.ASSIGNMENT_CHANGED: msg("Change told to a volunteer"),
    Kind.ASSIGNMENT_REMINDER: msg("Reminder to a volunteer"),
    Kind.ASSIGNMENT_ENDED: msg("Assignment taken or withdrawn"),
}
REASONS = {
    Reason.REFUSED: msg("The mail server of the address does not take it"),
    Reason.KEPT_FAILING: msg("The mail server of the address has put it off again and again"),
    Reason.BAD_ADDRESS: msg("The address cannot be written to"),
}
