"""What sorts of meeting places there are, and the rules in which they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ProgrammeKind(StrEnum):
    """What sort of meeting place a programme is."""

    COURSE = "course"
    LEARNING_CAFE = "learning_cafe"
    SELF_HELP_GROUP = "self_help_group"
    MENS_GROUP = "mens_group"
    DROP_IN = "drop_in"
    WORKSHOP = "workshop"
    LECTURE = "lecture"
    STANDING_CALL = "standing_call"


class Admission(StrEnum):
    """How somebody comes in."""

    WHOLE = "whole"
    """One registration for all sessions, until the first begins."""
    OPEN = "open"
    """One registration, also when it has begun, until the last session begins."""
    MEMBERSHIP = "membership"
    """A membership from an entry point on, until the member leaves."""
    APPLICATION = "application"
    """Staff accept or decline, at any time."""
    WALK_IN = "walk_in"
    """Nobody registers; visitors are counted."""


@dataclass(frozen=True, slots=True)
class Rules:
    """In what one sort of meeting place differs from another.

    Attributes:
        admission: how somebody comes in.
        facilitators: how many are wanted before a session can open, where the plan does not say.
        dated: it has sessions from the beginning.
    """

    admission: Admission
    facilitators: int = 0
    dated: bool = True


RULES: Mapping[ProgrammeKind, Rules] = {
    ProgrammeKind.COURSE: Rules(Admission.WHOLE),
    ProgrammeKind.LEARNING_CAFE: Rules(Admission.WHOLE),
    ProgrammeKind.SELF_HELP_GROUP: Rules(Admission.MEMBERSHIP),
    ProgrammeKind.MENS_GROUP: Rules(Admission.MEMBERSHIP, facilitators=2),
    ProgrammeKind.DROP_IN: Rules(Admission.WALK_IN),
    ProgrammeKind.WORKSHOP: Rules(Admission.OPEN),
    ProgrammeKind.LECTURE: Rules(Admission.OPEN),
    ProgrammeKind.STANDING_CALL: Rules(Admission.APPLICATION, dated=False),
}
