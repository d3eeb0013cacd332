"""What volunteers do not want to speak about or meet, and what something is about."""

import re
from collections.abc import Iterable

from services.volunteers.domain.tasks import Task
from services.volunteers.domain.volunteers import Volunteer
from services.volunteers.domain.words import folded
from shared.errors import Conflict

SHORT = 3
"""So many letters stand inside too many words, and count only as words: `MS` is no part of `hemsjukvård`."""


class AvoidsTheTheme(Conflict):
    """The volunteer does not want to speak about it or meet it."""

    code = "avoids-the-theme"


def avoided(volunteer: Volunteer, task: Task) -> AvoidsTheTheme | None:
    """Which topic of theirs somebody would meet in a programme; None where they would meet none that is known.

    What units ask for is held against the topics when they are matched.
    """
    if not task.programme_id:
        return None
    themes = [folded(theme) for theme in task.themes if theme]
    text = " ".join([folded(task.title), folded(task.programme_title), *themes])
    for topic in volunteer.avoids:
        if touches(folded(topic), text, themes):
            return AvoidsTheTheme("Does not want to speak about or meet: {topic}", field="volunteer_id", topic=topic)
    return None


def touches(topic: str, text: str, themes: Iterable[str]) -> bool:
    """Whether a topic is spoken of, as a part of a word too: `cancer` in `bröstcancer`, and the other way round.

    Args:
        topic, text, themes: folded, and no theme empty.
    """
    return _stands(topic, text) or any(_stands(theme, topic) for theme in themes)


def _stands(words: str, text: str) -> bool:
    if len(words) > SHORT:
        return words in text
    return words in text and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None
