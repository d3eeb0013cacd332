"""Figures and labels of reports in the reader's language."""

from datetime import date

from services.evaluation.domain.reports.report import Kind, Label, Number, Said, Value
from shared.web.language import Translator


class Words:
    """Says what a report holds.

    Attributes:
        lang: `sv`, `da` or `en`.
    """

    def __init__(self, translator: Translator) -> None:
        self.lang = translator.lang
        self._translator = translator

    def text(self, label: Label) -> str:
        """A label or sentence; a date is a month."""
        if isinstance(label, date):
            return f"{self._translator.month(label)} {label.year}"
        if isinstance(label, str):
            return label
        values = {name: self._value(value) for name, value in label.values.items()}
        if label.plural is None:
            return self._translator.say(label.message, **values)
        return self._translator.count(label.message, label.plural, label.n, **values)

    def short(self, label: Label) -> str:
        """The same under a narrow column: of a month its name, of a January its year."""
        if isinstance(label, date):
            return self._translator.month(label) if label.month > 1 else str(label.year)
        return self.text(label)

    def message(self, message: str) -> str:
        """A message without values."""
        return self._translator.say(message)

    def number(self, number: Number) -> str:
        """A number as its kind is written; nothing where there is none."""
        if number.value is None:
            return ""
        if number.kind is Kind.COUNT:
            return self._translator.number(number.value)
        if number.kind is Kind.MEAN:
            return self._translator.number(number.value, 1)
        sign = "+" if number.kind is Kind.CHANGE and number.value > 0 else ""
        return sign + self._translator.percent(number.value)

    def cell(self, value: float | None, kind: Kind) -> str:
        """The same for a cell of a table."""
        return self.number(Number(kind, value))

    def share(self, value: float) -> str:
        """One end of an interval."""
        return self._translator.percent(value)

    def day(self, day: date) -> str:
        """A date in full."""
        return self._translator.date(day)

    def _value(self, value: Value) -> object:
        if isinstance(value, Number):
            return self.number(value)
        return self.text(value) if isinstance(value, Said) else value
