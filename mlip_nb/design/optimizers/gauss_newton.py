"""Steps for targets, from all their slopes."""

from typing import ClassVar

import numpy as np

from ._base import SHORTEST, Descent, Need, Optimizer, Positive, Search, Shares, Told, Vector, optimizers


class _Damped(Descent):
    learned: ClassVar[tuple[str, ...]] = (*Descent.learned, "damping", "residuals", "jacobian")

    def __init__(self, start: Vector, reach: float, damping: float):
        super().__init__(start, reach)
        self.damping = damping
        self.residuals, self.jacobian = np.zeros(0), np.zeros((0, len(start)))

    def _accept(self, ahead: Vector, told: Told) -> None:
        self.damping = max(self.damping / 10, 1e-15)
        super()._accept(ahead, told)

    def _refuse(self, told: Told) -> None:
        self.damping *= 10
        self._solve()
        self.over = np.linalg.norm(self.direction) < SHORTEST

    def _turn(self, told: Told) -> None:
        # A slope that is not a number says nothing of where to go.
        self.residuals, self.jacobian = (
            np.where(np.isfinite(one), one, 0.0) for one in (told.residuals, told.jacobian)
        )
        self._solve()

    def _solve(self) -> None:
        square = self.jacobian.T @ self.jacobian
        size = max(np.trace(square) / len(square), 1e-300)
        held = square + self.damping * size * np.eye(len(square))
        self.direction = -np.linalg.lstsq(held, self.jacobian.T @ self.residuals, rcond=None)[0]
        self.length = 1.0


@optimizers.register("gauss-newton")
class GaussNewton(Optimizer):
    """Levenberg and Marquardt's steps for targets: the fastest where there are few of them and no other objective.

    ??? cite "Reference"
        D. W. Marquardt, *J. Soc. Indust. Appl. Math.* **11**, 431 (1963), doi:10.1137/0111030
    """

    needs: ClassVar[Need] = "jacobian"
    damping: Positive = 1e-4
    """At first; ten times less after a good step, ten times more after a bad one."""

    def search(self, start: Vector, reach: float, seed: int, shares: Shares) -> Search:
        """Of one start."""
        return _Damped(start, reach, self.damping)
