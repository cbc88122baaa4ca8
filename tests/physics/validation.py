"""physical_validation's judgement of our samples.

??? cite "Reference"
    P. T. Merz et al., *J. Open Source Softw.* **7**, 3981 (2022), doi:10.21105/joss.03981
"""

import numpy as np

from mlip_nb import units

from .sampling import Sample


def kinetic_law(sample: Sample, kT: float, freedom: int) -> float:
    """p of the Kolmogorov-Smirnov test that kinetic energies follow Γ(freedom/2, kT)."""
    import physical_validation

    return float(
        physical_validation.kinetic_energy.distribution(_data(sample, kT, None, freedom), strict=True, verbosity=0)
    )


def quantiles(one: Sample, other: Sample, at_one: tuple, at_other: tuple) -> float:
    """How far two ensembles are from the ratio that statistical mechanics predicts, in standard errors.

    Each at (kT, pressure); the pressure is None where the volume is constant. The worse of two judgements: by the
    potential energy alone, and with the kinetic energy. Infinite when what should overlap has nothing in common.
    """
    import physical_validation
    from physical_validation.util.error import InputError

    data = [_data(sample, kT, pressure, 3) for sample, (kT, pressure) in ((one, at_one), (other, at_other))]
    check = physical_validation.ensemble.check
    try:
        found = [check(*data, total_energy=total, verbosity=0, bootstrap_seed=1) for total in (False, True)]
    except InputError:
        return np.inf
    return float(np.max(np.abs(found)))


def _data(sample: Sample, kT: float, pressure: float | None, freedom: int):
    # Not at the top: pymbar complains of 32 bits unless mlip_nb has set JAX up before it is imported.
    from physical_validation.data import EnsembleData, ObservableData, SimulationData, SystemData, UnitData

    atoms = -(-freedom // 3)
    constant = pressure is None
    return SimulationData(
        units=UnitData(**_UNITS),
        system=SystemData(
            natoms=atoms,
            nconstraints=0,
            ndof_reduction_tra=3 * atoms - freedom,
            ndof_reduction_rot=0,
            mass=np.ones(atoms),
        ),
        ensemble=EnsembleData(
            "NVT" if constant else "NPT",
            natoms=atoms,
            volume=sample.volume[0] if constant else None,
            pressure=pressure,
            temperature=kT,
        ),
        observables=ObservableData(
            kinetic_energy=sample.kinetic,
            potential_energy=sample.potential,
            total_energy=sample.potential + sample.kinetic,
            volume=sample.volume,
        ),
    )


_UNITS = {
    "kb": 1.0,
    "energy_str": "eV",
    "energy_conversion": 1 / units.KILOJOULE_PER_MOLE,
    "temperature_str": "eV",
    "temperature_conversion": 1.0,
    "length_str": "Å",
    "length_conversion": 0.1,
    "volume_str": "Å³",
    "volume_conversion": 1e-3,
    "pressure_str": "eV/Å³",
    "pressure_conversion": 1e4 / units.GIGAPASCAL,
    "time_str": "internal",
    "time_conversion": 1.0,
}
"""Ours in GROMACS's."""
