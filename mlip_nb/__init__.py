"""The notebook lab for machine-learned interatomic potentials."""

import importlib
import os

# Before anybody imports jax: jaxlib prints long harmless lines about "prefer-no-gather" when it loads a cached program.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_PUBLIC = {
    "load": "structures",
    "System": "system",
    "from_ase": "system",
    "to_ase": "system",
    "potential": "potentials",
    "from_calculator": "potentials",
    "from_jax_md": "potentials",
    "from_jax_md_maker": "potentials",
    "to_jax_md": "interop",
    "MD": "workflows",
    "PIMD": "workflows",
    "Run": "workflows",
    "Sweep": "workflows",
    "ReplicaExchange": "workflows",
    "Train": "workflows.train",
    "evaluate": "workflows._evaluate",
    "hull": "workflows._hull",
    "learning_curve": "workflows._learning_curve",
    "calibrate": "workflows._calibrate",
    "assess": "workflows._calibrate",
    "Attack": "workflows.attack",
    "Relax": "workflows.relax",
    "Vacancy": "workflows.point_defect",
    "Interstitial": "workflows.point_defect",
    "Substitution": "workflows.point_defect",
    "Surface": "workflows.surface",
    "StackingFault": "workflows.stacking_fault",
    "Mix": "workflows.mix",
    "Melt": "workflows.melt",
    "Elastic": "workflows.elastic",
    "EquationOfState": "workflows.eos",
    "Phonons": "workflows.phonons",
    "Gruneisen": "workflows.gruneisen",
    "QuasiHarmonic": "workflows.qha",
    "AnisotropicQuasiHarmonic": "workflows.anisotropic_qha",
    "Learn": "workflows.learn",
    "Campaign": "workflows.learn",
    "Design": "workflows.design",
    "convergence": "workflows._convergence",
    "error_split": "workflows._error_split",
    "isotope_effect": "workflows._isotope",
    "radial_distribution": "properties",
    "fractionation": "properties",
    "equilibrium_isotope_effect": "properties",
    "reweight": "workflows._reweight",
    "with_heat_flux": "workflows._heat_flux",
    "model_error": "workflows._model_error",
    "parameter_derivatives": "workflows._derivatives",
    "mass_derivatives": "workflows._derivatives",
    "rates": "workflows._rates",
    "Barrier": "workflows._rates",
    "Tunnelling": "workflows._rates",
    "NEB": "workflows._neb",
    "Saddle": "workflows._saddle",
    "ScrewDislocation": "workflows._dislocation",
    "Peierls": "workflows.peierls",
    "rpmd_rate": "workflows._rpmd_rate",
    "ReactiveFlux": "workflows._reactive_flux",
    "read_frames": "learn",
    "examine": "learn",
    "NVE": "simulate",
    "NVTLangevin": "simulate",
    "NVTNoseHoover": "simulate",
    "NVTRescaling": "simulate",
    "Brownian": "simulate",
    "NPTRescaling": "simulate",
    "NPTMTK": "simulate",
    "NPH": "simulate",
    "LocalPILE": "path_integrals",
    "GlobalPILE": "path_integrals",
    "NPTPILE": "path_integrals",
    "RPMD": "path_integrals",
    "TRPMD": "path_integrals",
    "PACMD": "path_integrals",
    "PlaneWalls": "simulate",
    "SphericalWall": "simulate",
    "Guards": "simulate",
    "rollout": "simulate",
    "lyapunov": "simulate",
    "open": "results",
    "MlipError": "errors",
    "InputError": "errors",
    "SimulationError": "errors",
    "TrainingError": "errors",
    "StorageError": "errors",
    "RunWarning": "errors",
}
"""Public name -> module that defines it, imported when the name is first used (PEP 562)."""

__all__ = sorted(_PUBLIC)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str):
    if name == "__version__":
        from importlib.metadata import version

        return version("mlip_nb")
    if name not in _PUBLIC:
        raise AttributeError(f"module 'mlip_nb' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_PUBLIC[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})


def load_ipython_extension(shell) -> None:
    """`%load_ext mlip_nb`: the `%mlip` and `%%mlip` magics."""
    from .notebook import load

    load(shell)


def unload_ipython_extension(shell) -> None:
    """`%unload_ext mlip_nb`: take the magics back."""
    from .notebook import unload

    unload(shell)
