"""Shares, means and changes, with what they are of."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

Z = 1.959963984540054
"""The normal quantile of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many.

    Attributes:
        part: those of whom something holds.
        n: the base.
    """

    part: int
    n: int

    @property
    def value(self) -> Fraction:
        """0 to 1; 0 of an empty base."""
        return Fraction(self.part, self.n) if self.n else Fraction(0)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of Wilson: for shares with one answer per person.

        E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", J. Am. Stat. Assoc. 22
        (1927), without correction for continuity. The whole range for an empty base.
        """
        if not self.n:
            return 0.0, 1.0
        p, n = float(self.value), self.n
        middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        # Nearest to 0 and 1 the arithmetic can miss the share itself by a hair.
        return max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half))


@dataclass(frozen=True, slots=True)
class Mean:
    """A total spread over so many.

    Attributes:
        total: what is spread.
        n: over how many.
        spread: how many of them had how much, by the name of a class, in order; empty where that is not told.
    """

    total: int
    n: int
    spread: Mapping[str, int]

    @property
    def value(self) -> Fraction | None:
        """None over nothing."""
        return Fraction(self.total, self.n) if self.n else None


@dataclass(frozen=True, slots=True)
class Change:
    """A number beside the one of the year before."""

    now: int
    before: int

    @property
    def value(self) -> Fraction | None:
        """As a share of the year before, such as -0.2; None after a year with none."""
        return Fraction(self.now - self.before, self.before) if self.before else None
