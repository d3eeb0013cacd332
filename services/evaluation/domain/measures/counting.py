"""From what is known of an offer or a volunteer to what it adds to the sums."""

from collections import Counter

from services.evaluation.domain.measures import (
    attendance,
    houses,
    living_books,
    offers,
    peers,
    queue,
    sites,
    sources,
    stay,
    sufficiency,
    supporters,
    trainings,
    users,
    volunteers,
)
from services.evaluation.domain.measures.facts import OfferFacts, VolunteerFacts
from services.evaluation.domain.measures.sums import Book, Cells, placed

COUNTING_VERSION = 3
"""Raised when something is counted in another way; then everything is counted anew."""

OFFER_MEASURES = {
    Book.OFFERS: (offers, users, attendance, stay, sufficiency),
    Book.COMING: (queue, sources),
    Book.HOUSES: (houses,),
}
VOLUNTEER_MEASURES = (volunteers, living_books, trainings)


def offer_cells(facts: OfferFacts) -> Cells:
    """Everything that an offer adds."""
    where = facts.offer.organiser, facts.offer.municipality
    cells: Cells = Counter()
    for book, measures in OFFER_MEASURES.items():
        for measure in measures:
            cells.update(placed(book, *where, measure.cells(facts)))
    return _without_zeros(cells)


def volunteer_cells(facts: VolunteerFacts) -> Cells:
    """Everything that a volunteer and their work add."""
    cells: Cells = Counter()
    for measure in VOLUNTEER_MEASURES:
        cells.update(placed(Book.VOLUNTEERS, "", facts.municipality, measure.cells(facts)))
    for task in facts.assignments:
        where = task.organiser, task.municipality
        cells.update(placed(Book.WORK, *where, peers.work_cells(task)))
        cells.update(placed(Book.PEERS, *where, peers.person_cells(facts, task)))
    cells.update(sites.cells(facts))
    for contact in facts.contacts:
        cells.update(placed(Book.WORK, contact.organiser, contact.municipality, supporters.cells(contact)))
    return _without_zeros(cells)


def difference(before: Cells, after: Cells) -> Cells:
    """What has to be added to the sums, now that something adds `after` and no longer `before`."""
    change: Cells = Counter(after)
    change.subtract(before)
    return _without_zeros(change)


def _without_zeros(cells: Cells) -> Cells:
    return Counter({cell: n for cell, n in cells.items() if n})
