"""Every message that a reader can meet exists in Swedish and Danish."""

import shutil
from pathlib import Path

import pytest

from shared.web import messages
from shared.web.language import HERE

ROOT = HERE.parent.parent
SERVICES = sorted(path.parent for path in ROOT.glob("services/*/templates"))


def test_the_shared_messages_are_translated() -> None:
    assert messages.update(ROOT / "shared", write=False).lines == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_a_services_messages_are_translated(service: Path) -> None:
    assert messages.update(service, write=False).lines == []


CODE = """
from shared.errors import Conflict, DomainError, Problem
from shared.web import msg

MENU = (msg("Menu"),)

class SessionIsFull(Conflict):
    def __init__(self, free: int) -> None:
        super().__init__("Only {free} places are left", free=free)

class TooLate(SessionIsFull): ...

def rule(words, n):
    raise TooLate("It " "has begun") if n else DomainError("Two", field="x")
    Problem("name", "Three")
    form.problem("name", message="Four" if n else "Five")
    words.count("{n} place", "{n} places", n)
    raise DomainError(f"Six {n}")
    other("not this"), {"_": "nor this"}
    raise DomainError("Calendar")
"""
PAGE = """{% extends "base.html" %}{{ _("Seven {n}", n=1) }} {{ ngettext("one", "many", 2) }}
{% block main %}<p title="{{ _('Eight') }}">{{ _(name) }}</p>{% endblock %}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "templates" / "mail.txt").write_text('{{ _("Nine") }}', encoding="utf-8")
    (tmp_path / "domain.py").write_text(CODE, encoding="utf-8")
    return tmp_path


def test_extracts_from_templates_and_code(folder: Path) -> None:
    report = messages.Report()
    found = {one.message for one in messages.extract(folder, report)}
    assert found == {
        "Menu", "Only {free} places are left", "It has begun", "Two", "Three", "Four", "Five", "Calendar",
        ("{n} place", "{n} places"), "Seven {n}", ("one", "many"), "Eight", "Nine",
    }  # fmt: skip
    assert len(report.lines) == 1
    assert "f-string" in report.lines[0]


def test_keeps_translations_and_names_what_is_missing(folder: Path) -> None:
    assert messages.main([str(folder)]) == 1
    path = folder / "locale" / "sv.po"
    text = path.read_text(encoding="utf-8")
    assert '"Language: sv\\n"' in text
    assert 'msgid "Calendar"' not in text, "the shared catalogue has it"
    path.write_text(text.replace('msgid "Nine"\nmsgstr ""', 'msgid "Nine"\nmsgstr "Nio"'), encoding="utf-8")
    messages.update(folder, write=True)
    again = path.read_text(encoding="utf-8")
    assert 'msgstr "Nio"' in again
    lines = messages.update(folder, write=False).lines
    assert not [line for line in lines if "sv.po" in line and line.endswith("Nine")]
    assert [line for line in lines if "da.po: missing: Nine" in line]


def test_writing_twice_changes_nothing(folder: Path) -> None:
    messages.update(folder, write=True)
    first = (folder / "locale" / "da.po").read_bytes()
    messages.update(folder, write=True)
    assert (folder / "locale" / "da.po").read_bytes() == first


def test_a_translation_that_loses_a_value_or_is_left_over_is_a_fault(folder: Path) -> None:
    messages.update(folder, write=True)
    path = folder / "locale" / "sv.po"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('msgid "Seven {n}"\nmsgstr ""', 'msgid "Seven {n}"\nmsgstr "Sju {antal}"')
        + '\nmsgid "Ten"\nmsgstr "Tio"\n',
        encoding="utf-8",
    )
    lines = messages.update(folder, write=False).lines
    assert [line for line in lines if line.endswith("other {values} than the message: Seven {n}")]
    assert [line for line in lines if line.endswith("left over: Ten")]


def test_checking_writes_nothing(folder: Path) -> None:
    assert messages.main([str(folder), "--check"]) == 1
    assert not (folder / "locale").exists()
    shutil.rmtree(folder / "templates")
    (folder / "domain.py").unlink()
    assert messages.main([str(folder), "--check"]) == 0
