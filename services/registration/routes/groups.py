"""Conversation groups."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from motesplats_events import Role
from services.registration import store
from services.registration.domain.groups import Group, Groups, Pairs, proposed
from services.registration.use_cases import groups
from shared.access import Staff, may, staff
from shared.delivery import Delivery
from shared.text import Line

SignedIn = Annotated[Staff, Depends(staff)]


class GroupIO(BaseModel):
    """One conversation group."""

    name: Line
    roles: Annotated[list[Role], Field(min_length=1)]
    members: list[str] = []

    def group(self) -> Group:
        """The same as the rules take it."""
        return Group(self.name, frozenset(self.roles), tuple(self.members))

    @classmethod
    def of(cls, group: Group) -> "GroupIO":
        """As it now stands."""
        return cls(name=group.name, roles=sorted(group.roles), members=list(group.members))


class GroupsIO(BaseModel):
    """The conversation groups of a programme.

    Attributes:
        version: of the groups that were read; whoever saves an older one is refused.
    """

    groups: list[GroupIO]
    pairs: Pairs = Pairs.TOGETHER
    version: int = 0

    @classmethod
    def of(cls, groups: Groups) -> "GroupsIO":
        """As they now stand."""
        return cls(groups=[GroupIO.of(g) for g in groups.groups], pairs=groups.pairs, version=groups.version)


def router(delivery: Delivery) -> APIRouter:
    """Routes about the groups of a programme."""
    api = APIRouter()
    reading = delivery.reading

    @api.get("/programmes/{programme_id}/groups")
    async def shown(programme_id: str, staff: SignedIn) -> GroupsIO:
        """The groups, with participant ids."""
        may(staff, await store.programme(reading, programme_id))
        return GroupsIO.of(await store.groups(reading, programme_id))

    @api.post("/programmes/{programme_id}/groups/proposal")
    async def propose(programme_id: str, wanted: GroupsIO, staff: SignedIn) -> GroupsIO:
        """An even split of everybody into these groups, to look at and change; stores nothing."""
        may(staff, await store.programme(reading, programme_id))
        people = await groups.people_to_group(reading, programme_id)
        found = proposed([group.group() for group in wanted.groups], people, wanted.pairs)
        return wanted.model_copy(update={"groups": [GroupIO.of(group) for group in found]})

    @api.put("/programmes/{programme_id}/groups")
    async def save(programme_id: str, wanted: GroupsIO, staff: SignedIn) -> GroupsIO:
        """Store the groups."""
        made = [group.group() for group in wanted.groups]
        return GroupsIO.of(
            await delivery.transact(
                lambda tx: groups.save_groups(tx, programme_id, made, wanted.pairs, wanted.version, staff),
                key=programme_id,
            )
        )

    return api
