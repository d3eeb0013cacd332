"""The geometry of the charts, as SVG attributes in per cent: the policy leaves no room for inline styles."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a stacked bar.

    Attributes:
        x, width, middle: per cent of the bar.
        share: 0 to 1, what the label says.
        wide: whether a label fits in it on a wide screen.
        roomy: whether it fits everywhere.
    """

    x: float
    width: float
    middle: float
    share: float
    wide: bool
    roomy: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a distribution; all lengths in per cent of the drawing."""

    x: float
    y: float
    width: float
    height: float
    middle: float


def stacked(shares: Sequence[float]) -> list[Segment]:
    """Segments side by side, of the whole width together."""
    total = sum(shares) or 1
    segments: list[Segment] = []
    x = 0.0
    for share in shares:
        width = 100 * share / total
        segments.append(Segment(round(x, 3), round(width, 3), round(x + width / 2, 3), share, width >= 12, width >= 20))
        x += width
    return segments


def columns(
    counts: Sequence[float | None], top: float = 14, bottom: float = 14, most: float | None = None
) -> list[Column]:
    """Columns beside each other; `top` and `bottom` per cent are left for the labels.

    Args:
        counts: nothing is drawn where there is no number.
        most: what the highest possible column stands for; the largest of them if None.
    """
    drawn = [count or 0 for count in counts]
    most = most or max(drawn, default=0) or 1
    step = 100 / max(len(counts), 1)
    room = 100 - top - bottom
    return [
        Column(
            x=round(i * step + step * 0.14, 3),
            y=round(100 - bottom - room * count / most, 3),
            width=round(step * 0.72, 3),
            height=round(room * count / most, 3),
            middle=round((i + 0.5) * step, 3),
        )
        for i, count in enumerate(drawn)
    ]


def bars(numbers: Sequence[float | None]) -> list[float]:
    """The widths of bars beneath each other, in per cent of the longest; nothing where there is no number."""
    most = max((number for number in numbers if number is not None), default=0) or 1
    return [round(100 * max(number or 0, 0) / most, 3) for number in numbers]
