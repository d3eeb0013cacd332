"""What somebody asks for, and figures with their base as far as they may be shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.shares import Mean, Share
from services.evaluation.domain.measures.small_numbers import enough
from services.evaluation.domain.measures.sums import Book, Sums, Tally
from services.evaluation.domain.reports.report import Kind, Measure, Number, Report, Said


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is made from.

    Attributes:
        sums: by book; those that the report reads.
        threshold: numbers of fewer people are not shown.
    """

    sums: Mapping[Book, Sums]
    period: Period
    threshold: int

    def whole(self, book: Book) -> Tally:
        """Everything in a book that may be seen."""
        return self.sums[book].whole

    def people(self, n: int) -> Number:
        """A number of people."""
        return Number.of(Kind.COUNT, enough(n, self.threshold))

    def share(self, code: str, name: str, share: Share, base: Said, definition: str, interval: bool = False) -> Measure:
        """A share, where its base is large enough.

        Args:
            base: says what the share is of.
            interval: there is one answer per person, so that an interval can be given.
        """
        if share.n < self.threshold:
            return Measure(code, name, Number(Kind.SHARE, None), definition)
        found = Number.of(Kind.SHARE, share.value)
        return Measure(code, name, found, definition, share.n, base, share.interval if interval else None)

    def mean(self, code: str, name: str, mean: Mean, base: Said, definition: str, people: int | None = None) -> Measure:
        """A mean, where enough people stand behind it.

        Args:
            base: says over what the mean is.
            people: how many they are; without it, as many as the total says.
        """
        if not mean.n or (mean.total if people is None else people) < self.threshold:
            return Measure(code, name, Number(Kind.MEAN, None), definition)
        return Measure(code, name, Number.of(Kind.MEAN, mean.value), definition, mean.n, base)


@dataclass(frozen=True, slots=True)
class Definition:
    """One report that can be asked for.

    Attributes:
        code: stands in its address.
        about: a sentence for the list.
        books: what it reads.
    """

    code: str
    title: str
    about: str
    books: Sequence[Book]
    build: Callable[[Asked], Report]


@dataclass(frozen=True, slots=True)
class Group:
    """Reports that belong together."""

    title: str
    reports: Sequence[Definition]
