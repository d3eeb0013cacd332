"""What the platform has sent, for tests that follow its links."""

import asyncio
from typing import Any

import httpx


async def newest(api: httpx.AsyncClient, address: str, holds: str = "") -> dict[str, Any]:
    """The newest mail to an address whose links contain some text; waits for it."""
    async with asyncio.timeout(20):
        while True:
            mails = (await api.get("/api/notification/trial/mail", params={"to": address})).json()["mails"]
            for mail in reversed(mails):
                if any(holds in link for link in mail["links"]):
                    return dict(mail)
            await asyncio.sleep(0.1)
