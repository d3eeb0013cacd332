"""A small application with pages of its own, as a service would build them."""

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, EmailStr, Field, SecretStr, field_validator

from shared.access import Staff, StaffRole, staff, staff_token
from shared.errors import Conflict, DomainError, Forbidden, Gone, Invalid, NotFound, Problem
from shared.settings import Settings
from shared.web import Form, Pages, Says, Ticked, install, msg, read_form, read_query

EXAMPLE = Path(__file__).parent / "example"
HOST = "http://127.0.0.1:8080"


class Role(StrEnum):
    PATIENT = "patient"
    RELATIVE = "relative"


class Session(BaseModel):
    at: datetime
    theme: Annotated[str, Says(missing=msg("Write what the session is about"))]


class Plan(BaseModel):
    """One field of each kind that a page can send."""

    name: Annotated[str, Field(max_length=80), Says(missing=msg("Write your name"))]
    role: Role = Role.PATIENT
    email: EmailStr | None = None
    places: int = Field(12, ge=0, le=5000)
    hours: float | None = None
    born: date | None = None
    towns: list[str] = []
    sessions: list[Session] = []
    reminders: bool = False
    consent: Annotated[Ticked, Says(missing=msg("Tick the box when you have read it"))]

    @field_validator("name")
    @classmethod
    def _not_a_number(cls, name: str) -> str:
        if name.isdigit():
            raise ValueError(msg("Write a name, not a number"))
        return name


class Filter(BaseModel):
    town: str = ""
    free: bool = False


class Received:
    """What the application was given, for the tests to look at."""

    plan: Plan | None = None
    form: Form[Any] | None = None
    filter: Filter | None = None


def make_settings(**changes: Any) -> Settings:
    return Settings(
        kafka_bootstrap_servers="127.0.0.1:1",
        mongodb_uri=SecretStr("mongodb://127.0.0.1:1"),
        secret_key=SecretStr("k" * 32),
        **{"public_url": HOST, **changes},
    )


def make_app(settings: Settings, received: Received) -> FastAPI:
    app = FastAPI()
    pages = Pages(EXAMPLE, settings)
    routes = APIRouter()

    @routes.get("/")
    async def calendar(request: Request) -> Response:
        return pages.render(request, "show.html", public=True, when=datetime(2025, 1, 28, 16, tzinfo=UTC))

    @routes.get("/plan")
    @routes.get("/staff/plan")
    async def blank(request: Request) -> Response:
        return pages.render(request, "plan.html", form=Form())

    @routes.post("/plan")
    @routes.post("/staff/plan")
    async def plan(request: Request) -> Response:
        form = received.form = await read_form(request, Plan)
        if form.value is not None:
            received.plan = form.value
            if form.value.name == "Full":
                form.fail(Conflict("Only {free} places are left", field="places", free=3))
            elif form.value.name == "Gone":
                form.fail(Gone("This link has expired"))
            else:
                return RedirectResponse("/done", status_code=303)
        return pages.render(request, "plan.html", form=form)

    @routes.get("/filter")
    async def filtered(request: Request) -> Response:
        received.filter = read_query(request, Filter).value
        return Response()

    @routes.get("/fail/{kind}")
    @routes.get("/api/fail/{kind}")
    async def fail(kind: str) -> Response:
        raise {
            "gone": Gone("This link has expired"),
            "missing": NotFound("There is no such page"),
            "forbidden": Forbidden("This belongs to another organiser"),
            "rule": DomainError("The number must be {ge} or more", field="places", ge=1000),
            "several": Invalid([Problem("name", "This needs an answer"), Problem("email", "Write a number")]),
        }.get(kind) or RuntimeError("a secret detail")

    @routes.get("/number/{number}")
    @routes.get("/api/number/{number}")
    async def number(number: int) -> Response:
        return Response(str(number))

    @routes.get("/staff")
    async def today(request: Request) -> Response:
        staff(request)
        return pages.render(request, "show.html", when=datetime(2025, 1, 28, 16, tzinfo=UTC))

    app.include_router(routes)
    install(app, settings)
    return app


def signed_in(settings: Settings) -> dict[str, str]:
    token = staff_token(settings, Staff("<b>Maj</b>", StaffRole.COORDINATOR, ("*",)))
    return {"authorization": f"Bearer {token}"}
