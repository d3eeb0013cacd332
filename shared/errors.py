"""Errors that are facts with names: a rule said no, and says it to a person.

A message is an English message id with named values (`"Only {free} places are left"`); whoever shows it translates it.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field.

    Attributes:
        field: the field's name in the form or JSON body; empty when no single field is to blame.
        message: English message id.
        values: what the message's named places stand for.
    """

    field: str
    message: str
    values: dict[str, object] = dataclasses.field(default_factory=dict)


class DomainError(Exception):
    """A rule said no.

    Attributes:
        status: the HTTP status that says the same.
        code: a stable name for programs, used as the problem type.
    """

    status: ClassVar[int] = 422
    code: ClassVar[str] = "not-possible"

    def __init__(self, message: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.values = values

    @property
    def problems(self) -> Sequence[Problem]:
        """The same, field by field."""
        return [Problem(self.field or "", self.message, self.values)]


class Invalid(DomainError):
    """Several fields are wrong at once."""

    code = "invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("Some answers need to be put right")
        self._problems = list(problems)

    @property
    def problems(self) -> Sequence[Problem]:
        return self._problems


class SignInNeeded(DomainError):
    """The page or route is for staff who have signed in."""

    status = 401
    code = "sign-in-needed"


class Forbidden(DomainError):
    """Signed in, but this belongs to somebody else."""

    status = 403
    code = "forbidden"


class NotFound(DomainError):
    """There is no such thing."""

    status = 404
    code = "not-found"


class Conflict(DomainError):
    """It was changed, or has already been done."""

    status = 409
    code = "conflict"


class Gone(DomainError):
    """A link that was used, has expired, was revoked or never worked."""

    status = 410
    code = "gone"
