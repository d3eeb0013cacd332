"""Offers: how many there are, where, of what kind, and how many were started."""

from collections.abc import Iterator, Sequence

from motesplats_events import Format
from services.evaluation.domain.measures.facts import Offer, OfferFacts
from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.sums import Entry, Sums, Tally, goes_on, presence

SELF_HELP = "self_help_group"


def cells(facts: OfferFacts) -> Iterator[Entry]:
    """What an offer adds: it is there from its first session to its last, breaks between seasons less than it."""
    offer = facts.offer
    if offer.first is None:
        return
    about = [f"offers.{offer.kind}", *(["listed"] if offer.lists_people else [])]
    for name in about:
        yield from presence(name, [(offer.first, offer.last)])
        if facts.earlier is not None and facts.earlier.offer.last is not None:
            yield from goes_on(name, facts.earlier.offer.last, offer.first)
    if facts.earlier is None:
        yield f"started.{offer.format.value}.{offer.kind}", offer.first, 1


def next_season(offer: Offer, copies: Sequence[Offer]) -> Offer | None:
    """Which of the programmes made from it goes on with an offer: the first that begins when it is over."""
    following = [copy for copy in copies if copy.follows(offer)]
    return min(following, key=lambda copy: (copy.first, copy.programme_id), default=None)


def offers(tally: Tally, period: Period) -> int:
    """Offers with a session, or between two of their sessions, in the period.

    Seasons of one group are one offer. A programme that was called off is none.
    """
    return sum(by_kind(tally, period).values())


def by_kind(tally: Tally, period: Period) -> dict[str, int]:
    """The same by kind; only kinds of which there are any."""
    found = {kind: tally.present(f"offers.{kind}", period.since, period.until) for kind in tally.kinds("offers.")}
    return {kind: n for kind, n in found.items() if n}


def by_municipality(sums: Sums, period: Period) -> dict[str, int]:
    """The same by municipality; only those that have any. Their number is the number of municipalities."""
    found = {name: offers(tally, period) for name, tally in sums.municipalities.items()}
    return {name: n for name, n in found.items() if n}


def started(tally: Tally, period: Period, kind: str | None = None, format: Format | None = None) -> int:
    """Offers whose first session fell in the period; a further season of one does not start it anew.

    Args:
        kind: only of this kind, such as self-help groups.
        format: only those that meet in this way; what meets both ways is not digital.
    """
    return sum(
        tally.during(f"started.{name}", period.since, period.until)
        for name in tally.names("started.")
        if _fits(name, kind, format)
    )


def started_kinds(tally: Tally, period: Period) -> list[str]:
    """The kinds of which any was started in the period."""
    kinds = sorted({name.partition(".")[2] for name in tally.names("started.")})
    return [kind for kind in kinds if started(tally, period, kind)]


def _fits(name: str, kind: str | None, format: Format | None) -> bool:
    how, _, what = name.partition(".")
    return kind in (None, what) and (format is None or format.value == how)
