"""People behind registrations and wishes."""

from services.registration import store
from services.registration.domain.people import Person
from services.registration.domain.registrations import Registration, RegistrationNotFound
from services.registration.domain.wishes import Wish
from shared.delivery import Reading


async def behind(at: Reading, id: str) -> tuple[Registration | Wish, Person]:
    """What has this id, a registration or a wish, and whose it is.

    Raises:
        WishNotFound: nothing has.
    """
    try:
        found: Registration | Wish = await store.registration(at, id)
    except RegistrationNotFound:
        found = await store.wish(at, id)
    return found, await store.person(at, found.person_id)
