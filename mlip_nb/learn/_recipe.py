"""How a potential is trained."""

from typing import Annotated, Literal

import annotated_types
import optax

from ..params import Count, Params, Seed
from ._soap import scale_by_soap

Share = Annotated[float, annotated_types.Ge(0), annotated_types.Lt(1)]
Positive = Annotated[float, annotated_types.Gt(0)]
Weight = Annotated[float, annotated_types.Ge(0)]


class Recipe(Params):
    """Loss, optimiser and schedule. The loss is the mean square of energy per atom (eV), of components of forces (eV/Å)
    and of stress (eV/Å³), each times its weight."""

    epochs: Count = 100
    """Passes over all frames."""
    batch: Count = 128
    """Atoms between two steps of the optimiser."""
    rate: Positive = 2e-3
    """Learning rate at its highest; it rises for a twentieth of the training and falls along a cosine."""
    energy: Weight = 100.0
    """Weight of energies in the loss."""
    forces: Weight = 1.0
    """Weight of forces in the loss."""
    stress: Weight = 100.0
    """Weight of stresses in the loss."""
    decay: Weight = 0.1
    """Weight decay, times the learning rate, of each step."""
    average: Share = 0.99
    """How slowly the averaged parameters, which are used in the end, follow those of the optimiser."""
    clip: Positive = 10.0
    """Longest gradient: longer ones are cut to it."""
    optimiser: Literal["soap", "adam"] = "soap"
    """SOAP needs fewer epochs, Adam less time for each."""
    validation: Share = 0.1
    """Part of the frames that is kept aside, to tell when training no longer helps."""
    seed: Seed = 0
    """Of weights, of the split and of the order of frames."""

    def transformation(self, steps: int) -> optax.GradientTransformation:
        """The optimiser for so many steps."""
        least = optax.warmup_cosine_decay_schedule(0.0, 1.0, max(1, min(100, steps // 20)), max(2, steps), 1e-3)
        return optax.chain(
            optax.clip_by_global_norm(self.clip),
            scale_by_soap() if self.optimiser == "soap" else optax.scale_by_adam(b2=0.99),
            optax.add_decayed_weights(self.decay),
            optax.scale_by_schedule(lambda step: -self.rate * least(step)),
        )
