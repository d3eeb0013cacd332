"""When an answer may be seen.

Whoever looks at the figures before and after one answer arrives knows that answer. So answers lie unseen
until enough have gathered, and some always stay behind: two successive views then differ by a crowd or not at
all.
"""

import secrets
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

_CHANCE = secrets.SystemRandom()


def to_release(pending: Sequence[T], threshold: int, closed: bool, chance: Random = _CHANCE) -> tuple[list[T], list[T]]:
    """Divide pending answers into those to release now and those that stay.

    While the survey is open, a random choice is released, and only when at least `threshold` are released and
    at least `threshold` stay. When it has closed everything is released: either at least `threshold` answers
    had stayed, or none was released before.

    Returns:
        What is released, and what stays, both in random order.
    """
    shuffled = chance.sample(list(pending), len(pending))
    if closed:
        return shuffled, []
    count = len(shuffled) - threshold
    if count < threshold:
        return [], shuffled
    return shuffled[:count], shuffled[count:]
