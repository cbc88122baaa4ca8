"""What a trainer computes on packed frames is what the potential says of each frame alone."""

from itertools import product

import ase
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.calculators.singlepoint import SinglePointCalculator
from hypothesis import given, settings
from hypothesis import strategies as st

from mlip_nb.errors import InputError
from mlip_nb.learn import Packer, graph_of, pack, read_frames
from mlip_nb.potentials import potential

from .predictions import evaluate_batch

CUTOFF = 4.5


def random_frame(seed: int, atoms: int, pbc, size: float = 3.0, symbols=("Ar", "Ne")) -> ase.Atoms:
    """Atoms that keep apart, in a triclinic cell."""
    random = np.random.default_rng(seed)
    cell = size * (np.eye(3) + random.uniform(-0.3, 0.3, (3, 3))) * np.array([atoms, 1, 1])[:, None]
    fractional = (np.arange(atoms)[:, None] / atoms) * [1, 0, 0] + random.uniform(0, 0.2, (atoms, 3)) / [atoms, 1, 1]
    # Far outside the cell, too: nobody has to wrap.
    fractional += random.integers(-2, 3, (atoms, 3)) * np.array(pbc)
    frame = ase.Atoms(random.choice(symbols, atoms), fractional @ cell, cell=cell, pbc=pbc)
    forces, stress = random.normal(size=(atoms, 3)), random.normal(size=6)
    frame.calc = SinglePointCalculator(frame, energy=random.normal(), forces=forces, stress=stress)
    return frame


periodicities = st.tuples(st.booleans(), st.booleans(), st.booleans())
frames_strategy = st.lists(
    st.builds(random_frame, st.integers(0, 10**6), st.integers(1, 7), periodicities), min_size=1, max_size=6
)


def brute_force_vectors(frame, cutoff: float) -> np.ndarray:
    """Vectors of all directed pairs, by trying all images."""
    positions, cell, pbc = np.asarray(frame.system.positions), np.asarray(frame.system.cell), frame.system.pbc
    fractional = positions @ np.linalg.inv(cell)
    home = positions - np.where(pbc, np.floor(fractional), 0) @ cell
    shifts = np.array(list(product(*(range(-7, 8) if periodic else (0,) for periodic in pbc)))) @ cell
    vectors = home[None, :, None] - home[:, None, None] + shifts
    lengths = np.linalg.norm(vectors, axis=-1)
    return vectors[(lengths < cutoff) & (lengths > 1e-9)]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 7), periodicities)
def test_edges_are_those_of_brute_force_and_opposite_in_pairs(seed, atoms, pbc):
    frame = read_frames(random_frame(seed, atoms, pbc))[0]
    graph = graph_of(frame, CUTOFF)
    ours, theirs = graph.vectors[:, graph.mask].T, brute_force_vectors(frame, CUTOFF)
    assert len(ours) == len(theirs)
    np.testing.assert_allclose(np.sort(ours, axis=0), np.sort(theirs, axis=0), atol=1e-9)
    check_table(graph.vectors, graph.others, graph.reverse, graph.mask)


def check_table(vectors, others, reverse, mask):
    slots, columns = np.nonzero(mask)
    back = (reverse[mask], others[mask])
    assert mask[back].all()
    np.testing.assert_array_equal(others[back], columns)
    np.testing.assert_array_equal(reverse[back], slots)
    np.testing.assert_array_equal(vectors[:, *back], -vectors[:, mask])
    unused_slot, unused_atom = np.nonzero(~mask)
    np.testing.assert_array_equal(others[~mask], unused_atom)
    np.testing.assert_array_equal(reverse[~mask], unused_slot)
    assert (np.linalg.norm(vectors[:, ~mask], axis=0) > CUTOFF).all()


@settings(deadline=None, max_examples=30)
@given(frames_strategy, st.integers(1, 20), st.integers(1, 4), st.integers(0, 100))
def test_every_frame_is_whole_in_one_batch_and_all_batches_have_one_shape(sources, atoms, frames_most, seed):
    frames = read_frames(sources)
    packer = Packer(frames, ("Ar", "Ne"), CUTOFF, atoms=atoms, frames_most=frames_most, dtype="float64")
    batches = packer.batches(seed)
    assert sorted(i for batch in batches for i in batch.index if i >= 0) == list(range(len(frames)))
    shapes = {tuple(leaf.shape for leaf in jax.tree.leaves(batch)) for batch in batches}
    assert len(shapes) == 1
    for batch in batches:
        check_batch(batch, frames)


def check_batch(batch, frames):
    check_table(batch.vectors, batch.others, batch.reverse, batch.mask)
    used = batch.weight > 0
    assert not batch.mask[:, ~batch.real].any()
    assert batch.count[used].sum() == batch.real.sum()
    np.testing.assert_array_equal(batch.real, np.arange(len(batch.real)) < batch.real.sum())
    np.testing.assert_array_equal(batch.owner[batch.real], np.repeat(np.flatnonzero(used), batch.count[used]))
    own = [frames[index] for index in batch.index[used]]
    np.testing.assert_array_equal(batch.forces[:, batch.real], np.concatenate([frame.forces for frame in own]).T)
    np.testing.assert_array_equal(batch.energy[used], [frame.energy for frame in own])
    symbols = [symbol for frame in own for symbol in frame.system.symbols]
    assert [("Ar", "Ne")[species] for species in batch.species[batch.real]] == symbols
    assert batch.has_stress[used].tolist() == [all(frame.system.pbc) for frame in own]


@pytest.mark.physics
def test_a_batch_gives_what_the_potential_gives_for_each_frame():
    model = potential("lennard-jones", species=["Ar", "Ne"], cutoff=CUTOFF)
    pbcs = [(True, True, True), (False, False, False), (True, True, True), (True, False, True)]
    sources = [random_frame(seed, 4, pbc, size=6.0) for seed, pbc in enumerate(pbcs)]
    frames = read_frames(sources)
    (batch,) = pack(frames, model.spec.elements, CUTOFF, atoms=20, frames_most=5, seed=3, dtype="float64")
    energies, forces, stresses = evaluate_batch(model, jax.tree.map(jnp.asarray, batch))
    starts = np.cumsum([0, *batch.count])
    for place, index in enumerate(batch.index[:4]):
        alone = model.evaluate(frames[index].system, stress=bool(batch.has_stress[place]))
        np.testing.assert_allclose(energies[place], alone.energy, rtol=1e-10)
        here = slice(starts[place], starts[place] + batch.count[place])
        np.testing.assert_allclose(forces[:, here].T, alone.forces, rtol=1e-9, atol=1e-10)
        if batch.has_stress[place]:
            np.testing.assert_allclose(stresses[place], alone.stress, rtol=1e-9, atol=1e-12)


def test_offsets_are_taken_off_before_energies_are_rounded():
    frames = read_frames([random_frame(1, 3, (True,) * 3, symbols=("Ar",))])
    offsets = np.array([-12345678.9, 0.0])
    shifted = [type(frame)(frame.system, frame.energy + 3 * offsets[0], frame.forces, None) for frame in frames]
    (batch,) = pack(shifted, ("Ar", "Ne"), CUTOFF, atoms=3, frames_most=1, offsets=offsets, dtype="float32")
    assert batch.vectors.dtype == batch.energy.dtype == np.float32
    np.testing.assert_allclose(batch.energy[0], frames[0].energy, atol=1e-6)


def test_missing_labels_are_zero_and_said_to_be_missing():
    frame = read_frames([random_frame(1, 3, (True,) * 3)])[0]
    bare = type(frame)(frame.system, None, None, None)
    (batch,) = pack([frame, bare], ("Ar", "Ne"), CUTOFF, atoms=8, frames_most=3)
    for name in ("has_energy", "has_forces", "has_stress"):
        assert getattr(batch, name).tolist() == [True, False, False]
    assert not batch.forces[:, 3:].any()
    assert np.isfinite(batch.energy).all()
    np.testing.assert_array_equal(batch.weight, [1, 1, 0])


def test_a_seed_repeats_the_order_and_epochs_differ():
    frames = read_frames([random_frame(seed, 2, (True,) * 3) for seed in range(12)])
    packer = Packer(frames, ("Ar", "Ne"), 3.0, atoms=4, frames_most=2)
    orders = [[batch.index.tolist() for batch in packer.batches(seed)] for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert [index for batch in packer.batches() for index in batch.index] == list(range(12))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"elements": ("Ar",)}, "frame 0 has Ne; add it to the elements"),
        ({"atoms": 0}, "atoms: a batch holds at least 1"),
        ({"frames": []}, "no frames to pack"),
    ],
)
def test_what_cannot_be_packed_is_refused(options, message):
    frames = read_frames([random_frame(1, 3, (True,) * 3, symbols=("Ne",))])
    given_options = {"frames": frames, "elements": ("Ar", "Ne"), "cutoff": 3.0, "atoms": 3, "frames_most": 1} | options
    with pytest.raises(InputError, match=message):
        pack(**given_options)
