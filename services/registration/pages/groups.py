"""The coordinator splits a programme into conversation groups."""

from string import ascii_uppercase
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from motesplats_events import Role
from services.registration import store
from services.registration.domain.groups import Group, Pairs, Person, proposed
from services.registration.settings import Settings
from services.registration.use_cases import groups
from shared.access import Staff, may, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.text import Line
from shared.web import Form, Pages, Says, language, msg, read_form

SignedIn = Annotated[Staff, Depends(staff)]
Few = Annotated[int, Field(ge=0, le=9)]
PATIENTS = msg("Patients {letter}")
RELATIVES = msg("Relatives {letter}")
TOGETHER = msg("Patients and relatives {letter}")


class Proposing(BaseModel):
    """How many groups of each sort somebody wants."""

    patients: Few = 0
    relatives: Few = 0
    mixed: Few = 0
    pairs: Pairs = Pairs.TOGETHER


class GroupRow(BaseModel):
    """One group: its name, and who it is for as `patient relative`."""

    name: Annotated[Line, Says(missing=msg("Give the group a name"))]
    roles: str


class Grouping(BaseModel):
    """The groups with everybody in them.

    Attributes:
        members: everybody as `group:id`, with the number of the group or nothing before the colon. No rows, of which
            a form has a limited number: whoever was beyond it would lose their group.
    """

    groups: list[GroupRow] = []
    members: list[str] = []
    pairs: Pairs = Pairs.TOGETHER
    version: int = 0

    def made(self) -> list[Group]:
        """The same as the rules take it."""
        where = [(group, id) for group, _, id in (one.partition(":") for one in self.members)]
        return [
            Group(
                row.name,
                frozenset(role for role in Role if role.value in row.roles.split()),
                tuple(id for group, id in where if group == str(index)),
            )
            for index, row in enumerate(self.groups)
        ]


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The page under /staff/programmes/{programme_id}/groups."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading

    def form_of(made: list[Group], people: list[Person], pairs: Pairs, version: int) -> Form[Grouping]:
        group_of = {id: index for index, group in enumerate(made) for id in group.members}
        return Form.of(
            {
                "groups": [{"name": g.name, "roles": " ".join(sorted(g.roles))} for g in made],
                "members": [f"{group_of.get(p.participant_id, '')}:{p.participant_id}" for p in people],
                "pairs": pairs,
                "version": version,
            }
        )

    async def page(
        request: Request, programme_id: str, staff: Staff, form: Form[Grouping] | None, asked: Form[Proposing]
    ) -> Response:
        programme = await store.programme(reading, programme_id)
        may(staff, programme)
        people = list(await groups.people_to_group(reading, programme_id))
        if form is None:
            known = await store.groups(reading, programme_id)
            form = form_of(list(known.groups), people, known.pairs, known.version)
        registrations = {r.participant_id: r for r in await store.registrations(reading, programme_id)}
        persons = await store.people(reading, [registrations[one.participant_id].person_id for one in people])
        return pages.render(
            request,
            "staff/groups.html",
            programme=programme,
            asked=asked,
            form=form,
            person_of={p.participant_id: persons[registrations[p.participant_id].person_id] for p in people},
            registration_of=registrations,
            has_pairs=any(one.pair_id for one in people),
        )

    @routes.get("/staff/programmes/{programme_id}/groups")
    async def shown(request: Request, programme_id: str, staff: SignedIn) -> Response:
        asked: Form[Proposing] = Form.of({"patients": 2, "relatives": 1, "mixed": 0, "pairs": "together"})
        return await page(request, programme_id, staff, None, asked)

    @routes.post("/staff/programmes/{programme_id}/groups/proposal")
    async def propose(request: Request, programme_id: str, staff: SignedIn) -> Response:
        may(staff, await store.programme(reading, programme_id))
        asked = await read_form(request, Proposing)
        if asked.value is None:
            return await page(request, programme_id, staff, None, asked)
        wanted = asked.value
        say = pages.catalogues[language(request)].say
        sorts = (
            (wanted.patients, PATIENTS, [Role.PATIENT]),
            (wanted.relatives, RELATIVES, [Role.RELATIVE]),
            (wanted.mixed, TOGETHER, list(Role)),
        )
        made = [
            Group(say(name, letter=ascii_uppercase[index]), frozenset(roles))
            for number, name, roles in sorts
            for index in range(number)
        ]
        people = list(await groups.people_to_group(reading, programme_id))
        version = (await store.groups(reading, programme_id)).version
        split = list(proposed(made, people, wanted.pairs))
        return await page(request, programme_id, staff, form_of(split, people, wanted.pairs, version), asked)

    @routes.post("/staff/programmes/{programme_id}/groups")
    async def save(request: Request, programme_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Grouping)
        if (typed := form.value) is not None:
            try:
                await delivery.transact(
                    lambda tx: groups.save_groups(tx, programme_id, typed.made(), typed.pairs, typed.version, staff),
                    key=programme_id,
                )
                return RedirectResponse(f"/staff/programmes/{programme_id}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await page(request, programme_id, staff, form, Form.of({"patients": 2, "relatives": 1, "mixed": 0}))

    return routes
