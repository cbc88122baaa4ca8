/** A structure in a notebook: picture, legend, tools and player. Its Python half is `viewers/structure_viewer.py`. */

import type { AnyModel, RenderProps } from "@anywidget/types";
import { element } from "./element";
import { Frames } from "./frames";
import { Legend } from "./legend";
import { Player } from "./player";
import { Camera } from "./scene/camera";
import { followGestures } from "./scene/gestures";
import { Scene } from "./scene/scene";
import {
  atomsOf,
  frameOf,
  orientationOf,
  type Request,
  type StructureState,
  type Told,
  type ToldFrame,
} from "./structure";
import { themeOf, watchTheme } from "./theme";
import { type Tool, Toolbar } from "./toolbar";
import style from "./viewer.css";

const INK = { light: { ground: "#ffffff", line: "#5f6368" }, dark: { ground: "#111111", line: "#a8adb3" } } as const;
const NO_WEBGL = "This browser has no WebGL2, so the structure cannot be drawn here.";
const HELP = "arrow keys turn, with Shift move, plus and minus zoom, 0 resets";
const NOTHING = new DataView(new ArrayBuffer(0));

class Viewer {
  readonly root: HTMLElement;
  private readonly canvas = element("canvas", { tabIndex: 0, role: "img" });
  private readonly scene: Scene;
  private readonly legend = new Legend();
  private readonly player: Player;
  private readonly toolbar: Toolbar;
  private readonly leaving: (() => void)[] = [];
  private shown: ToldFrame;

  constructor(
    private readonly model: AnyModel<StructureState>,
    shadow: ShadowRoot,
    camera: Camera,
  ) {
    this.scene = new Scene(this.canvas, camera);
    Object.assign(this.scene.style, { repeat: model.get("repeat"), bonds: model.get("bonds") });
    this.shown = this.given();
    const { by, index } = this.shown.told;
    const frames = new Frames(Math.max(model.get("count"), 1), (request) => this.send(request), by);
    if (model.get("count")) frames.add(this.shown);
    this.player = new Player(
      frames,
      index,
      (frame) => this.put(frame),
      () => this.given(),
    );
    this.player.setLive(model.get("live"));
    this.toolbar = new Toolbar(this.tools(), model.get("colourings"), (chosen) => this.colour(chosen), by);
    const stage = element("div", { className: "stage" }, this.canvas, this.legend.root, this.toolbar.root);
    stage.style.height = `${model.get("height")}px`;
    const shown = this.scene.works ? stage : element("p", { role: "note" }, NO_WEBGL);
    this.root = element("div", { className: "viewer" }, shown, this.player.root);
    shadow.replaceChildren(element("style", {}, style), this.root);
    this.listen(stage);
    this.retheme();
    this.player.tell(this.shown.told.caption);
    this.put(this.shown);
  }

  destroy(): void {
    this.player.pause();
    for (const leave of this.leaving) leave();
    this.scene.destroy();
  }

  private listen(stage: HTMLElement): void {
    const { model, scene } = this;
    const observer = new ResizeObserver(() => scene.resize(stage.clientWidth, stage.clientHeight));
    observer.observe(stage);
    model.on("change:number", this.update);
    model.on("change:live", this.update);
    model.on("change:repeat", this.repeat);
    model.on("msg:custom", this.receive);
    this.root.addEventListener("keydown", this.press);
    scene.onPainted = () => this.tellPainted();
    this.leaving.push(
      () => observer.disconnect(),
      () => model.off("change:number", this.update),
      () => model.off("change:live", this.update),
      () => model.off("change:repeat", this.repeat),
      () => model.off("msg:custom", this.receive),
      watchTheme(() => this.retheme()),
      followGestures(this.canvas, scene.camera, scene.follow, () => scene.reset()),
    );
  }

  private tools(): Tool[] {
    const { scene } = this;
    const { style, camera } = scene;
    const flip = (name: "bonds" | "cell" | "beads" | "springs") => () => {
      style[name] = !style[name];
      scene.rebuild();
    };
    const turnProjection = () => {
      camera.perspective = !camera.perspective;
      scene.refresh();
    };
    const there = () => this.shown.beads.length > 0;
    return [
      { label: "bonds", title: "Bonds", key: "b", on: () => style.bonds, act: flip("bonds") },
      { label: "cell", title: "Unit cell", key: "c", on: () => style.cell, act: flip("cell") },
      { label: "beads", title: "Beads", key: "q", on: () => style.beads, act: flip("beads"), there },
      { label: "springs", title: "Springs", key: "s", on: () => style.springs, act: flip("springs"), there },
      { label: "depth", title: "Perspective", key: "p", on: () => camera.perspective, act: turnProjection },
      { label: "⟲", title: "Reset view", key: "0", act: () => scene.reset() },
      { label: "PNG", title: "Save as PNG", key: "i", act: () => save(scene.snapshot()) },
    ];
  }

  private readonly press = (event: KeyboardEvent): void => {
    const typing = event.target instanceof HTMLSelectElement;
    if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target === this.canvas && event.key === " ") this.player.toggle();
    else if (event.key === "," || event.key === ".") this.player.step(event.key === "." ? 1 : -1);
    else if (event.key === "l") this.player.follow();
    else if (!this.toolbar.press(event.key)) return;
    event.preventDefault();
  };

  /** What the model holds: the newest frame of a run, or the first that is shown of a trajectory. */
  private given(): ToldFrame {
    const { model } = this;
    return frameOf(model.get("frame"), {
      positions: model.get("positions"),
      cell: model.get("cell"),
      values: model.get("values"),
      beads: model.get("beads"),
    });
  }

  /** Copies of the cell along its vectors; the camera follows unless it was moved by hand. */
  private readonly repeat = (): void => {
    this.scene.style.repeat = this.model.get("repeat");
    this.scene.rebuild();
    if (!this.scene.camera.moved) this.scene.reset();
  };

  private readonly update = (): void => {
    const { model, player } = this;
    if (model.get("count")) player.grow(model.get("count"));
    player.arrive(this.given());
    player.setLive(model.get("live"));
    // Also a frame that is passed over makes room for the next one.
    if (this.shown.told.index !== model.get("frame").index) this.tellPainted();
  };

  private colour(by: string): void {
    if (this.model.get("live")) this.send({ ask: "colour", by });
    this.player.colour(by);
  }

  private readonly receive = (message: unknown, buffers: DataView[] = []): void => {
    const { told } = (message ?? {}) as { told?: Told };
    const [positions, cell, values] = buffers;
    if (told && positions && cell && values) {
      this.player.heed(frameOf(told, { positions, cell, values, beads: NOTHING }));
    }
  };

  private put(frame: ToldFrame): void {
    this.shown = frame;
    const { model } = this;
    const [species, elements, periodic] = [model.get("species"), model.get("elements"), model.get("periodic")];
    const atoms = atomsOf({ species, elements, periodic });
    this.toolbar.tell();
    this.legend.update(elements, frame.values.length ? frame.scale : null);
    this.canvas.setAttribute("aria-label", `${model.get("title")}: ${HELP}`);
    this.scene.show(atoms, frame, orientationOf(model.get("orientation")));
  }

  private retheme(): void {
    const theme = themeOf(this.root);
    this.root.dataset.theme = theme;
    this.scene.ink = INK[theme];
    this.scene.rebuild();
  }

  private tellPainted(): void {
    this.root.dataset.painted = String(this.model.get("number"));
    this.root.dataset.frame = String(this.shown.told.index);
    this.send({ ask: "painted", number: this.model.get("number") });
  }

  private send(request: Request): void {
    this.model.send(request);
  }
}

function save(address: string): void {
  element("a", { href: address, download: "structure.png" }).click();
}

/** Views of one model share its camera, so that one that is drawn anew looks as the one before. */
export default () => {
  const camera = new Camera();
  return {
    render({ model, el }: RenderProps<StructureState>): () => void {
      // Keys belong to the picture and the buttons, not to the notebook.
      el.setAttribute("data-lm-suppress-shortcuts", "true");
      const viewer = new Viewer(model, el.shadowRoot ?? el.attachShadow({ mode: "open" }), camera);
      return () => viewer.destroy();
    },
  };
};

/** For pages without a notebook. */
export { Scene };
