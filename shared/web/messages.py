"""The message catalogues of one folder: `python -m shared.web.messages services/evaluation [--check]`.

Extracts what is written to be translated from templates and code, updates `locale/sv.po` and `locale/da.po`,
keeps what is translated and names what is not. With `--check` nothing is written.

Exit status 1 when a translation is missing, is left over, or has other `{values}` than its message.
"""

import argparse
import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from shared.web.language import HERE

SHARED = HERE.parent
TRANSLATED = ("sv", "da")
FUNCTIONS = {"_": 0, "msg": 0, "say": 0, "gettext": 0, "Problem": 1, "problem": 1}
"""Which argument of a call is a message."""

COUNTING = {"ngettext", "count"}
RULES = {"DomainError", "SignInNeeded", "Forbidden", "NotFound", "Conflict", "Gone", "Refused"}
"""Errors whose first argument is a message; their subclasses are found by themselves."""

HEADER = """msgid ""
msgstr ""
"Language: {lang}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


@dataclass(frozen=True)
class Found:
    """A message where it is written."""

    message: str | tuple[str, str]
    file: str
    line: int


@dataclass
class Report:
    """What is wrong with the catalogues of a folder."""

    lines: list[str] = field(default_factory=list)

    def add(self, where: str, what: str, message: str | Sequence[str]) -> None:
        """Note one fault."""
        first = message if isinstance(message, str) else message[0]
        self.lines.append(f"{where}: {what}: {first}")


def extract(folder: Path, report: Report | None = None) -> list[Found]:
    """Everything in a folder that is to be translated. For the shared folder: everything but the events."""
    found: list[Found] = []
    rules = _rules(folder)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.startswith(("events/", "locale/")) or not path.is_file():
            continue
        if path.suffix == ".py":
            found += _from_code(path, name, report or Report(), rules)
        elif "templates" in path.parts:
            with path.open("rb") as source:
                for line, _, message, _ in babel_extract(source, ("_", "ngettext"), [], {"encoding": "utf-8"}):
                    found += _template_message(message, name, line)
    return found


def _template_message(message: object, name: str, line: int) -> Iterator[Found]:
    if isinstance(message, str):
        yield Found(message, name, line)
    elif isinstance(message, tuple):
        texts = [part for part in message if isinstance(part, str)]
        if len(texts) >= 2:
            yield Found((texts[0], texts[1]), name, line)
        elif texts:
            yield Found(texts[0], name, line)


def _rules(folder: Path) -> set[str]:
    """The names of all errors that carry a message, in this folder."""
    bases: dict[str, set[str]] = {}
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(_name(base) for base in node.bases)
    rules = set(RULES)
    while more := {name for name, parents in bases.items() if name not in rules and parents & rules}:
        rules |= more
    return rules


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _from_code(path: Path, name: str, report: Report, rules: set[str]) -> Iterator[Found]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _from_call(node, _name(node.func), name, report, rules)
        elif isinstance(node, ast.ClassDef) and node.name in rules:
            for call in (inner for inner in ast.walk(node) if isinstance(inner, ast.Call)):
                func = call.func
                if isinstance(func, ast.Attribute) and func.attr == "__init__" and call.args:
                    yield from _texts(call.args[0], name, report)


def _from_call(node: ast.Call, called: str, name: str, report: Report, rules: set[str]) -> Iterator[Found]:
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    if called in COUNTING and len(node.args) >= 3:
        pair = [argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)]
        if len(pair) == 2 and all(isinstance(text, str) for text in pair):
            yield Found((str(pair[0]), str(pair[1])), name, node.lineno)
        return
    place = 0 if called in rules else FUNCTIONS.get(called)
    if place is None:
        return
    if len(node.args) > place:
        yield from _texts(node.args[place], name, report)
    elif "message" in keywords:
        yield from _texts(keywords["message"], name, report)


def _texts(node: ast.expr, name: str, report: Report) -> Iterator[Found]:
    """The literal messages in an expression. A variable is fine: it was marked where it was written."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        # Nothing but values is nothing to translate.
        if any(text.strip() for text, *_ in Formatter().parse(node.value)):
            yield Found(node.value, name, node.lineno)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, name, report)
        yield from _texts(node.orelse, name, report)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value, name, report)
    elif isinstance(node, ast.JoinedStr):
        report.add(f"{name}:{node.lineno}", "an f-string cannot be translated", ast.unparse(node))


def update(folder: Path, *, write: bool) -> Report:
    """Bring the catalogues of a folder up to date, or only look at them.

    Args:
        folder: a service's folder, or `shared` for the shared catalogues in `shared/web/locale`.
        write: whether to write them.
    """
    folder = folder.resolve()
    source, target = (SHARED, HERE) if folder in {SHARED, HERE} else (folder, folder)
    report = Report()
    found = extract(source, report)
    for lang in TRANSLATED:
        path = target / "locale" / f"{lang}.po"
        old = _read(path, lang)
        shared = Catalog() if target == HERE else _read(HERE / "locale" / f"{lang}.po", lang)
        new = Catalog(locale=lang)
        for one in found:
            known = old.get(_id(one.message))
            if shared.get(_id(one.message)) is not None and not (known and _translated(known)):
                continue
            new.add(
                one.message,
                known.string if known else None,
                locations=[(one.file, 0)],
                user_comments=known.user_comments if known else (),
            )
        _examine(new, old, path, report)
        if write and (path.exists() or len(new)):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(_packed(new, lang))
    return report


def _examine(new: Catalog, old: Catalog, path: Path, report: Report) -> None:
    where = f"{path.parent.parent.name}/locale/{path.name}"
    for message in new:
        if not message.id:
            continue
        if not _translated(message):
            report.add(where, "missing", message.id)
        elif _values(_strings(message.id)) != _values(_strings(message.string)):
            report.add(where, "other {values} than the message", message.id)
    for message in old:
        if message.id and new.get(_id(message.id)) is None:
            report.add(where, "left over", message.id)


def _strings(value: str | Sequence[str] | None) -> Sequence[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _id(message: str | Sequence[str]) -> str:
    return message if isinstance(message, str) else message[0]


def _translated(message: Message) -> bool:
    return bool(message.string) and all(_strings(message.string))


def _values(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def _read(path: Path, lang: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=lang)
    with path.open("rb") as source:
        return read_po(source, locale=lang)


def _packed(catalogue: Catalog, lang: str) -> bytes:
    body = BytesIO()
    write_po(body, catalogue, width=110, omit_header=True, sort_output=True, include_lineno=False)
    return HEADER.format(lang=lang).encode() + body.getvalue().strip() + b"\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m shared.web.messages", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, help="services/evaluation, or shared")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    faults = [line for folder in options.folders for line in update(folder, write=not options.check).lines]
    if not options.check:
        faults = [line for line in faults if ": left over: " not in line]
    for line in faults:
        sys.stdout.write(line + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
