"""Words as they are compared."""

import re
from collections.abc import Iterable
from functools import lru_cache


# The same topics and municipalities are held against every request.
@lru_cache(maxsize=10_000)
def folded(text: str) -> str:
    """A text in which only the words count, and not their capitals or the spaces around them."""
    return " ".join(text.casefold().split())


def as_known(municipality: str, known: Iterable[str]) -> str:
    """A municipality as it is written here, or as it was typed where none of `known` is meant.

    Whoever types it may write it small, and `Jönköpings kommun` or `Aarhus Kommune` for its name.
    """
    here = sorted(known, reverse=True)
    if municipality in here:
        return municipality
    typed = folded(municipality)
    name = re.sub(r" (kommun|kommune|municipality)$", "", typed)
    meant = [typed, name] + ([name.removesuffix("s")] if name != typed else [])
    written = {folded(one): one for one in here}
    return next((written[one] for one in meant if one in written), municipality)
