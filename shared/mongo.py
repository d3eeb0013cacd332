"""The only module that knows the MongoDB driver.

Every write is acknowledged by a majority and its journal, every transaction reads what a majority has.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC
from typing import Any, TypeAlias, TypeVar

from bson.codec_options import CodecOptions
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import ReadPreference, UpdateOne, WriteConcern
from pymongo.errors import ConnectionFailure, DuplicateKeyError, ExecutionTimeout, PyMongoError, WTimeoutError
from pymongo.read_concern import ReadConcern

from shared.settings import Settings, UnsafeSetting

Document: TypeAlias = dict[str, Any]
Database: TypeAlias = AsyncIOMotorDatabase[Document]
Collection: TypeAlias = AsyncIOMotorCollection[Document]
Session: TypeAlias = AsyncIOMotorClientSession

T = TypeVar("T")

DURABLE = WriteConcern("majority", j=True)
COMMITTED = ReadConcern("majority")
# A store may look up a long list of ids one by one through all of the list.
IDS_AT_ONCE = 100

__all__ = ["Database", "Document", "DuplicateKeyError", "Session", "UpdateOne", "is_away", "is_outage"]


def connect(settings: Settings, service: str) -> Database:
    """The database of one service. Nothing is sent before the first use."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        settings.mongodb_uri.get_secret_value(),
        appname=f"motesplats-{service}",
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=5_000,
        uuidRepresentation="standard",
    )
    options: CodecOptions[Document] = CodecOptions(tz_aware=True, tzinfo=UTC)
    return client.get_database(
        f"{settings.mongodb_prefix}_{service}",
        codec_options=options,
        write_concern=DURABLE,
        read_concern=COMMITTED,
        read_preference=ReadPreference.PRIMARY,
    )


async def check(db: Database) -> None:
    """Refuse a store on which an acknowledged write can be lost.

    Raises:
        UnsafeSetting: it is no replica set, or has an arbiter.
    """
    hello = await db.client.admin.command("hello")
    if not hello.get("setName"):
        raise UnsafeSetting(
            "MONGODB_URI names a single server; transactions need a replica set (start mongod with --replSet)"
        )
    if hello.get("arbiters"):
        raise UnsafeSetting(
            "the replica set has an arbiter, which weakens majority writes; replace it with a member that holds data"
        )


async def in_transaction(db: Database, work: Callable[[Session], Awaitable[T]]) -> T:
    """Run `work` in a transaction, again after a conflict. `work` may run more than once."""

    async def attempt(session: Session) -> T:
        return await work(session)

    async with await db.client.start_session() as session:
        result: T = await session.with_transaction(
            attempt,
            read_concern=COMMITTED,
            write_concern=DURABLE,
            read_preference=ReadPreference.PRIMARY,
        )
        return result


async def by_ids(
    rows: Collection,
    ids: Iterable[Any],
    fields: Document | None,
    session: Session | None,
    *,
    field: str = "_id",
    **where: Any,
) -> AsyncIterator[Document]:
    """The rows with these ids that are there, however many are asked for.

    Args:
        fields: what is read of each; None for all.
        field: where the id stands.
        where: what else must be so.
    """
    asked = list(ids)
    for first in range(0, len(asked), IDS_AT_ONCE):
        query = {field: {"$in": asked[first : first + IDS_AT_ONCE]}, **where}
        async for row in rows.find(query, fields, session=session):
            yield row


def is_away(error: BaseException) -> bool:
    """True when the store cannot be reached at all."""
    return isinstance(error, ConnectionFailure)


def is_outage(error: BaseException) -> bool:
    """True when the store is away or too busy, so that waiting helps; False when the same call will fail again."""
    if isinstance(error, ConnectionFailure | WTimeoutError | ExecutionTimeout):
        return True
    return isinstance(error, PyMongoError) and (
        error.has_error_label("TransientTransactionError")
        or error.has_error_label("UnknownTransactionCommitResult")
        or error.has_error_label("RetryableWriteError")
    )


def close(db: Database) -> None:
    """Close the connections."""
    db.client.close()
