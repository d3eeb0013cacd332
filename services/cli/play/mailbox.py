"""The mails that invented people get, read from the platform's mail catcher."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from services.cli.play.api import Api, StillMissing
from services.cli.play.people import Person


@dataclass(frozen=True, slots=True)
class Mail:
    """One caught mail."""

    id: str
    to: str
    links: tuple[str, ...]

    def token(self, page: str) -> str | None:
        """The token of the first personal link to a page such as `surveys`."""
        for link in self.links:
            parts = urlsplit(link).path.strip("/").split("/")
            if len(parts) == 2 and parts[0] == page:
                return parts[1]
        return None


class Mailbox:
    """The mails of one playing's people, in the order in which they came.

    Args:
        domain: how the addresses of these people end.
    """

    def __init__(self, api: Api, domain: str) -> None:
        self._api, self._domain = api, domain
        self._mails: dict[str, Mail] = {}
        self._newest = ""

    async def look(self) -> Sequence[Mail]:
        """Fetch what has come since; all mails."""
        while page := await self._page():
            for mail in page:
                self._newest = mail["id"]
                if mail["to"].endswith(self._domain):
                    self._mails[mail["id"]] = Mail(mail["id"], mail["to"], tuple(mail["links"]))
        return list(self._mails.values())

    async def _page(self) -> list[dict[str, Any]]:
        query = {"after": self._newest} if self._newest else {}
        return list((await self._api.get("/api/notification/trial/mail", staff=True, **query))["mails"])

    async def wait(self, numbers: Mapping[str, int], what: str) -> None:
        """Wait until each of these addresses has got so many mails."""

        async def missing() -> Sequence[str]:
            got = Counter(mail.to for mail in await self.look())
            return [f"{to} has {got[to]} of {number}" for to, number in numbers.items() if got[to] < number]

        await self._api.until(missing, what)

    def token(self, person: Person, page: str) -> str:
        """The token of a person's newest link to a page.

        Raises:
            StillMissing: no mail to them holds one.
        """
        for mail in reversed(self._mails.values()):
            if mail.to == person.email and (token := mail.token(page)):
                return token
        raise StillMissing(f"The mails to {person.name} hold no link to /{page}/…")
