"""Invented people for stories. Nobody here exists, and example.org delivers to nobody."""

import unicodedata
from dataclasses import dataclass

FIRST = (
    "Astrid", "Birger", "Cecilie", "Dagny", "Edvin", "Frida", "Gorm", "Hedda", "Ingmar", "Jytte", "Kajsa", "Leif",
    "Merete", "Nils", "Oddny", "Palle", "Ragna", "Sixten", "Tove", "Ulrik", "Vera", "Yrsa", "Åke", "Øjvind",
)  # fmt: skip
LAST = (
    "Almskog", "Bækholm", "Dalvik", "Engelund", "Fjällby", "Granhede", "Hovdal", "Iversborg", "Kvarnlind", "Lyngmose",
    "Mossfelt", "Nyhamre", "Rosenlid", "Skovgren", "Tallrud", "Vinterbro", "Ådalen",
)  # fmt: skip
LANGUAGES = ("sv", "sv", "da", "sv", "en")

DOMAIN = "example.org"

_ASCII = str.maketrans({"æ": "ae", "ø": "o"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a story invents."""

    name: str
    email: str
    language: str


def invent(number: int, tag: str) -> Person:
    """The person with this number, from 0; `tag` keeps the addresses of one playing apart from those of another."""
    first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".lower().translate(_ASCII))
    address = plain.encode("ascii", "ignore").decode()
    return Person(
        name=f"{first} {last}",
        email=f"{address}.{number + 1:02d}.{tag}@{DOMAIN}",
        language=LANGUAGES[number % len(LANGUAGES)],
    )
