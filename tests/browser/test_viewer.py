"""Our viewer draws in a real browser: atoms where they are, in their colours, and as fast as it says."""

import io

import numpy as np
import pytest
from PIL import Image
from stage import Stage

import mlip_nb
from mlip_nb import viewers
from mlip_nb.system import to_ase
from mlip_nb.viewers._frames import Frame, Scale, frame_of

SCENE = """
async ([places, colours]) => {
  const canvas = document.createElement("canvas");
  const scene = new Scene(canvas);
  scene.resize(300, 200);
  const none = new Float32Array();
  const elements = colours.map((colour) => ({ symbol: "X", colour, radius: 0.7 }));
  const atoms = { species: Uint8Array.from(colours.keys()), elements, periodic: [false, false, false] };
  const scale = { label: "", unit: "", low: 0, high: 1 };
  const frame = { positions: Float32Array.from(places.flat()), cell: none, values: none, beads: none, scale };
  scene.show(atoms, frame, [[0.8, 0.6, 0], [-0.6, 0.8, 0], [0, 0, 1]]);
  window.scene = scene;
  const shot = () => scene.snapshot();
  const where = () => places.map((place) => scene.camera.project(place, 1.5));
  return { first: shot(), places: where() };
}
"""
SPEED = """
async ([move, seconds]) => {
  let [frames, began] = [-3, performance.now()];
  while (frames < 1 || performance.now() - began < 1000 * seconds) {
    if (frames === 0) began = performance.now();
    scene.camera.turn(0.01, 0);
    if (move === "atoms") scene.show(...shown);
    else scene.follow();
    // The browser holds the next one back until what was painted is on the screen.
    await new Promise(requestAnimationFrame);
    frames++;
  }
  return (1000 * frames) / (performance.now() - began);
}
"""


@pytest.fixture
def page(chromium):
    """A page whose errors fail the test."""
    page = chromium.new_page(viewport={"width": 640, "height": 460})
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    yield page
    page.close()
    assert not errors


def pixels(shot: bytes) -> np.ndarray:
    """Red, green and blue, rows from above."""
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), float)


def from_url(address: str) -> np.ndarray:
    import base64

    return pixels(base64.b64decode(address.split(",")[1]))


def spread(image: np.ndarray) -> float:
    """Width of what is drawn over its height; without the frame and the legend."""
    down, across = np.nonzero((image[8:-40, 8:-8] < 250).any(axis=-1))
    return np.ptp(across) / np.ptp(down)


def silicon(repeat: int = 3):
    return to_ase(mlip_nb.load("Si", repeat=repeat))


def test_atoms_are_drawn_where_they_are_projected_in_their_colours(page):
    Stage(page, viewers.show(silicon(1)))
    places = [[0, 0, 0], [4, 0, 0], [0, 4, 0], [4, 4, 0]]
    colours = ["#cc2222", "#22cc22", "#2222cc", "#cccc22"]
    seen = page.evaluate(SCENE, [places, colours])
    image = from_url(seen["first"])
    for (across, down), colour in zip(seen["places"], colours, strict=True):
        drawn = image[round(down * image.shape[0]), round(across * image.shape[1])]
        wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
        # Light makes colours paler: by less than a quarter of what tells them from each other.
        np.testing.assert_allclose(drawn / drawn.max(), wanted / wanted.max(), atol=0.2)
    assert (image[0, 0] == 255).all()


def test_what_is_in_front_hides_what_is_behind(page):
    Stage(page, viewers.show(silicon(1)))
    seen = page.evaluate(SCENE, [[[0, 0, 0], [0, 0, 3]], ["#cc2222", "#2222cc"]])
    across, down = seen["places"][1]
    image = from_url(seen["first"])
    drawn = image[round(down * image.shape[0]), round(across * image.shape[1])]
    assert drawn[2] > drawn[0]
    behind = page.evaluate("() => { scene.camera.rotation = [[1,0,0],[0,-1,0],[0,0,-1]]; return scene.snapshot() }")
    drawn = from_url(behind)[100, 150]
    assert drawn[0] > drawn[2]


def test_the_camera_stays_where_it_was_put_when_atoms_and_cell_move(page):
    atoms = silicon()
    widget = viewers.show(atoms)
    stage = Stage(page, widget)
    before = pixels(stage.canvas.screenshot())
    stage.canvas.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(800)
    turned = pixels(stage.canvas.screenshot())
    assert np.abs(turned - before).mean() > 1
    widget.show(frame_of(atoms.positions * 1.001, atoms.cell.array * 1.001, atoms.pbc))
    stage.update(widget)
    page.wait_for_timeout(800)
    moved = pixels(stage.canvas.screenshot())
    assert 0 < np.abs(moved - turned).mean() < 0.5 * np.abs(turned - before).mean()
    page.keyboard.press("0")
    page.wait_for_timeout(800)
    assert np.abs(pixels(stage.canvas.screenshot()) - before).mean() < np.abs(turned - before).mean()


def test_copies_of_the_cell_are_drawn_beside_it(page):
    widget = viewers.show(silicon(1))
    stage = Stage(page, widget)
    before = spread(pixels(stage.canvas.screenshot()))
    page.evaluate("model.update({ repeat: [4, 1, 1] })")
    page.wait_for_timeout(800)
    assert spread(pixels(stage.canvas.screenshot())) > 1.5 * before


def test_a_dark_page_has_a_dark_ground(page):
    stage = Stage(page, viewers.show(silicon()), dark=True)
    image = pixels(stage.canvas.screenshot())
    assert np.median(image) < 40
    assert image.max() > 120


def test_values_have_a_legend_with_numbers_and_a_unit(page):
    atoms = silicon()
    frame = frame_of(atoms.positions, atoms.cell.array, atoms.pbc)
    widget = viewers.show(atoms)
    values = np.linspace(0, 2.5, len(atoms))
    widget.show(Frame(frame.positions, frame.cell, values, Scale("force", "eV/Å", 0.0, 2.5), "forces"))
    stage = Stage(page, widget)
    legend = page.locator(".viewer .key")
    assert legend.inner_text().split("\n")[0] == "force (eV/Å)"
    assert "2.5" in legend.inner_text()
    image = pixels(stage.canvas.screenshot())
    yellow = (image[..., 0] > 150) & (image[..., 1] > 130) & (image[..., 2] < 90)
    purple = (image[..., 0] > image[..., 1] + 20) & (image[..., 2] > image[..., 1] + 25)
    assert yellow.sum() > 100
    assert purple.sum() > 100


def test_a_lost_context_comes_back(page):
    stage = Stage(page, viewers.show(silicon()))
    before = pixels(stage.canvas.screenshot())
    page.evaluate(
        """async () => {
          const gl = view.querySelector("canvas").getContext("webgl2");
          const lost = gl.getExtension("WEBGL_lose_context");
          lost.loseContext();
          await new Promise((done) => setTimeout(done, 200));
          lost.restoreContext();
        }"""
    )
    page.wait_for_timeout(1500)
    np.testing.assert_allclose(pixels(stage.canvas.screenshot()), before, atol=3)


def test_the_player_plays_what_is_answered(page):
    atoms = silicon()
    widget = viewers.show(atoms)
    widget.count = 2
    stage = Stage(page, widget)
    page.evaluate(
        """() => setInterval(() => {
          for (const { numbers } of sent.splice(0).filter((one) => one.ask === "frames"))
            for (const index of numbers)
              model.answer({ ...model.get("frame"), index, caption: `${index}` },
                           ["positions", "cell", "values"].map((name) => model.get(name)));
        }, 20)"""
    )
    stage.canvas.focus()
    page.keyboard.press(" ")
    page.wait_for_function("view.dataset.frame === '1'")
    page.wait_for_function("view.dataset.frame === '0'")


@pytest.mark.physics
@pytest.mark.parametrize("repeat", [3, 5, 11], ids=lambda repeat: f"{8 * repeat**3}-atoms")
def test_frames_per_second_in_software(page, repeat, record_property, capsys):
    """Software draws here, roughly where it is slow: a graphics card is many times faster."""
    atoms = silicon(repeat)
    Stage(page, viewers.show(atoms))
    page.evaluate("leave()")
    page.evaluate(
        """() => {
          const canvas = document.body.appendChild(document.createElement("canvas"));
          window.scene = new Scene(canvas);
          scene.resize(600, 400);
          const state = model.state;
          const floats = (view) => new Float32Array(view.buffer);
          const atoms = { ...state, species: new Uint8Array(state.species.buffer) };
          const frame = { positions: floats(state.positions), cell: floats(state.cell), values: new Float32Array(),
                          beads: new Float32Array(), scale: state.frame.scale };
          const turned = floats(state.orientation);
          window.shown = [atoms, frame, [0, 3, 6].map((row) => [...turned.subarray(row, row + 3)])];
          scene.show(...shown);
        }"""
    )
    for move in ("atoms", "camera"):
        rate = page.evaluate(SPEED, [move, 3])
        record_property(f"frames per second, {move} move", rate)
        with capsys.disabled():
            print(f"\n{len(atoms)} atoms, {move} move: {rate:.1f} frames per second, drawn in software")
        assert rate > 1
