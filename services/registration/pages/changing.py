"""The coordinator changes a programme: what it is called, where it meets, its places and who comes in when."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from motesplats_events import Role
from services.registration import store
from services.registration.domain.changing import ChangedMeanwhile
from services.registration.domain.programmes import MOST_SESSIONS, Programme, Promotion
from services.registration.pages.planning import Entries, Places, ReleaseRow, Releases, on_the_fields
from services.registration.settings import Settings
from services.registration.use_cases import changing, planning
from shared.access import Staff, may, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.text import Line
from shared.web import LANGUAGES, Form, Pages, Says, msg, read_form, read_query

SignedIn = Annotated[Staff, Depends(staff)]
PROGRAMME = "/staff/programmes/{programme_id}"

LABELS = {
    "title": msg("What it is called"),
    "about": msg("Theme or diagnosis"),
    "place": msg("Place"),
    "municipality": msg("Municipality"),
    "spoken": msg("Language spoken"),
    "patient": msg("Places for patients"),
    "relative": msg("Places for relatives"),
    "other": msg("Places for others"),
    "minimum": msg("Smallest size"),
    "optimum": msg("Best size"),
    "offer_days": msg("Days to answer"),
    "entries": msg("Days on which new members begin"),
    "releases": msg("Places that go to others on a day"),
}
"""What is held against what somebody else has saved meanwhile; the rest is seen in the form itself."""


class Changing(BaseModel):
    """The form."""

    version: int
    title: Annotated[Line, Says(missing=msg("Write what the programme is called"))]
    about: Line | Literal[""] = ""
    place: Annotated[Line, Says(missing=msg("Write where it meets"))]
    municipality: Annotated[Line, Says(missing=msg("Write the municipality"))]
    spoken: planning.Spoken
    patient: Places = 0
    relative: Places = 0
    other: Places = 0
    minimum: int | None = None
    optimum: int | None = None
    entries: Entries = []
    promotion: Promotion = Promotion.AT_ONCE
    offer_days: Annotated[int, Field(ge=1, le=30)] = 3
    releases: Releases = []

    def change(self) -> changing.Change:
        """The same as the use case takes it."""
        return changing.Change(
            version=self.version,
            title=self.title,
            about=self.about,
            place=planning.PlannedPlace(name=self.place, municipality=self.municipality),
            language=self.spoken,
            places={Role.PATIENT: self.patient, Role.RELATIVE: self.relative, Role.OTHER: self.other},
            minimum=self.minimum,
            optimum=self.optimum,
            entries=self.entries,
            promotion=self.promotion,
            offer_days=self.offer_days,
            releases=[row.planned() for row in self.releases],
        )

    @classmethod
    def of(cls, programme: Programme) -> "Changing":
        """The form that would change nothing."""
        now = changing.Change.of(programme)
        return cls(
            version=now.version,
            title=now.title,
            about=now.about,
            place=now.place.name,
            municipality=now.place.municipality,
            spoken=now.language,
            patient=now.places.get(Role.PATIENT, 0),
            relative=now.places.get(Role.RELATIVE, 0),
            other=now.places.get(Role.OTHER, 0),
            minimum=now.minimum,
            optimum=now.optimum,
            entries=now.entries,
            promotion=now.promotion,
            offer_days=now.offer_days,
            releases=[ReleaseRow.of(release) for release in now.releases],
        )


def _typed(form: Form[Changing], name: str) -> list[list[str]]:
    """All that is filled in of a field, or of the rows that begin with its name."""
    fields = [field for field in sorted(form.values) if field == name or field.startswith(f"{name}-")]
    return [given for field in fields if (given := [one for one in form.values[field] if one])]


def _shown(form: Form[Changing], name: str) -> list[str]:
    """What stands in a field, in short: of rows the days."""
    days = [
        given[0] for field, given in sorted(form.values.items()) if field.startswith(f"{name}-") and "date" in field
    ]
    return days or form.values.get(name, [])


class Done(BaseModel):
    """What came of it, for the page that says so."""

    elsewhere: Annotated[int, Field(ge=0, le=MOST_SESSIONS)] = 0
    given: Annotated[int, Field(ge=0)] = 0


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages `/staff/programmes/{programme_id}/change` and `…/changed`."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    zone = settings.zone

    async def theirs(programme_id: str, staff: Staff) -> Programme:
        found = await store.programme(reading, programme_id)
        may(staff, found)
        return found

    def as_it_is(programme: Programme) -> Form[Changing]:
        return Form.of(Changing.of(programme), zone)

    def change_page(request: Request, programme: Programme, form: Form[Changing], *, again: bool = False) -> Response:
        different = []
        if again:
            saved = as_it_is(programme)
            different = [
                (label, ", ".join(LANGUAGES.get(one, one) if name == "spoken" else one for one in _shown(saved, name)))
                for name, label in LABELS.items()
                if _typed(saved, name) != _typed(form, name)
            ]
            # What is typed stays; sent once more it is meant for the programme as it is now.
            form.values["version"] = [str(programme.version)]
        return pages.render(
            request,
            "staff/change_programme.html",
            programme=programme,
            form=form,
            different=different,
            taken=sum(programme.taken.values()),
            done=[release for release in programme.releases if release.done],
        )

    @routes.get(PROGRAMME + "/change")
    async def look(request: Request, programme_id: str, staff: SignedIn) -> Response:
        programme = await theirs(programme_id, staff)
        return change_page(request, programme, as_it_is(programme))

    @routes.post(PROGRAMME + "/change")
    async def change(request: Request, programme_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Changing)
        again = False
        if form.value is not None:
            wanted = form.value.change()
            try:
                done = await delivery.transact(
                    lambda tx: changing.change_programme(tx, programme_id, wanted, staff, zone), key=programme_id
                )
                said = urlencode({"elsewhere": done.elsewhere, "given": done.given})
                return RedirectResponse(f"{PROGRAMME.format(programme_id=programme_id)}/changed?{said}", 303)
            except DomainError as error:
                again = isinstance(error, ChangedMeanwhile)
                form.fail(on_the_fields(error))
        return change_page(request, await theirs(programme_id, staff), form, again=again)

    @routes.get(PROGRAMME + "/changed")
    async def changed(request: Request, programme_id: str, staff: SignedIn) -> Response:
        done = read_query(request, Done).value or Done()
        return pages.render(
            request,
            "staff/programme_changed.html",
            programme=await theirs(programme_id, staff),
            elsewhere=done.elsewhere,
            given=done.given,
        )

    return routes
