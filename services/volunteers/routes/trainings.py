"""JSON API: the catalogue of trainings, and whose trainings expire."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from motesplats_events import VolunteerRole
from services.volunteers import store
from services.volunteers.domain.trainings import Training
from services.volunteers.settings import Settings
from services.volunteers.use_cases import readiness
from shared.access import Staff, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class TrainingOut(BaseModel):
    """A training of the catalogue; without `months` it is valid for ever."""

    code: str
    title: str
    required_for: list[VolunteerRole]
    months: int | None


class CatalogueOut(BaseModel):
    """All trainings, by title."""

    trainings: list[TrainingOut]


class ExpiryOut(BaseModel):
    """A volunteer's training that has expired or soon will."""

    volunteer_id: str
    name: str
    training: str
    expires_on: date


class ExpiriesOut(BaseModel):
    """Trainings that have expired or soon will, the earliest first."""

    expiries: list[ExpiryOut]


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /trainings."""
    api = APIRouter(prefix="/trainings")
    reading = delivery.reading
    rules = settings.rules

    @api.get("", dependencies=[Depends(staff)])
    async def catalogue() -> CatalogueOut:
        """The catalogue, which all organisers share."""
        return CatalogueOut(trainings=[_training_out(one) for one in await store.catalogue(reading)])

    @api.post("", status_code=201)
    async def add(new: readiness.NewTraining, staff: SignedIn) -> TrainingOut:
        """Put a training into the catalogue. To require it of a role is for those who see everything."""
        work = delivery.transact(lambda tx: readiness.add_training(tx, new, staff), key=f"training {new.code}")
        return _training_out(await work)

    @api.get("/expiring")
    async def expiring(staff: SignedIn, days: Annotated[int, Query(ge=0, le=3660)] = 60) -> ExpiriesOut:
        """Whose trainings have expired or will within so many days."""
        until = rules.day(delivery.clock.now()) + timedelta(days=days)
        rows = [
            ExpiryOut(volunteer_id=one.volunteer_id, name=one.name, training=code, expires_on=trained.expires_on)
            for one in await store.trained_until(reading, staff, until)
            for code, trained in one.trainings.items()
            if trained.expires_on and trained.expires_on <= until
        ]
        return ExpiriesOut(expiries=sorted(rows, key=lambda row: row.expires_on))

    @api.put("/{code}")
    async def change(code: str, entry: readiness.CatalogueEntry, staff: SignedIn) -> TrainingOut:
        """Change a training of the catalogue; what was completed before keeps its date."""
        work = delivery.transact(lambda tx: readiness.change_training(tx, code, entry, staff), key=f"training {code}")
        return _training_out(await work)

    return api


def _training_out(training: Training) -> TrainingOut:
    return TrainingOut(
        code=training.code,
        title=training.title,
        required_for=sorted(training.required_for),
        months=training.months,
    )
