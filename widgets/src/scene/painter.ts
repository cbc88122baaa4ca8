/** Draws shapes with WebGL2; knows nothing of atoms. */

import type { Camera } from "./camera";
import { Program, Shapes, type Uniforms } from "./program";
import { SHADERS } from "./shaders";

/** Everything that is drawn, as numbers for the graphics card. */
export interface Drawing {
  /** Centre and radius. */
  spheres: Float32Array;
  sphereColours: Uint8Array;
  /** Both ends. */
  sticks: Float32Array;
  /** Colours of both halves. */
  stickColours: Uint8Array;
  lines: Float32Array;
  lineColours: Uint8Array;
  /** Translucent spheres. */
  clouds: Float32Array;
  cloudColours: Uint8Array;
  /** Everything is drawn once for each of these, Å. */
  offsets: [number, number, number][];
  ground: [number, number, number];
  /** Share of their radius that spheres are drawn with, and radius of sticks, Å. */
  size: number;
  thickness: number;
}

/** Half the width of a line, pixels, and how much of what is behind a translucent sphere it covers. */
const LINE = 0.8;
const OPACITY = 0.36;
/** More sticks than this are left out of what is painted roughly. */
const MOST_IN_HASTE = 2000;

export class Painter {
  private readonly spheres: Program;
  private readonly sticks: Program;
  private readonly shapes: Record<"atoms" | "bonds" | "lines" | "clouds", Shapes>;
  private drawing: Drawing | undefined;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.spheres = new Program(gl, SHADERS.spheres);
    this.sticks = new Program(gl, SHADERS.sticks);
    this.shapes = {
      atoms: new Shapes(gl, 4),
      bonds: new Shapes(gl, 3),
      lines: new Shapes(gl, 3),
      clouds: new Shapes(gl, 4),
    };
  }

  load(drawing: Drawing): void {
    this.drawing = drawing;
    this.shapes.atoms.load(drawing.spheres.length / 4, drawing.spheres, drawing.sphereColours);
    this.shapes.bonds.load(drawing.sticks.length / 6, drawing.sticks, drawing.stickColours);
    this.shapes.lines.load(drawing.lines.length / 6, drawing.lines, drawing.lineColours);
    this.shapes.clouds.load(drawing.clouds.length / 4, drawing.clouds, drawing.cloudColours);
  }

  /** Paint it all as the camera sees it, within `reach` of its target; roughly is faster, without many sticks. */
  paint(camera: Camera, reach: number, width: number, height: number, roughly = false): void {
    const { gl, drawing } = this;
    if (!drawing || !width || !height) return;
    this.prepare(drawing, width, height);
    const aspect = width / height;
    const { view, projection } = camera.matrices(aspect, reach);
    const [near, far] = camera.depths(Math.min(reach, camera.radius));
    const common = { view, projection, perspective: camera.perspective, depths: [near, far], ground: drawing.ground };
    const pixel = camera.extent / Math.min(width, height);
    const sticks = !roughly || drawing.sticks.length < 6 * MOST_IN_HASTE;
    if (sticks) this.drawSticks({ ...common, thickness: drawing.thickness, opacity: 1, light: 1 }, "bonds");
    this.drawSpheres({ ...common, size: drawing.size, opacity: 1, light: 1 }, "atoms");
    const line = LINE * Math.max(devicePixelRatio, 1) * pixel;
    const thickness = -(camera.perspective ? line / camera.distance : line);
    this.drawSticks({ ...common, thickness, opacity: 1, light: 0 }, "lines");
    gl.disable(gl.SAMPLE_ALPHA_TO_COVERAGE);
    gl.enable(gl.BLEND);
    gl.depthMask(false);
    this.drawSpheres({ ...common, size: drawing.size, opacity: OPACITY, light: 1 }, "clouds");
  }

  private prepare({ ground }: Drawing, width: number, height: number): void {
    const { gl } = this;
    gl.viewport(0, 0, width, height);
    gl.depthMask(true);
    gl.clearColor(...ground, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.disable(gl.BLEND);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ZERO, gl.ONE);
    // Round edges are smooth: the share of a pixel that is covered becomes the share of its samples.
    gl.enable(gl.SAMPLE_ALPHA_TO_COVERAGE);
  }

  private drawSpheres(uniforms: Uniforms, what: "atoms" | "clouds"): void {
    this.spheres.use(uniforms);
    this.repeat(this.spheres, this.shapes[what]);
  }

  private drawSticks(uniforms: Uniforms, what: "bonds" | "lines"): void {
    this.sticks.use(uniforms);
    this.repeat(this.sticks, this.shapes[what]);
  }

  private repeat(program: Program, shapes: Shapes): void {
    for (const offset of this.drawing?.offsets ?? []) {
      program.set("offset", offset);
      shapes.draw();
    }
  }
}
