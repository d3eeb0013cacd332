"""What kinds, roles and sources are called; what nobody has named is shown as it is."""

from collections.abc import Mapping

from services.evaluation.domain.instruments import msg
from services.evaluation.domain.reports.report import Label, say

NO_FIGURE = msg("There is no figure to show for this period.")

KINDS = {
    "course": msg("Courses"),
    "learning_cafe": msg("Learning cafés"),
    "self_help_group": msg("Self-help groups"),
    "mens_group": msg("Men's groups"),
    "drop_in": msg("Drop-in houses"),
    "workshop": msg("Workshops"),
    "standing_call": msg("Standing calls"),
    "lecture": msg("Lectures"),
}

PARTICIPANTS = {
    "patient": msg("Patients"),
    "relative": msg("Relatives"),
    "other": msg("Other visitors"),
}

VOLUNTEERS = {
    "host": msg("Hosts"),
    "peer": msg("Peers"),
    "living_book": msg("Living books"),
    "storyteller": msg("Storytellers"),
    "patient_supporter": msg("Patient supporters"),
    "group_leader": msg("Group leaders"),
    "lecturer": msg("Lecturers"),
}

SOURCES = {
    "self": msg("On their own"),
    "clinic": msg("Through a clinic"),
    "primary_care": msg("Through primary care"),
    "municipality": msg("Through the municipality"),
    "association": msg("Through an association"),
}


def named(names: Mapping[str, str], code: str) -> Label:
    """A code in words."""
    return say(names[code]) if code in names else code.replace("_", " ")


def between(name: str) -> Label:
    """A class such as `1-3` or `15-` in words."""
    low, dash, high = name.partition("-")
    if not dash:
        return low
    return f"{low}–{high}" if high else say(msg("{n} or more"), n=int(low))
