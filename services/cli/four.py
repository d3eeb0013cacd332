"""The four services as one application. Importing this module takes a second: the command does so late."""

from collections.abc import Mapping

from fastapi import FastAPI
from pydantic import ValidationError

from services.cli.errors import CommandError
from services.evaluation.app import build as build_evaluation
from services.evaluation.settings import Settings as EvaluationSettings
from services.notification.app import build as build_notification
from services.notification.settings import Settings as NotificationSettings
from services.registration.app import build as build_registration
from services.registration.settings import Settings as RegistrationSettings
from services.volunteers.app import build as build_volunteers
from services.volunteers.settings import Settings as VolunteersSettings
from shared.embedded import feed
from shared.service import asgi


def application(given: Mapping[str, object], *, broker_forgets: bool) -> FastAPI:
    """All four, wired and not yet connected.

    Args:
        given: settings that go before the environment's.
        broker_forgets: the broker starts empty, and is fed from the outboxes first.

    Raises:
        CommandError: a setting is missing or wrong.
    """
    try:
        services = [
            build_registration(RegistrationSettings(**given)),  # type: ignore[arg-type]
            build_notification(NotificationSettings(**given)),  # type: ignore[arg-type]
            build_evaluation(EvaluationSettings(**given)),  # type: ignore[arg-type]
            build_volunteers(VolunteersSettings(**given)),  # type: ignore[arg-type]
        ]
        settings = RegistrationSettings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        name, said = ".".join(map(str, problem["loc"])), problem["msg"].removeprefix("Value error, ")
        raise CommandError(f"{name}: {said}" if name and name not in said else said, exit_code=2) from None

    async def feed_the_broker() -> None:
        await feed([service.delivery for service in services])

    return asgi(services, settings, before_delivery=feed_the_broker if broker_forgets else None)
