"""Swaps of shifts between two hosts: proposed by one, carried out when the other says yes."""

from collections.abc import Sequence
from dataclasses import dataclass

from motesplats_events import AssignmentStatus
from services.volunteers import store
from services.volunteers.domain.assignments import Assignment, Terms, collision, offered, withdrawn
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.swaps import NoSwap, Swap, SwapIsVoid, SwapNotFound, check_swap, swap_answer_by, swapped
from services.volunteers.use_cases.changing import add, offer_task, save
from shared.delivery import Reading, Transaction
from shared.errors import DomainError


async def propose_swap(
    tx: Transaction, volunteer_id: str, gives_id: str, takes_id: str, offer_id: str, rules: Rules
) -> Assignment:
    """Offer an own shift for another's; the offer to the other.

    Args:
        volunteer_id: who proposes it.
        offer_id: made by the caller, so that a repeated run cannot make two.

    Raises:
        AssignmentNotFound, NoSwap, AlreadyAsked.
    """
    gives = await store.assignment(tx, gives_id)
    takes = await store.assignment(tx, takes_id)
    if gives.volunteer_id != volunteer_id or takes.task.programme_id != gives.task.programme_id:
        raise NoSwap("Choose one of your shifts, and one of another host in the same house")
    check_swap(gives, takes, tx.now)
    await _check_can(tx, gives, takes, rules)
    await _check_can(tx, takes, gives, rules)
    other = await store.volunteer(tx, takes.volunteer_id)
    answer_by = swap_answer_by(gives, takes, tx.now)
    offer = await offer_task(
        tx, other, gives.task, offer_id, rules, answer_by=answer_by, terms=Terms.SWAP, instead_of=takes_id
    )
    await store.add_swap(tx, Swap(offer_id, gives_id, takes_id))
    return offer


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of somebody for an offered shift.

    Attributes:
        name: by which the proposer is known among hosts.
        takes: the own assignment that they would give.
    """

    name: str
    takes: Assignment


async def asked_to_give(at: Reading, offer: Assignment) -> Asked | None:
    """The swap that hangs on an offer, as long as it is not answered; None where it is no swap."""
    swap = await store.swap(at, offer.assignment_id) if offer.terms is Terms.SWAP else None
    if swap is None or not (offer.status is AssignmentStatus.OFFERED or offer.not_needed):
        return None
    gives, takes = await store.assignment(at, swap.gives), await store.assignment(at, swap.takes)
    names = await store.names(at, [gives.volunteer_id])
    return Asked(first_name(names.get(gives.volunteer_id, "")), takes)


def first_name(name: str) -> str:
    """How hosts know each other; more is not needed to swap."""
    return name.split()[0] if name.strip() else ""


async def _check_can(tx: Transaction, has: Assignment, wants: Assignment, rules: Rules) -> None:
    """Whether a host can take the other's shift, when they give their own."""
    host = await store.volunteer(tx, has.volunteer_id)
    rest = [one for one in await store.assignments_of(tx, host.volunteer_id) if one.assignment_id != has.assignment_id]
    try:
        offered("", host, wants.task, rest, await store.catalogue(tx), rules, tx.now)
    except DomainError:
        raise NoSwap("One of you cannot take the other's shift") from None


async def carry_out(tx: Transaction, offer: Assignment) -> None:
    """Let both shifts change hands, now that the other has said yes.

    Raises:
        SwapIsVoid: one of the two is no longer its host's to give, or the proposer has something else by now.
    """
    swap = await store.swap(tx, offer.assignment_id)
    if swap is None:
        raise SwapNotFound("There is no such swap")
    gives, takes = await store.assignment(tx, swap.gives), await store.assignment(tx, swap.takes)
    given_up, got = swapped(swap, offer, gives, takes, tx.now)
    rest = [one for one in await store.assignments_of(tx, gives.volunteer_id) if one.assignment_id != swap.gives]
    if collision(takes.task, rest, tx.now):
        raise SwapIsVoid("The other host has something else at that time by now. Nothing is swapped")
    for one in given_up:
        await save(tx, one)
    await add(tx, [got])
    await call_off(tx, [swap.gives, swap.takes])


async def call_off(tx: Transaction, assignment_ids: Sequence[str]) -> None:
    """End the offers of swaps in which these assignments were to change hands; they are no longer there to give."""
    for swap in await store.swaps_with(tx, assignment_ids):
        offer = await store.assignment(tx, swap.offer_id)
        if offer.status is AssignmentStatus.OFFERED:
            await save(tx, withdrawn(offer))


async def withdraw_swap(tx: Transaction, volunteer_id: str, offer_id: str) -> None:
    """Take back a swap that one has proposed, as long as it is not answered; again changes nothing.

    Raises:
        SwapNotFound: it is none of this volunteer's.
    """
    swap = await store.swap(tx, offer_id)
    if swap is None or (await store.assignment(tx, swap.gives)).volunteer_id != volunteer_id:
        raise SwapNotFound("There is no such swap")
    offer = await store.assignment(tx, offer_id)
    if offer.status is AssignmentStatus.OFFERED:
        await save(tx, withdrawn(offer))
