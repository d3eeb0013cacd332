"""Taking in a list of volunteers from a file, and giving it out: first looked at, then enrolled row by row."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial

import uuid_utils
from pydantic import ValidationError

from services.volunteers import store
from services.volunteers.domain.columns import (
    HEADERS,
    LANGUAGES,
    ROLES,
    Column,
    day_of,
    roles_of,
    tongue_of,
    tongues_of,
    topics_cell,
    topics_of,
)
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.trainings import BASIC
from services.volunteers.domain.volunteers import HasApplied, Volunteer, VolunteerIsKnown, VolunteerStatus
from services.volunteers.use_cases.volunteers import Completed, Enrolment, enrol, newly_enrolled
from shared.access import Staff
from shared.delivery import Delivery, Reading
from shared.errors import DomainError, Problem
from shared.sheets import NotASheet, Table
from shared.text import LONGEST_LINE, one_line
from shared.web import msg, wording

NEEDED = (Column.NAME, Column.MUNICIPALITY, Column.ROLES)
FIELDS = {
    "signed_on": Column.AGREEMENT,
    "agreement_signed_on": Column.AGREEMENT,
    "completed_on": Column.BASIC,
    "trainings": Column.BASIC,
}
DATE = msg("Write a date such as 2025-03-01")


class Outcome(StrEnum):
    """What becomes of a row."""

    ENROLLED = "enrolled"
    KNOWN = "known"
    """They are in the list already, and nothing about them is changed."""
    APPLIED = "applied"
    """They have applied: the application is confirmed instead."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file.

    Attributes:
        number: as a spreadsheet numbers it; the first row after the headers is 2.
        name: who it is about.
        enrolment: None where the row cannot be read as one.
        problems: what is wrong, by column.
        notes: what is left out of the row, by column.
    """

    number: int
    name: str
    enrolment: Enrolment | None
    problems: Sequence[Problem] = ()
    notes: Sequence[Problem] = ()


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
        raise NotASheet(
            msg("The first row must name the columns; name, municipality and what they do are needed"), field="file"
        )
    return [_row(number, cells) for number, cells in table.rows.items()]


def _row(number: int, cells: Mapping[Column, str]) -> Row:
    problems = []
    roles = roles_of(cells.get(Column.ROLES, ""))
    if not roles:
        problems.append(
            Problem(
                Column.ROLES, "Write host, peer, living book, storyteller, patient supporter, group leader or lecturer"
            )
        )
    language = tongue_of(cells[Column.LANGUAGE]) if Column.LANGUAGE in cells else "sv"
    if language not in LANGUAGES:
        problems.append(Problem(Column.LANGUAGE, "Write Swedish, Danish or English"))
    speaks = tongues_of(cells.get(Column.SPEAKS, ""))
    if speaks is None:
        problems.append(Problem(Column.SPEAKS, "Write languages with a comma between, such as Swedish, Arabic"))
    days = {column: day_of(cells[column]) for column in (Column.AGREEMENT, Column.BASIC) if column in cells}
    problems += [Problem(column, DATE) for column, day in days.items() if day is None]
    # A list has every way to reach a person, and we keep the first of them that there is.
    ways = [column for column in (Column.EMAIL, Column.PHONE) if column in cells]
    notes = [Problem(column, "Left out, since one way to reach somebody is kept") for column in ways[1:]]
    basic = days.get(Column.BASIC)
    given: dict[str, object] = {
        "name": cells.get(Column.NAME, ""),
        **{column.value: cells[column] for column in ways[:1]},
        "language": language if language in LANGUAGES else "sv",
        "roles": roles or list(ROLES),
        "municipality": cells.get(Column.MUNICIPALITY, ""),
        "speaks": speaks or [],
        "themes": topics_of(cells.get(Column.THEMES, "")),
        "avoids": topics_of(cells.get(Column.AVOIDS, "")),
        "agreement_signed_on": days.get(Column.AGREEMENT),
        "trainings": [Completed(training=BASIC.code, completed_on=basic)] if basic else [],
    }
    enrolment = None
    try:
        enrolment = Enrolment.model_validate(given)
        enrolment.key()
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems += [wording.problem(one, Enrolment) for one in found]
    except DomainError as error:
        problems += error.problems
    shown = _by_column(problems)
    return Row(number, one_line(cells.get(Column.NAME, ""))[:LONGEST_LINE], None if shown else enrolment, shown, notes)


def _by_column(problems: Sequence[Problem]) -> Sequence[Problem]:
    heads = [(one, one.field.partition(".")[0]) for one in problems]
    return [Problem(FIELDS.get(head, head), one.message, one.values) for one, head in heads]


async def look(at: Reading, rows: Sequence[Row], staff: Staff, rules: Rules, now: datetime) -> list[Result]:
    """What would become of each row now. Stores nothing."""
    results = []
    seen: set[str] = set()
    known = await store.municipalities_of_programmes(at)
    for row in rows:
        if row.enrolment is None:
            results.append(Result(row, Outcome.WRONG))
        elif (key := row.enrolment.key()) in seen:
            results.append(Result(row, Outcome.KNOWN))
        else:
            result = await _became(row, newly_enrolled(at, row.enrolment, "", rules, staff, now, known))
            if result.outcome is Outcome.ENROLLED:
                seen.add(key)
            results.append(result)
    return results


async def take_in(delivery: Delivery, rows: Sequence[Row], staff: Staff, rules: Rules) -> list[Result]:
    """Enrol everybody in whose row nothing is wrong. The same file again changes nothing."""
    results = []
    known = await store.municipalities_of_programmes(delivery.reading)
    for row in rows:
        if row.enrolment is None:
            results.append(Result(row, Outcome.WRONG))
            continue
        work = partial(
            enrol, enrolment=row.enrolment, volunteer_id=str(uuid_utils.uuid7()), rules=rules, staff=staff, known=known
        )
        results.append(await _became(row, delivery.transact(work, key=row.enrolment.key())))
    return results


async def _became(row: Row, enrolling: Awaitable[Volunteer]) -> Result:
    try:
        await enrolling
    except HasApplied:
        return Result(row, Outcome.APPLIED)
    except VolunteerIsKnown:
        return Result(row, Outcome.KNOWN)
    except DomainError as error:
        return Result(replace(row, problems=_by_column(error.problems)), Outcome.WRONG)
    return Result(row, Outcome.ENROLLED)


async def rows_of(at: Reading, staff: Staff, language: str) -> list[list[str]]:
    """Headers and a row for every volunteer whom this member of staff sees, without those who have left.

    The columns are those that an import takes, in the same words.
    """
    at_word = LANGUAGES.index(language)
    rows = [[HEADERS[column][at_word] for column in Column]]
    for one in await store.volunteers(at, staff, store.Filter(status=VolunteerStatus.ENROLLED)):
        basic = one.trainings.get(BASIC.code)
        cells = {
            Column.NAME: one.name,
            Column.EMAIL: one.contact and one.contact.email,
            Column.PHONE: one.contact and one.contact.phone,
            Column.MUNICIPALITY: one.municipality,
            Column.ROLES: ", ".join(ROLES[role][at_word] for role in one.roles),
            Column.LANGUAGE: one.language,
            Column.SPEAKS: ", ".join(one.speaks),
            Column.THEMES: topics_cell(one.themes),
            Column.AVOIDS: topics_cell(one.avoids),
            Column.AGREEMENT: one.agreement and one.agreement.signed_on.isoformat(),
            Column.BASIC: basic and basic.completed_on.isoformat(),
        }
        rows.append([cells[column] or "" for column in Column])
    return rows
