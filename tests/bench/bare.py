"""A bare FastAPI route that does one durable transactional write: python -m tests.bench.bare"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from shared import mongo
from shared.settings import Settings


class Registering(BaseModel):
    """What the form holds."""

    role: str
    name: str
    email: str
    consent: bool


def app(settings: Settings) -> FastAPI:
    """The application."""
    db = mongo.connect(settings, "bare")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await mongo.check(db)
        await db.create_collection("rows")
        yield
        mongo.close(db)

    bare = FastAPI(lifespan=lifespan)

    @bare.get("/health/ready")
    async def ready() -> dict[str, str]:
        """It serves."""
        return {"status": "ready"}

    @bare.post("/")
    async def register(sent: Registering) -> dict[str, Any]:
        """Write it."""

        async def work(session: mongo.Session) -> None:
            await db.rows.insert_one(sent.model_dump(), session=session)

        await mongo.in_transaction(db, work)
        return {"status": "received"}

    return bare


if __name__ == "__main__":
    # Everything it needs comes from the environment.
    own = Settings()
    uvicorn.run(app(own), host=own.host, port=own.port, log_level="critical", access_log=False, timeout_keep_alive=75)
