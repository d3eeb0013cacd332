"""Reading a story: what is wrong with a file is said by line and field, all of it at once."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ValidationError

LARGEST_FILE = 1_000_000

FieldPath = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)


def _time(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("should be a time, such as 2025-01-28T17:00:00+01:00")
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"is no time: {str(error).partition(':')[0].lower()}") from None


Moment = Annotated[AwareDatetime, BeforeValidator(_time)]


class StoryError(Exception):
    """A story that cannot be played.

    Attributes:
        problems: one sentence each, with file, line and field.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Loader(yaml.SafeLoader):
    """Leaves times as they are written, so that an impossible one is an error of its field."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_file(path: Path) -> str:
    """The text of a story's file.

    Raises:
        StoryError: it cannot be read.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise StoryError([f"{path}: larger than a story can be (1 MB)"])
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise StoryError([f"{path}: {(error.strerror or str(error)).lower()}"]) from None
    except UnicodeDecodeError:
        raise StoryError([f"{path}: is not UTF-8 text"]) from None


def parse(
    text: str,
    name: str,
    choose: Callable[[dict[str, Any]], type[M]],
    contradictions: Callable[[M], Iterator[tuple[FieldPath, str]]],
) -> M:
    """Hold YAML text against a model; `name` begins each message.

    Args:
        choose: the model for what the file holds.
        contradictions: what each field allows but the story as a whole does not.

    Raises:
        StoryError: the text is not YAML, or cannot be played as it stands.
    """
    try:
        data, lines, doubled = _load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        raise StoryError([f"{where}: not YAML: {error.problem or error.context}"]) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise StoryError([f"{name}: not YAML: {error}"]) from None

    def say(path: FieldPath, message: str) -> str:
        at = path
        while at not in lines and at:
            at = at[:-1]
        return f"{name}:{lines.get(at, 1)}: {_dotted(path)}: {message}"

    if doubled:
        raise StoryError([say(path, "is given twice") for path in doubled])
    if not isinstance(data, dict):
        raise StoryError([f"{name}: a story is a mapping of fields, beginning with `story:`"])
    try:
        story = choose(data).model_validate(data)
    except ValidationError as error:
        raise StoryError([say(_path(e["loc"]), _message(dict(e))) for e in error.errors()]) from None
    problems = [say(path, message) for path, message in contradictions(story)]
    if problems:
        raise StoryError(problems)
    return story


def _load(text: str) -> tuple[Any, dict[FieldPath, int], list[FieldPath]]:
    """The data, the line of each field, and fields that are given twice."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return None, {}, []
        lines: dict[FieldPath, int] = {}
        doubled: list[FieldPath] = []

        def walk(node: yaml.Node, path: FieldPath) -> None:
            lines.setdefault(path, node.start_mark.line + 1)
            if isinstance(node, yaml.MappingNode):
                seen = set()
                for key_node, value_node in node.value:
                    key = loader.construct_object(key_node, deep=True)
                    if not isinstance(key, str | int):
                        raise ValueError(f"line {key_node.start_mark.line + 1}: a field's name is text")
                    if key in seen:
                        doubled.append((*path, key))
                    seen.add(key)
                    lines[(*path, key)] = key_node.start_mark.line + 1
                    walk(value_node, (*path, key))
            elif isinstance(node, yaml.SequenceNode):
                for index, child in enumerate(node.value):
                    walk(child, (*path, index))

        walk(root, ())
        return loader.construct_document(root), lines, doubled
    finally:
        loader.dispose()


def _path(location: tuple[str | int, ...]) -> FieldPath:
    return tuple(part for part in location if part != "[key]")


def _dotted(path: FieldPath) -> str:
    dotted = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return dotted.removeprefix(".") or "story"


def _message(error: dict[str, Any]) -> str:
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field of a story"
        case "timezone_aware":
            return "needs a time zone, such as 2025-01-28T17:00:00+01:00"
    message = str(error["msg"]).removeprefix("Input ").removeprefix("Value error, ")
    given = error.get("input")
    return f"{message} (it is {given!r})" if isinstance(given, str | int | float | bool) else message
