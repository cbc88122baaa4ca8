"""How a potential is trained."""

from typing import Annotated, Literal

import annotated_types
import jax
import numpy as np
import optax

from ..params import Count, Live, Params, Seed, Share
from ._soap import scale_by_soap

Positive = Annotated[float, annotated_types.Gt(0)]
Weight = Annotated[float, annotated_types.Ge(0)]


class Recipe(Params):
    """Loss, optimiser and schedule. The loss is the mean square of energy per atom (eV), of components of forces (eV/Å)
    and of stress (eV/Å³), each times its weight."""

    epochs: Count = 100
    """Passes over all frames."""
    batch: Count = 128
    """Atoms between two steps of the optimiser."""
    rate: Annotated[float, annotated_types.Gt(0), Live(1e-5, 2e-2)] = 2e-3
    """Learning rate at its highest; it rises for a twentieth of the training and falls along a cosine."""
    energy: Weight = 100.0
    """Weight of energies in the loss."""
    forces: Weight = 1.0
    """Weight of forces in the loss."""
    stress: Weight = 100.0
    """Weight of stresses in the loss."""
    decay: Weight = 1.0
    """Weight decay: e-foldings that weights lose over the whole training where the loss does not hold them."""
    average: Share = 0.99
    """How slowly the averaged parameters, which are used in the end, follow those of the optimiser."""
    clip: Positive = 10.0
    """Longest gradient: longer ones are cut to it."""
    optimiser: Literal["soap", "adam"] = "soap"
    """SOAP needs fewer epochs, Adam less time for each."""
    validation: Share = 0.1
    """Part of the frames that is kept aside, to tell when training no longer helps; 0: the last epoch is taken."""
    patience: Count = 40
    """Epochs without a better one, after which training ends early."""
    freeze: tuple[str, ...] = ()
    """Weights that stay as they are, by patterns of their names in files: `first.*` or `*.mixing,embedding`."""
    seed: Seed = 0
    """Of weights, of the split and of the order of frames."""

    def transformation(self, steps: int) -> optax.GradientTransformation:
        """Updates for so many steps, before they are multiplied by the learning rate; members are stacked."""
        warm = min(100, steps // 20)
        # A short training has no step to waste on a rate of zero.
        begin = 0.0 if warm > 1 else 1.0
        schedule = optax.warmup_cosine_decay_schedule(begin, 1.0, max(1, warm), max(2, steps), 1e-3)
        length = self.rate * float(np.sum(schedule(np.arange(steps))))
        return optax.chain(
            _clip_each(self.clip),
            scale_by_soap(stacked=True) if self.optimiser == "soap" else optax.scale_by_adam(b2=0.99),
            optax.add_decayed_weights(self.decay / length),
            optax.scale_by_schedule(lambda step: -schedule(step)),
        )


def _clip_each(longest: float) -> optax.GradientTransformation:
    """The gradient of each member is cut to a length."""
    single = optax.clip_by_global_norm(longest)

    def update(updates, state, parameters=None):
        return jax.vmap(lambda one: single.update(one, optax.EmptyState())[0])(updates), state

    return optax.GradientTransformation(single.init, update)
