"""Forms: what was typed, what it means, and what is wrong with it in words for a person.

Nothing typed is lost when a form fails. Names of fields: `name`; `at-date` and `at-time` for a moment;
`sessions-0-theme` for a field of a list of models.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from fastapi import Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, ValidationError

from shared.errors import DomainError, Problem
from shared.text import several_lines
from shared.web import wording
from shared.web.language import msg

M = TypeVar("M", bound=BaseModel)

MOST_ROWS = 200


def _ticked(value: bool) -> bool:
    if not value:
        raise ValueError(TICK)
    return value


TICK = msg("Tick the box to go on")
Ticked = Annotated[bool, AfterValidator(_ticked), wording.Says(missing=TICK)]
"""A box that has to be ticked, such as a consent. Override the words with a further `Says`."""


class Form(Generic[M]):
    """One form, as it is shown and as it was sent.

    Attributes:
        values: what was typed, by field name; always as it was typed.
        errors: the first problem of each field, in the order of the fields; "" holds one of the whole form.
        value: the answers as the model, when all of them fit.
    """

    def __init__(self, values: Mapping[str, Sequence[str]] | None = None) -> None:
        self.values: dict[str, list[str]] = {name: list(given) for name, given in (values or {}).items()}
        self.errors: dict[str, Problem] = {}
        self.value: M | None = None

    @classmethod
    def of(cls, values: Mapping[str, object] | BaseModel, zone: ZoneInfo | None = None) -> "Form[M]":
        """A form that shows these values; `zone` is needed when there are moments among them."""
        given = values.model_dump() if isinstance(values, BaseModel) else values
        flat: dict[str, list[str]] = {}
        for name, value in given.items():
            _flatten(name, value, zone, flat)
        return cls(flat)

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form."""
        return 422 if self.errors else 200

    def text(self, name: str) -> str:
        """What was typed in a field, or nothing."""
        return next(iter(self.values.get(name, ())), "")

    def has(self, name: str, value: object) -> bool:
        """Whether this answer of a choice was taken."""
        return str(value) in self.values.get(name, ())

    def error(self, name: str) -> Problem | None:
        """What is wrong with a field."""
        return self.errors.get(name)

    def rows(self, name: str, at_least: int = 0) -> range:
        """The indexes of a list of rows: those sent, and so many that there are `at_least` that many."""
        pattern = re.compile(re.escape(name) + r"-(\d{1,4})-")
        sent = [int(found[1]) for field in self.values if (found := pattern.match(field))]
        return range(min(max([*(i + 1 for i in sent), at_least]), MOST_ROWS))

    def problem(self, field: str, message: str, **values: object) -> None:
        """Add a problem; the first one of a field stands."""
        self.errors.setdefault(field, Problem(field, message, values))
        self.value = None

    def fail(self, error: DomainError) -> None:
        """Take over what a rule said about the answers.

        Raises:
            DomainError: the same, when it is not about the answers (not found, gone, forbidden).
        """
        if error.status not in {409, 422}:
            raise error
        for problem in error.problems:
            self.problem(problem.field.replace(".", "-"), problem.message, **problem.values)


async def read_form(request: Request, model: type[M]) -> Form[M]:
    """Read what was sent and hold it against `model`.

    Blank fields count as not filled in. `form.value` is set when everything fits, else `form.errors`.
    """
    sent = await request.form(max_files=0, max_fields=2000)
    typed = [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]
    return _read(typed, model, request)


def read_query(request: Request, model: type[M]) -> Form[M]:
    """The same for a form that is sent with GET, such as a filter."""
    return _read(parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=200), model, request)


def _read(sent: Iterable[tuple[str, str]], model: type[M], request: Request) -> Form[M]:
    form: Form[M] = Form()
    for name, value in sent:
        form.values.setdefault(name, []).append(value.replace("\x00", ""))
    zone: ZoneInfo = request.app.state.settings.zone
    tree, places = _tree(form.values)
    try:
        form.value = model.model_validate(_fitted(tree, model, zone))
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            problem = wording.problem(found, model, join="-")
            form.problem(_as_sent(problem.field, places), problem.message, **problem.values)
    except DomainError as error:
        form.fail(error)
    return form


def _tree(values: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Nested data from flat names without blank rows, and the indexes that the rows of each list had."""
    tree: dict[str, Any] = {}
    rows: dict[str, dict[int, dict[str, list[str]]]] = {}
    for name, given in values.items():
        kept = [text for text in (_meant(value) for value in given) if text]
        row = re.fullmatch(r"([^-]+)-(\d{1,4})-(.+)", name)
        if row and int(row[2]) < MOST_ROWS:
            if kept:
                rows.setdefault(row[1], {}).setdefault(int(row[2]), {})[row[3]] = kept
        elif kept:
            head, _, rest = name.partition("-")
            if rest:
                inner = tree.setdefault(head, {})
                if isinstance(inner, dict):
                    inner[rest] = kept
            else:
                tree[head] = kept
    places: dict[str, list[int]] = {}
    for name, by_index in rows.items():
        places[name] = sorted(by_index)
        tree[name] = [_tree(by_index[index])[0] for index in places[name]]
    return tree, places


def _meant(typed: str) -> str:
    return several_lines(unicodedata.normalize("NFC", typed))


def _as_sent(name: str, places: Mapping[str, list[int]]) -> str:
    head, _, rest = name.partition("-")
    index, _, field = rest.partition("-")
    if head in places and index.isdigit() and int(index) < len(places[head]):
        return f"{head}-{places[head][int(index)]}" + (f"-{field}" if field else "")
    return name


def _fitted(tree: Mapping[str, Any], model: type[BaseModel], zone: ZoneInfo) -> dict[str, Any]:
    fitted: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        key = info.alias or name
        if key not in tree:
            continue
        given = tree[key]
        kinds = _kinds(info.annotation)
        inner = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        rows = wording.rows_model(info.annotation)
        if isinstance(given, list) and given and isinstance(given[0], dict):
            fitted[key] = [_fitted(row, rows, zone) for row in given] if rows else None
        elif datetime in kinds or AwareDatetime in kinds:
            fitted[key] = _moment(given, zone)
        elif isinstance(given, dict):
            fitted[key] = _fitted(given, inner, zone) if inner else None
        elif any((get_origin(kind) or kind) in {list, set, tuple, frozenset} for kind in kinds):
            fitted[key] = given
        elif float in kinds:
            fitted[key] = given[0].replace(",", ".").replace("\u2212", "-")
        elif str not in kinds and int in kinds:
            fitted[key] = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d)", "", given[0])
        else:
            fitted[key] = given[0]
    return fitted


def _kinds(annotation: object) -> list[Any]:
    """The types that an annotation allows, without `Annotated` and unions."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return [kind for part in get_args(annotation) for kind in _kinds(part)]
    return [annotation]


def _moment(given: object, zone: ZoneInfo) -> object:
    """A moment in `zone` from a date and a time of day; anything odd is left for the model to refuse."""
    if isinstance(given, dict):
        day, time = (next(iter(given.get(part, ())), "") for part in ("date", "time"))
        text = f"{day}T{time}"
    elif isinstance(given, list) and given:
        text = str(given[0])
    else:
        return given
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", text):
        return "not a moment" if "T" not in text or isinstance(given, dict) else text
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=zone)
        real = datetime.fromtimestamp(local.timestamp(), zone)
    except (ValueError, OverflowError):
        return "not a moment"
    # The hour that summer time skips does not exist.
    return local if real.replace(tzinfo=None) == local.replace(tzinfo=None) else "not a moment"


def _flatten(name: str, value: object, zone: ZoneInfo | None, into: dict[str, list[str]]) -> None:
    if value is None or value is False:
        return
    if value is True:
        into[name] = ["yes"]
    elif isinstance(value, BaseModel):
        _flatten(name, value.model_dump(), zone, into)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _flatten(f"{name}-{key}", inner, zone, into)
    elif isinstance(value, datetime):
        if zone is None:
            raise ValueError("a form with moments needs the zone in which they are shown")
        local = value.astimezone(zone)
        into[f"{name}-date"], into[f"{name}-time"] = [local.date().isoformat()], [f"{local:%H:%M}"]
    elif isinstance(value, date):
        into[name] = [value.isoformat()]
    elif isinstance(value, list | tuple | set | frozenset):
        items = list(value)
        if any(isinstance(item, Mapping | BaseModel) for item in items):
            for index, item in enumerate(items):
                _flatten(f"{name}-{index}", item, zone, into)
        else:
            into[name] = [str(item) for item in items]
    else:
        into[name] = [str(value)]
