"""A programme's list of people as a file, and where they came from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from motesplats_events import RegistrationStatus, Source
from services.registration import store
from services.registration.domain.columns import HEADERS, LANGUAGES, ROLES, SOURCES, STATES, Column
from shared.delivery import Reading


async def rows_of(at: Reading, programme_id: str, language: str) -> list[list[str]]:
    """Headers and a row for everybody who is registered; nobody with a protected identity.

    The columns are those that an import takes, in the same words.
    """
    word = LANGUAGES.index(language)
    registrations = [
        r for r in await store.registrations(at, programme_id) if r.status is not RegistrationStatus.CANCELLED
    ]
    people = await store.people(at, [r.person_id for r in registrations])
    pairs: dict[str, list[str]] = {}
    for r in registrations:
        if r.pair_id and people[r.person_id].listed:
            pairs.setdefault(r.pair_id, []).append(people[r.person_id].name)
    # Nobody with a protected identity is in the list, so that a column for it would say nothing.
    shown = [column for column in Column if column is not Column.PROTECTED]
    rows = [[HEADERS[column][word] for column in shown]]
    for r in registrations:
        person = people[r.person_id]
        if not person.listed:
            continue
        cells = {
            Column.NAME: person.name,
            Column.EMAIL: person.contact.email,
            Column.PHONE: person.contact.phone,
            Column.ADDRESS: person.contact.address and person.contact.line,
            Column.ROLE: ROLES[r.role][word],
            Column.COMPANION: ", ".join(name for name in pairs.get(r.pair_id or "", []) if name != person.name),
            Column.LANGUAGE: r.language,
            Column.SOURCE: SOURCES[r.source][word],
            Column.UNIT: r.referred_by,
            Column.STATE: STATES[r.status][word],
        }
        rows.append([cells[column] or "" for column in shown])
    return rows


@dataclass(frozen=True, slots=True)
class Referral:
    """How many registrations came by a source and, where one is known, a unit; and how many of them are active."""

    source: Source
    unit: str
    registrations: int
    active: int


async def referrals(at: Reading, programme_id: str) -> Sequence[Referral]:
    """Where a programme's registrations came from, the most first."""
    found = await store.registrations(at, programme_id)
    # The same unit is spelled in many ways; the first spelling stands for all.
    names: dict[str, str] = {}
    ways: Counter[tuple[Source, str]] = Counter()
    active: Counter[tuple[Source, str]] = Counter()
    for r in found:
        unit = r.referred_by or ""
        way = (r.source, names.setdefault(unit.casefold(), unit))
        ways[way] += 1
        active[way] += r.status is not RegistrationStatus.CANCELLED
    most_first = sorted(ways.items(), key=lambda item: (-item[1], item[0]))
    return [Referral(source, unit, n, active[source, unit]) for (source, unit), n in most_first]
