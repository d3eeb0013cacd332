"""Patient supporters: the units they have made contact with."""

from collections.abc import Iterator

from motesplats_events import VolunteerRole
from services.evaluation.domain.measures.facts import Contact
from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.shares import Mean
from services.evaluation.domain.measures.sums import Entry, Tally
from services.evaluation.domain.measures.volunteers import in_role


def cells(contact: Contact) -> Iterator[Entry]:
    """What a contact adds, on its day."""
    yield "contacts", contact.on, 1
    if contact.new:
        yield "units.new", contact.on, 1


def contacts(tally: Tally, period: Period) -> int:
    """Contacts with units in the period, new or not."""
    return tally.during("contacts", period.since, period.until)


def new_units(tally: Tally, period: Period) -> int:
    """Units that had their first contact in the period."""
    return tally.during("units.new", period.since, period.until)


def supporters(volunteers: Tally, period: Period) -> int:
    """Patient supporters who were active in the period."""
    return in_role(volunteers, VolunteerRole.PATIENT_SUPPORTER.value, period.since, period.until)


def new_units_per_supporter(work: Tally, volunteers: Tally, period: Period) -> Mean:
    """New units, over the months that supporters were active: how many each finds in a month.

    A supporter counts in every month in which they were active for at least a day.
    """
    return Mean(new_units(work, period), sum(supporters(volunteers, month) for month in period.months), {})
