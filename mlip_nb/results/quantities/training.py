"""Learning curves, and judgements of potentials."""

from .._quantity import SERIES, Quantity

_JUDGED = ("potential",)

QUANTITIES = {
    "epoch": Quantity(SERIES, "1", "passes over the training data", coordinate=True),
    "learning_rate": Quantity(SERIES, "1", "highest learning rate"),
    "energy_error": Quantity(SERIES, "eV/atom", "RMS error of energy per atom, frames kept aside"),
    "force_error": Quantity(SERIES, "eV/Å", "RMS error of force components, frames kept aside"),
    "stress_error": Quantity(SERIES, "GPa", "RMS error of stress components, frames kept aside"),
    "training_energy_error": Quantity(SERIES, "eV/atom", "RMS error of energy per atom, training"),
    "training_force_error": Quantity(SERIES, "eV/Å", "RMS error of force components, training"),
    "training_stress_error": Quantity(SERIES, "GPa", "RMS error of stress components, training"),
    "group_force_error": Quantity(
        ("frame", "group"), "eV/Å", "RMS error of force components by kind of frame, frames kept aside"
    ),
    "best_epoch": Quantity(("frame", "member"), "1", "best epoch so far"),
    "ridge": Quantity(("frame", "member"), "1", "strength of the ridge, the best by leaving out frames"),
    "left_out_loss": Quantity(("frame", "member"), "1", "loss of the linear fit on frames left out"),
    "training_frames": Quantity(("size",), "1", "frames that were learned from", coordinate=True),
    "learned_energy_rmse": Quantity(
        ("potential", "size"), "eV/atom", "RMS error of energy per atom, frames kept aside"
    ),
    "learned_force_rmse": Quantity(("potential", "size"), "eV/Å", "RMS error of force components, frames kept aside"),
    "potential": Quantity(("potential",), "1", "potential that is judged", coordinate=True),
    "element": Quantity(("element",), "1", "chemical element", coordinate=True),
    "group": Quantity(("group",), "1", "kind of frame", coordinate=True),
    "frame_group": Quantity(SERIES, "1", "kind of frame", coordinate=True),
    "frame_index": Quantity(SERIES, "1", "place of the frame in its source", coordinate=True),
    "frame_atoms": Quantity(SERIES, "1", "atoms of the frame", coordinate=True),
    "site_frame": Quantity(("site",), "1", "frame of the atom", coordinate=True),
    "site_symbol": Quantity(("site",), "1", "chemical symbol", coordinate=True),
    "reference_energy": Quantity(SERIES, "eV", "energy of the frame, label"),
    "reference_forces": Quantity(("site", "xyz"), "eV/Å", "force, label"),
    "reference_stress": Quantity(("frame", "xyz", "xyz2"), "GPa", "stress, label"),
    "predicted_energy": Quantity(("potential", "frame"), "eV", "energy of the frame, predicted"),
    "predicted_forces": Quantity(("potential", "site", "xyz"), "eV/Å", "force, predicted"),
    "predicted_stress": Quantity(("potential", "frame", "xyz", "xyz2"), "GPa", "stress, predicted"),
    "energy_mae": Quantity(_JUDGED, "eV/atom", "mean absolute error of energy per atom"),
    "energy_rmse": Quantity(_JUDGED, "eV/atom", "RMS error of energy per atom"),
    "force_mae": Quantity(_JUDGED, "eV/Å", "mean absolute error of force components"),
    "force_rmse": Quantity(_JUDGED, "eV/Å", "RMS error of force components"),
    "force_cosine": Quantity(_JUDGED, "1", "mean cosine of the angle between forces"),
    "stress_mae": Quantity(_JUDGED, "GPa", "mean absolute error of stress components"),
    "stress_rmse": Quantity(_JUDGED, "GPa", "RMS error of stress components"),
    "frame_energy_error": Quantity(("potential", "frame"), "eV/atom", "error of energy per atom"),
    "frame_force_rmse": Quantity(("potential", "frame"), "eV/Å", "RMS error of force components of the frame"),
    "element_force_rmse": Quantity(("potential", "element"), "eV/Å", "RMS error of force components, by element"),
    "group_energy_rmse": Quantity(("potential", "group"), "eV/atom", "RMS error of energy per atom, by group"),
    "group_force_rmse": Quantity(("potential", "group"), "eV/Å", "RMS error of force components, by group"),
}
