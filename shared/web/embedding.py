"""Pages that other web sites may show in a frame, and the colours they may ask for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

EMBEDDED = "/embed"
"""The only page that can be framed, and only by the sites that MOTESPLATS_EMBED_SITES names."""

LEAST_CONTRAST = 4.5
"""Of text on its ground: WCAG 2.2, 1.4.3."""

_COLOUR = re.compile(r"[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Look:
    """Colours as six hexadecimal digits; None for those of the platform.

    Attributes:
        paper: the ground.
        ink: text on it.
        brand: links on it.
    """

    paper: str | None = None
    ink: str | None = None
    brand: str | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Look":
        """The colours that an address asks for: all three, and only where text can be read on the ground."""
        found = {one.name: asked.get(one.name, "").lower().removeprefix("#") for one in fields(cls)}
        if not all(_COLOUR.fullmatch(colour) for colour in found.values()):
            return cls()
        if min(contrast(found[text], found["paper"]) for text in ("ink", "brand")) < LEAST_CONTRAST:
            return cls()
        return cls(**found)

    @property
    def query(self) -> Mapping[str, str]:
        """The same as an address holds it."""
        return {one.name: colour for one in fields(self) if (colour := getattr(self, one.name))}

    @property
    def css(self) -> str:
        """A style sheet that sets the tokens."""
        if not self.query:
            return ""
        return (
            f":root {{ --paper: #{self.paper}; --card: #{self.paper}; --ink: #{self.ink}; --muted: #{self.ink}; "
            f"--line: #{self.ink}; --edge: #{self.ink}; --brand: #{self.brand}; --brand-ink: #{self.paper}; "
            f"--brand-soft: #{self.paper}; --good: #{self.ink}; --good-soft: #{self.paper}; --wait: #{self.ink}; "
            f"--wait-soft: #{self.paper}; --bad: #{self.ink}; --bad-soft: #{self.paper} }}\n"
        )


def contrast(one: str, other: str) -> float:
    """How far apart two colours are, 1 to 21 (WCAG 2.2, contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
