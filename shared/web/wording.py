"""What a person is told when a value does not fit: the validation library's error types in human words.

Nothing that was typed and no technical word reaches the reader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from shared.errors import Problem
from shared.web.language import msg


@dataclass(frozen=True)
class Says:
    """Own words for a field's errors: `Annotated[str, Says(missing=msg("Write your name"))]`.

    Attributes:
        missing: nothing was filled in.
        wrong: what was filled in does not fit, for whatever reason.
        by_type: words for one error type of pydantic, such as `string_too_long`; may use its named values.
    """

    missing: str = ""
    wrong: str = ""
    by_type: Mapping[str, str] = field(default_factory=dict)


FILL_IN = msg("This needs an answer")
CHOOSE = msg("Choose one of the answers")
CHECK = msg("Check this answer. It is not in a form that we can read")
WHOLE = msg("Write a whole number, such as 12")
NUMBER = msg("Write a number")
AT_LEAST = msg("The number must be {ge} or more")
AT_MOST = msg("The number must be {le} or less")
MOMENT = msg("Write a date and a time that exist")
DAY = msg("Write a date that exists")
TIME = msg("Write a time that exists, such as 17:00")
EMAIL = msg("Write an e-mail address in full, such as name@example.org")

WORDS: Mapping[str, str] = {
    "missing": FILL_IN,
    "string_too_short": msg("Write at least {min_length} characters"),
    "string_too_long": msg("Write at most {max_length} characters"),
    "string_type": CHECK,
    "string_pattern_mismatch": CHECK,
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": msg("The number is too large"),
    "int_from_float": WHOLE,
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "decimal_type": NUMBER,
    "decimal_parsing": NUMBER,
    "decimal_max_places": NUMBER,
    "decimal_max_digits": msg("The number is too large"),
    "finite_number": NUMBER,
    "greater_than": msg("The number must be more than {gt}"),
    "greater_than_equal": AT_LEAST,
    "less_than": msg("The number must be less than {lt}"),
    "less_than_equal": AT_MOST,
    "bool_type": CHOOSE,
    "bool_parsing": CHOOSE,
    "enum": CHOOSE,
    "literal_error": CHOOSE,
    "datetime_type": MOMENT,
    "datetime_parsing": MOMENT,
    "datetime_from_date_parsing": MOMENT,
    "datetime_object_invalid": MOMENT,
    "timezone_naive": MOMENT,
    "timezone_aware": MOMENT,
    "datetime_past": msg("Write a time that has been"),
    "datetime_future": msg("Write a time that is still to come"),
    "date_type": DAY,
    "date_parsing": DAY,
    "date_from_datetime_parsing": DAY,
    "date_from_datetime_inexact": DAY,
    "date_past": msg("Write a date that has been"),
    "date_future": msg("Write a date that is still to come"),
    "time_type": TIME,
    "time_parsing": TIME,
    "too_short": msg("Choose or fill in at least {min_length}"),
    "too_long": msg("Choose or fill in at most {max_length}"),
    "email": EMAIL,
    "url_parsing": msg("Write a web address in full, such as https://example.org"),
    "url_scheme": msg("Write a web address in full, such as https://example.org"),
}
"""Human words by error type; every other type is `CHECK`."""

NUMBERS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}


def problem(error: ErrorDetails, model: type[BaseModel] | None = None, *, skip: int = 0, join: str = ".") -> Problem:
    """One validation error in human words.

    Args:
        error: from `ValidationError.errors(include_input=False, include_url=False)`.
        model: looked up for `Says` of its fields.
        skip: how many steps of the error's place to leave out, such as 1 for FastAPI's `body`.
        join: what stands between the steps of a nested field's name.
    """
    kind = error["type"]
    place = error["loc"][skip:]
    context = error.get("ctx", {})
    if kind == "value_error":
        # Our own validators raise ValueError(msg(…)); the e-mail check has the type without the exception.
        raised = context.get("error")
        if isinstance(raised, Exception):
            return Problem(join.join(str(step) for step in place), str(raised))
        kind = "email"
    words = WORDS.get(kind, CHECK)
    values: dict[str, object] = {name: value for name, value in context.items() if isinstance(value, int | float)}
    if kind in NUMBERS and not values:
        words = CHECK
    if kind == "string_too_short" and values.get("min_length") == 1:
        words, kind = FILL_IN, "missing"
    own = _own_words(model, place, kind)
    return Problem(join.join(str(step) for step in place), own or words, values)


def _own_words(model: type[BaseModel] | None, place: Sequence[int | str], kind: str) -> str:
    if model is None or not place or not isinstance(place[0], str):
        return ""
    for name, info in model.model_fields.items():
        if place[0] not in (name, info.alias):
            continue
        if len(place) > 1:
            inner = rows_model(info.annotation) or info.annotation
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                return _own_words(inner, place[2:] if isinstance(place[1], int) else place[1:], kind)
        for mark in reversed(info.metadata):
            if isinstance(mark, Says):
                if kind == "missing":
                    return mark.missing or mark.by_type.get("missing", "")
                return mark.by_type.get(kind) or mark.wrong
    return ""


def rows_model(annotation: object) -> type[BaseModel] | None:
    """The model inside a `list[Model]` or `Model | None`, or None."""
    for inner in getattr(annotation, "__args__", ()):
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner
    return None
