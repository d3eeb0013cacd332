"""Sharing out the free places of a season among hosts, so that each gets as many as the others."""

from collections.abc import Callable, Sequence

from services.volunteers.domain.shifts import Rota, Shift


def shared_out(
    rotas: Sequence[Rota], hosts: Sequence[str], free: Sequence[int], can: Callable[[str, Shift], bool]
) -> Sequence[tuple[Shift, str]]:
    """Who takes which shift: always who has fewest in the season so far, then whose last one is longest ago.

    Args:
        rotas: the shifts of the season, the earliest first, also those that are full: what a host has counts.
        hosts: volunteer ids, in the order in which they begin.
        free: how many places of each shift are to be given.
        can: whether a host can be there at all.

    Returns:
        Shift and host, shift by shift. A place that nobody can take is left.
    """
    theirs = {host: [n for n, rota in enumerate(rotas) if _has(rota, host)] for host in hosts}
    given: list[tuple[Shift, str]] = []
    for n, rota in enumerate(rotas):
        able = [
            host
            for host in hosts
            if not any(rota.shift.meets(rotas[m].shift) for m in theirs[host]) and can(host, rota.shift)
        ]
        for _ in range(min(free[n], len(able))):
            host = min(able, key=lambda one: (len(theirs[one]), _last_before(theirs[one], n), hosts.index(one)))
            able.remove(host)
            theirs[host].append(n)
            given.append((rota.shift, host))
    return given


def _has(rota: Rota, host: str) -> bool:
    return any(one.volunteer_id == host for one in rota.hosts)


def _last_before(own: Sequence[int], n: int) -> int:
    return max((other for other in own if other < n), default=-1)
