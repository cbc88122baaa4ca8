"""What a simulation stores, of every ensemble and replica."""

from .._quantity import REPLICAS, SERIES, Quantity

_PER_ATOM = ("frame", "atom", "xyz")

QUANTITIES = {
    "step": Quantity(SERIES, "1", "integration step", coordinate=True),
    "time": Quantity(SERIES, "fs", "time", coordinate=True),
    "symbol": Quantity(("atom",), "1", "chemical symbol", coordinate=True),
    "number": Quantity(("atom",), "1", "atomic number", coordinate=True),
    "mass": Quantity(("atom",), "amu", "mass", coordinate=True),
    "mobile": Quantity(("atom",), "1", "whether the structure lets the atom move", coordinate=True),
    "initial_momenta": Quantity(("atom", "xyz"), "amu^0.5 eV^0.5", "momenta the system brought along"),
    "positions": Quantity(_PER_ATOM, "Å", "position, unwrapped"),
    "velocities": Quantity(_PER_ATOM, "Å/fs", "velocity"),
    "forces": Quantity(_PER_ATOM, "eV/Å", "force"),
    "cell": Quantity(("frame", "vector", "xyz"), "Å", "lattice vectors"),
    "potential_energy": Quantity(SERIES, "eV", "potential energy"),
    "kinetic_energy": Quantity(SERIES, "eV", "kinetic energy"),
    "total_energy": Quantity(SERIES, "eV", "total energy"),
    "conserved": Quantity(SERIES, "eV", "conserved quantity"),
    "temperature": Quantity(SERIES, "K", "temperature"),
    "pressure": Quantity(SERIES, "GPa", "pressure, compression positive"),
    "stress": Quantity(("frame", "xyz", "xyz2"), "GPa", "stress, tension positive, kinetic part included"),
    "volume": Quantity(SERIES, "Å³", "volume"),
    "replica": Quantity(REPLICAS, "1", "replica", coordinate=True),
    "seed": Quantity(REPLICAS, "1", "seed of a replica", coordinate=True),
    "target_temperature": Quantity(REPLICAS, "K", "target temperature at the start", coordinate=True),
    "target_pressure": Quantity(REPLICAS, "GPa", "target pressure at the start", coordinate=True),
    "live_temperature": Quantity(SERIES, "K", "target temperature"),
    "live_pressure": Quantity(SERIES, "GPa", "target pressure"),
    "live_friction": Quantity(SERIES, "1/ps", "friction"),
    "live_thermostat_time": Quantity(SERIES, "fs", "time constant of the thermostat"),
    "walker": Quantity(("frame", "replica"), "1", "walker that is at the temperature of a replica"),
    "attempts": Quantity(("frame", "pair"), "1", "exchanges tried so far"),
    "exchanges": Quantity(("frame", "pair"), "1", "exchanges made so far"),
    "round_trips": Quantity(SERIES, "1", "ways of a walker from the coldest replica to the hottest and back, so far"),
}
