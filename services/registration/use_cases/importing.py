"""Taking in a list of people from a file: first looked at, then row by row through the gate that all pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from motesplats_events import RegistrationStatus, Role
from services.registration import store
from services.registration.domain.columns import Column, protected_of, role_of, source_of, tongue_of
from services.registration.domain.kinds import Admission
from services.registration.domain.programmes import Programme, takes_in
from services.registration.domain.queue import Entry, fits, with_places
from services.registration.domain.registrations import RegistrationClosed, check_open
from services.registration.use_cases.details import protect_comers
from services.registration.use_cases.registering import Application, comers, register_participant
from shared.access import Staff
from shared.contact import same_person_key
from shared.delivery import Delivery, Reading, Transaction
from shared.errors import DomainError, Problem
from shared.sheets import NotASheet, Table
from shared.text import LONGEST_LINE, one_line
from shared.web import msg, wording

NEEDED = (Column.NAME, Column.ROLE)
COMES_WITH = {Role.PATIENT: Role.RELATIVE, Role.RELATIVE: Role.PATIENT, Role.OTHER: Role.OTHER}
FIELDS = {"referred_by": Column.UNIT, "companion": Column.COMPANION}


class Outcome(StrEnum):
    """What becomes of a row."""

    PLACE = "place"
    QUEUE = "queue"
    APPLICATION = "application"
    KNOWN = "known"
    """They have a registration, or had one and cancelled it."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file.

    Attributes:
        number: as a spreadsheet numbers it; the first row after the headers is 2.
        name: who it is about; empty where the row says, or may say, that their identity is protected.
        application: None where something is wrong.
        problems: what is wrong, by column.
        notes: what is left out of the row, by column.
        protected: the identity of who is named is.
    """

    number: int
    name: str
    application: Application | None
    problems: Sequence[Problem] = ()
    notes: Sequence[Problem] = ()
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What becomes of a row, or would."""

    row: Row
    outcome: Outcome


def read_rows(table: Table[Column]) -> Sequence[Row]:
    """The rows of a file, each with what is wrong with it.

    Raises:
        NotASheet: the columns that are needed are not there.
    """
    if not set(NEEDED) <= set(table.columns):
        raise NotASheet(msg("The first row must name the columns; name and role are needed"), field="file")
    return [_row(number, cells) for number, cells in table.rows.items()]


def _row(number: int, cells: Mapping[Column, str]) -> Row:
    role, source, language, protected = (
        role_of(cells.get(Column.ROLE, "")),
        source_of(cells.get(Column.SOURCE, "")),
        tongue_of(cells.get(Column.LANGUAGE, "")),
        protected_of(cells.get(Column.PROTECTED, "")),
    )
    problems = []
    if role is None:
        problems.append(Problem(Column.ROLE, "Write patient, relative or other"))
    if source is None:
        problems.append(Problem(Column.SOURCE, "Write self, clinic, primary care, municipality or association"))
    if language is None:
        problems.append(Problem(Column.LANGUAGE, "Write Swedish, Danish or English"))
    if protected is None:
        problems.append(Problem(Column.PROTECTED, "Write yes or no"))
    # A list has every way to reach a person, and we keep the first of them that there is.
    ways = [column for column in (Column.EMAIL, Column.PHONE, Column.ADDRESS) if column in cells]
    notes = [Problem(column, "Left out, since one way to reach somebody is kept") for column in ways[1:]]
    given: dict[str, object] = {
        "role": role or Role.OTHER,
        "name": cells.get(Column.NAME, ""),
        **{column.value: cells[column] for column in ways[:1]},
        "language": language or "sv",
        "source": source or "self",
        "referred_by": cells.get(Column.UNIT, ""),
        "consent": True,
    }
    if companion := cells.get(Column.COMPANION):
        given["companion"] = {"name": companion, "role": COMES_WITH[role or Role.OTHER]}
    application = None
    try:
        application = Application.model_validate(given)
        comers(application)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems += [wording.problem(one, Application) for one in found]
    except DomainError as error:
        problems += error.problems
    shown = [Problem(_column(one.field), one.message, one.values) for one in problems]
    name = one_line(cells.get(Column.NAME, ""))[:LONGEST_LINE] if protected is False else ""
    return Row(number, name, None if shown else application, shown, notes, bool(protected))


def _column(field: str) -> str:
    head = field.partition(".")[0]
    return FIELDS.get(head, head)


async def look(at: Reading, programme: Programme, rows: Sequence[Row], zone: ZoneInfo, now: datetime) -> list[Result]:
    """What would become of each row now. Stores nothing.

    Raises:
        RegistrationClosed.
    """
    results = []
    seen: set[str] = set()
    applies = programme.rules.admission is Admission.APPLICATION
    enters = takes_in(programme, now, now.astimezone(zone).date())
    for row in rows:
        checked = _checked(programme, row, now)
        if checked.application is None:
            results.append(Result(checked, Outcome.WRONG))
            continue
        new = []
        for role, name, contact in comers(checked.application):
            key = same_person_key(name, contact)
            if key not in seen and not await _has_been_here(at, programme.programme_id, key):
                new.append(role)
            seen.add(key)
        entry = Entry(0, tuple(new))
        if not new:
            outcome = Outcome.KNOWN
        elif applies:
            outcome = Outcome.APPLICATION
        elif enters and fits(entry, programme):
            outcome = Outcome.PLACE
            programme = with_places(programme, entry)
        else:
            outcome = Outcome.QUEUE
        results.append(Result(checked, outcome))
    return results


def _checked(programme: Programme, row: Row, now: datetime) -> Row:
    if row.application is None:
        return row
    try:
        check_open(programme, [role for role, *_ in comers(row.application)], now)
    except RegistrationClosed:
        raise
    except DomainError as error:
        return _wrong(row, error)
    return row


def _wrong(row: Row, error: DomainError) -> Row:
    problems = [Problem(_column(one.field), one.message, one.values) for one in error.problems]
    return replace(row, application=None, problems=problems)


async def take_in(
    delivery: Delivery, programme_id: str, rows: Sequence[Row], staff: Staff, zone: ZoneInfo
) -> list[Result]:
    """Register everybody in whose row nothing is wrong. The same file again changes nothing.

    An identity that is protected is so before anything of it has left the service.

    Raises:
        ProgrammeNotFound, RegistrationClosed, Forbidden.
    """
    results = []
    for row in rows:
        if row.application is None:
            results.append(Result(row, Outcome.WRONG))
            continue
        try:
            application = row.application

            async def work(tx: Transaction, row: Row = row, application: Application = application) -> Outcome:
                outcome = await _register(tx, programme_id, application, zone)
                if row.protected:
                    await protect_comers(tx, application, staff)
                return outcome

            results.append(Result(row, await delivery.transact(work, key=programme_id)))
        except RegistrationClosed:
            raise
        except DomainError as error:
            results.append(Result(_wrong(row, error), Outcome.WRONG))
    return results


OUTCOMES = {
    RegistrationStatus.CONFIRMED: Outcome.PLACE,
    RegistrationStatus.WAITING: Outcome.QUEUE,
    RegistrationStatus.APPLIED: Outcome.APPLICATION,
}


async def _register(tx: Transaction, programme_id: str, application: Application, zone: ZoneInfo) -> Outcome:
    # Who is here is not registered once more: a repeated form would tell them so by a message.
    new = [
        (role, name, contact)
        for role, name, contact in comers(application)
        if not await _has_been_here(tx, programme_id, same_person_key(name, contact))
    ]
    if not new:
        return Outcome.KNOWN
    if application.companion and len(new) == 1:
        ((role, name, contact),) = new
        alone = {"role": role, "name": name, "companion": None, "email": contact.email or ""}
        application = application.model_copy(
            update={**alone, "phone": contact.phone or "", "address": contact.address or ""}
        )
    registered = await register_participant(tx, programme_id, application, zone)
    return OUTCOMES[registered.status]


async def _has_been_here(at: Reading, programme_id: str, key: str) -> bool:
    """Whether the person has a registration in the programme, or had one: whoever cancelled is not taken in again."""
    person = await store.person_like(at, key)
    if person is None:
        return False
    return any(r.programme_id == programme_id for r in await store.registrations_of(at, person.person_id))
