/** A structure on a canvas: takes frames, keeps the camera, and paints at most once between two frames of the screen. */

import { Camera } from "./camera";
import { drawingOf, type Ink } from "./drawing";
import { type Atoms, type Frame, MARGIN, outline, reachFrom, type Style } from "./frame";
import { Painter } from "./painter";
import { isSoftware } from "./software";
import { IDENTITY, type Matrix } from "./vectors";

/** Milliseconds a painting may take before it is done roughly while something moves, and until that rests. */
const PATIENCE = 80;
const REST = 250;

export class Scene {
  style: Style = { bonds: true, cell: true, beads: true, springs: false, repeat: [1, 1, 1] };
  ink: Ink = { ground: "#ffffff", line: "#555555" };
  /** Called once for each frame that has been painted, and not for those that came too fast. */
  onPainted: () => void = () => {};
  private readonly gl: WebGL2RenderingContext | null;
  private painter: Painter | undefined;
  private shown: { atoms: Atoms; frame: Frame } | undefined;
  private orientation = IDENTITY;
  private fresh = false;
  private stale = false;
  private due = 0;
  private size: [number, number] = [0, 0];
  private slow = false;
  private coarse = false;
  private resting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly camera = new Camera(),
  ) {
    this.gl = canvas.getContext("webgl2", { alpha: false, antialias: !isSoftware() });
    if (this.gl) this.painter = new Painter(this.gl);
    canvas.addEventListener("webglcontextlost", this.lose);
    canvas.addEventListener("webglcontextrestored", this.regain);
  }

  /** False where the browser has no WebGL2. */
  get works(): boolean {
    return this.gl !== null;
  }

  /** Show atoms where they are now; the camera stays where it is, unless it has never been placed. */
  show(atoms: Atoms, frame: Frame, orientation: Matrix): void {
    this.shown = { atoms, frame };
    this.orientation = orientation;
    this.fresh = true;
    this.stale = true;
    if (!this.camera.placed) this.reset();
    this.follow();
  }

  /** See all of it again. */
  reset(): void {
    if (!this.shown) return;
    const aspect = this.canvas.width / (this.canvas.height || 1);
    this.camera.fit(outline(this.shown.frame, this.style), MARGIN, this.orientation, aspect);
    this.refresh();
  }

  /** Make shapes of the atoms anew, because they or the style have changed. */
  rebuild(): void {
    this.stale = true;
    this.refresh();
  }

  /** Paint before the next frame of the screen, however many changes come until then. */
  readonly refresh = (): void => {
    if (this.due) return;
    const asked = performance.now();
    this.due = requestAnimationFrame(() => {
      this.due = 0;
      // A screen that is late is still busy with what was painted before.
      if (!this.coarse) this.slow = performance.now() - asked > PATIENCE;
      this.paint();
    });
  };

  /** The camera or the atoms move. Where painting is slow, it is done roughly until they rest. */
  readonly follow = (): void => {
    if (this.slow) this.be(true);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.be(false), REST);
    this.refresh();
  };

  /** Take over the size of the canvas on the page, in its pixels. */
  resize(width: number, height: number): void {
    this.size = [width, height];
    this.adapt();
    if (!this.camera.moved) this.reset();
    // A canvas is empty after its size was changed: painting it later would flicker.
    this.paint();
  }

  /** What is seen now, as a PNG file in a data URL. */
  snapshot(): string {
    this.paint();
    return this.canvas.toDataURL("image/png");
  }

  destroy(): void {
    cancelAnimationFrame(this.due);
    clearTimeout(this.resting);
    this.canvas.removeEventListener("webglcontextlost", this.lose);
    this.canvas.removeEventListener("webglcontextrestored", this.regain);
    // Browsers keep few contexts; a notebook may open many views.
    this.gl?.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private be(coarse: boolean): void {
    if (coarse === this.coarse) return;
    this.coarse = coarse;
    this.adapt();
    this.refresh();
  }

  private adapt(): void {
    const finest = this.coarse ? 0.5 : Math.max(devicePixelRatio, 1);
    const [width, height] = this.size.map((side) => Math.round(side * finest));
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
  }

  private paint(): void {
    const { painter, shown, canvas, camera } = this;
    if (!painter || !shown || !canvas.width || !canvas.height || this.gl?.isContextLost()) return;
    if (this.stale) painter.load(drawingOf(shown.atoms, shown.frame, this.style, this.ink));
    this.stale = false;
    painter.paint(camera, reachFrom(camera.target, shown.frame, this.style), canvas.width, canvas.height, this.coarse);
    if (this.fresh) this.onPainted();
    this.fresh = false;
  }

  private readonly lose = (event: Event): void => {
    // Says that we can go on, once there is a context again.
    event.preventDefault();
    this.painter = undefined;
  };

  private readonly regain = (): void => {
    if (this.gl) this.painter = new Painter(this.gl);
    this.rebuild();
  };
}
