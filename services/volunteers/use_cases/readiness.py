"""What makes a volunteer ready to be asked: trainings, the confidentiality agreement, and pauses."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from motesplats_events import VolunteerRole
from services.volunteers import store
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.trainings import MOST_MONTHS, Training, completed_training
from services.volunteers.domain.volunteers import Volunteer, changed, paused, signed, signed_on_paper, with_training
from services.volunteers.use_cases.pool import may_see
from services.volunteers.use_cases.volunteers import Completed, save_volunteer
from shared.access import Staff
from shared.delivery import Transaction
from shared.text import Line


class CatalogueEntry(BaseModel):
    """A training of the catalogue, but for its code.

    Attributes:
        required_for: whoever is asked as one of these must have completed it.
        months: how long it is valid; empty for ever.
    """

    title: Line
    required_for: list[VolunteerRole] = []
    months: Annotated[int, Field(ge=1, le=MOST_MONTHS)] | None = None


class NewTraining(CatalogueEntry):
    """A training for the catalogue; the code is its name in events, and stays."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class PauseIn(BaseModel):
    """Days on which somebody wants to be offered nothing; without `until`, until further notice."""

    starts_on: date
    until: date | None = None


async def add_training(tx: Transaction, new: NewTraining, staff: Staff) -> Training:
    """Put a training into the catalogue, which all organisers share.

    Raises:
        Forbidden: what is required binds everybody, so that only who sees everything can require it.
        TrainingIsKnown.
    """
    if new.required_for:
        staff.must_operate()
    training = Training(new.code, new.title, frozenset(new.required_for), new.months)
    await store.add_training(tx, training)
    return training


async def change_training(tx: Transaction, code: str, entry: CatalogueEntry, staff: Staff) -> Training:
    """Change a training of the catalogue. What volunteers have completed keeps the date on which it expires.

    Raises:
        Forbidden, TrainingNotFound.
    """
    staff.must_operate()
    await store.training(tx, code)
    training = Training(code, entry.title, frozenset(entry.required_for), entry.months)
    await store.save_training(tx, training)
    return training


async def record_training(tx: Transaction, volunteer_id: str, done: Completed, staff: Staff, rules: Rules) -> Volunteer:
    """Write down that a volunteer has completed a training; a newer one takes the place of the older.

    Raises:
        VolunteerNotFound, Forbidden, HasLeft, TrainingNotFound, NotYetCompleted.
    """
    before = await store.volunteer(tx, volunteer_id)
    may_see(staff, before)
    record = completed_training(await store.training(tx, done.training), done.completed_on, rules.day(tx.now))
    return await save_volunteer(tx, before, with_training(before, done.training, record))


async def remove_training(tx: Transaction, volunteer_id: str, code: str, staff: Staff) -> Volunteer:
    """Take back what was written down by mistake; again changes nothing.

    Raises:
        VolunteerNotFound, Forbidden, HasLeft.
    """
    before = await store.volunteer(tx, volunteer_id)
    may_see(staff, before)
    return await save_volunteer(tx, before, with_training(before, code, None))


async def sign_agreement(tx: Transaction, volunteer_id: str, version: str, rules: Rules) -> Volunteer:
    """Sign the confidentiality agreement, as the volunteer does behind their link.

    Args:
        version: of the text that they read.

    Raises:
        VolunteerNotFound, HasLeft, TextHasChanged, AlreadySigned.
    """
    before = await store.volunteer(tx, volunteer_id)
    return await save_volunteer(tx, before, signed(before, version, rules.day(tx.now)))


async def note_paper_agreement(
    tx: Transaction, volunteer_id: str, signed_on: date, staff: Staff, rules: Rules
) -> Volunteer:
    """Write down that a volunteer signed the confidentiality agreement on paper.

    Raises:
        VolunteerNotFound, Forbidden, HasLeft, NotYetCompleted.
    """
    before = await store.volunteer(tx, volunteer_id)
    may_see(staff, before)
    return await save_volunteer(tx, before, signed_on_paper(before, signed_on, rules.day(tx.now)))


async def pause(
    tx: Transaction, volunteer_id: str, wanted: PauseIn, rules: Rules, staff: Staff | None = None
) -> Volunteer:
    """Offer somebody nothing for a while.

    Args:
        staff: who was told, unless the volunteer does it.

    Raises:
        VolunteerNotFound, Forbidden, HasLeft, PauseIsOver.
    """
    before = await store.volunteer(tx, volunteer_id)
    if staff is not None:
        may_see(staff, before)
    return await save_volunteer(tx, before, paused(before, wanted.starts_on, wanted.until, rules.day(tx.now)))


async def resume(tx: Transaction, volunteer_id: str, staff: Staff | None = None) -> Volunteer:
    """End a pause, or take it back before it begins; again changes nothing.

    Args:
        staff: who was told, unless the volunteer does it.

    Raises:
        VolunteerNotFound, Forbidden, HasLeft.
    """
    before = await store.volunteer(tx, volunteer_id)
    if staff is not None:
        may_see(staff, before)
    return await save_volunteer(tx, before, changed(before, pause=None))
