"""Words as they are compared."""

from functools import lru_cache


# The same topics and municipalities are held against every request.
@lru_cache(maxsize=10_000)
def folded(text: str) -> str:
    """A text in which only the words count, and not their capitals or the spaces around them."""
    return " ".join(text.casefold().split())
