"""Sign, order of components and symmetry of stresses."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np

from .._evidence import Case, Evidence
from .._findings import Finding, numbers
from .._orders import ORDERS, Order
from .._pairs import Pair

_ASYMMETRIC = 1e-3
"""Difference of opposite components in units of the largest, beyond rounding."""

_BETTER = 3.0
"""How many times worse another order must fit to be excluded."""

_FITS = 0.2
"""Misfit of a right order, in units of the energy differences: what third-order terms leave is a few per cent."""

_FEWEST = 3
"""Pairs that decide."""

_STRANGE = 0.1
"""Share of the frames of a group that may be wrong while the others are believed."""


def look(evidence: Evidence) -> Iterator[Finding]:
    r"""Between frames that differ by a small strain ε the energy rises by the work of the stress,

    $$\Delta E = \tfrac12 \left( V_1 \sigma_1 : \varepsilon_1 + V_2 \sigma_2 : \varepsilon_2 \right) + W$$

    with the strain seen from either end, and W the work of the forces on atoms that moved besides. Both signs and all
    orders of shear components are tried, group by group: files mix them up. An order is excluded when it misses the
    energies by three times as much as the best. Frames that differ only along the axes tell the sign, not the order.
    """
    yield from _asymmetric(evidence)
    pairs = defaultdict(list)
    for pair in evidence.strained:
        pairs[pair.first.group].append(pair)
    for group in sorted({case.group for case in evidence.sound if case.stress is not None}):
        yield from _verdict(group, pairs[group], [case for case in evidence.sound if case.group == group])


def _asymmetric(evidence: Evidence) -> Iterator[Finding]:
    frames = numbers(case.index for case in evidence.cases if case.stress is not None and not _is_symmetric(case))
    if frames:
        message = f"the stresses of {len(frames)} frames are not symmetric"
        yield Finding("stress", "error", frames, message, "a torque-free cell has a symmetric stress; read them again")


def _is_symmetric(case: Case) -> bool:
    return bool(np.abs(case.stress - case.stress.T).max() <= _ASYMMETRIC * np.abs(case.stress).max() + 1e-8)


def _verdict(group: str, pairs: list[Pair], cases: list[Case]) -> Iterator[Finding]:
    """What pairs say about the stresses of one group, and which frames had to be left out to let them speak."""
    name = f"group {group!r}" if group else "the set"
    frames = numbers(case.index for case in cases if case.stress is not None)
    if len(pairs) < _FEWEST:
        message = f"sign and order of stresses in {name} are undecided: no frames differ by a small strain alone"
        yield Finding("stress", "note", (), message, "compare with a potential by stress_order_against")
        return
    strange, rest = _apart(pairs, max(1, int(_STRANGE * len(frames))))
    misfits, size = _misfits(rest)
    best = min(misfits, key=misfits.get)
    if misfits[best] > _FITS * size:
        misfits, size = _misfits(pairs)
        best = min(misfits, key=misfits.get)
        yield _no_order_fits(name, frames, misfits[best] / size, _factor(pairs, best))
        return
    if strange:
        message = f"stress and energy of {len(strange)} frames contradict those of strained copies in {name}"
        yield Finding("stress", "error", strange, message, "compute these frames again, or leave them out")
    possible = [order for order in ORDERS if misfits[order] <= _BETTER * misfits[best] + 1e-9 * size]
    yield _reading(name, frames, possible, f"{len(rest)} pairs of strained frames")


def _apart(pairs: list[Pair], most: int) -> tuple[tuple[int, ...], list[Pair]]:
    """The few frames without which some order fits, and the pairs without them; no frames if it does as it is."""
    strange: list[int] = []
    while len(pairs) >= _FEWEST and len(strange) <= most:
        misfits, size = _misfits(pairs)
        best = min(misfits, key=misfits.get)
        if misfits[best] <= _FITS * size:
            break
        blame = Counter()
        for pair in pairs:
            for index in pair.indices:
                blame[index] += (_rise(pair) - _work(pair, best)) ** 2
        strange.append(blame.most_common(1)[0][0])
        left = [pair for pair in pairs if strange[-1] not in pair.indices]
        if len(strange) > most or len(left) < _FEWEST:
            break
        pairs = left
    return numbers(strange), pairs


def _reading(name: str, frames: tuple[int, ...], possible: list[Order], origin: str) -> Finding:
    if any(order.is_ours for order in possible):
        left = "" if len(possible) == 1 else "; the order of shears is undecided"
        message = f"{origin} confirm the {'order and sign' if not left else 'sign'} of stresses in {name}{left}"
        return Finding("stress", "note", (), message, "nothing to do" if not left else "see stress_order_against")
    orders = " or ".join(map(str, possible))
    message = f"by {origin} the stresses in {name} are {orders}, not xx,yy,zz,yz,xz,xy with tension positive"
    return Finding("stress", "error", frames, message, "put them right by reordered(frames, order, group=...)")


def _no_order_fits(name: str, frames: tuple[int, ...], misfit: float, factor: float) -> Finding:
    message = (
        f"stresses in {name} miss the energies of strained frames by {100 * misfit:.0f} % in every order and sign; "
        f"{factor:.3g} times as large they would fit best (kbar 0.000624, GPa 0.00624)"
    )
    return Finding("stress", "error", frames, message, "check the unit, eV/Å³, and whether virials were meant")


def _misfits(pairs: list[Pair]) -> tuple[dict[Order, float], float]:
    """Root mean square of what each order leaves of the energy differences, eV, and of these themselves."""
    rises = np.array([_rise(pair) for pair in pairs])
    misfits = {order: _rms(rises - np.array([_work(pair, order) for pair in pairs])) for order in ORDERS}
    return misfits, _rms(rises)


def _factor(pairs: list[Pair], order: Order) -> float:
    """What stresses have to be multiplied by to fit the energies."""
    rises = np.array([_rise(pair) for pair in pairs])
    works = np.array([_work(pair, order) for pair in pairs])
    return float(np.sum(rises * works) / max(np.sum(works**2), 1e-300))


def _rise(pair: Pair) -> float:
    """Energy difference without what forces did, eV."""
    return pair.rise - (pair.work if pair.has_labels else 0.0)


def _work(pair: Pair, order: Order) -> float:
    ends = zip((pair.first, pair.second), pair.strains, strict=True)
    return 0.5 * sum(case.volume * float(np.sum(order.restored(case.stress) * strain)) for case, strain in ends)


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))
