/** What the graphics card runs, and the lists of shapes that it reads. */

/** Where shaders find the lists. */
const [PLACES, COLOURS] = [0, 1];

export type Uniforms = Record<string, number | boolean | readonly number[] | Float32Array>;

export class Program {
  private readonly program: WebGLProgram;
  private readonly places = new Map<string, WebGLUniformLocation | null>();

  constructor(
    readonly gl: WebGL2RenderingContext,
    [vertices, pixels]: readonly [string, string],
  ) {
    this.program = gl.createProgram();
    gl.attachShader(this.program, this.compile(gl.VERTEX_SHADER, vertices));
    gl.attachShader(this.program, this.compile(gl.FRAGMENT_SHADER, pixels));
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(gl.getProgramInfoLog(this.program) ?? "the shaders do not fit");
    }
    gl.useProgram(this.program);
    gl.uniform1i(this.place("places"), PLACES);
    gl.uniform1i(this.place("colours"), COLOURS);
  }

  use(uniforms: Uniforms): void {
    this.gl.useProgram(this.program);
    for (const [name, value] of Object.entries(uniforms)) this.set(name, value);
  }

  set(name: string, value: Uniforms[string]): void {
    const { gl } = this;
    const place = this.place(name);
    if (typeof value === "number") gl.uniform1f(place, value);
    else if (typeof value === "boolean") gl.uniform1i(place, Number(value));
    else if (value.length === 16) gl.uniformMatrix4fv(place, false, value);
    else if (value.length === 3) gl.uniform3fv(place, value);
    else gl.uniform2fv(place, value);
  }

  private place(name: string): WebGLUniformLocation | null {
    const known = this.places.get(name);
    if (known !== undefined) return known;
    const place = this.gl.getUniformLocation(this.program, name);
    this.places.set(name, place);
    return place;
  }

  private compile(kind: number, source: string): WebGLShader {
    const { gl } = this;
    const shader = gl.createShader(kind) as WebGLShader;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
      throw new Error(gl.getShaderInfoLog(shader) ?? "a shader cannot be compiled");
    }
    return shader;
  }
}

/** Texels in a row of a texture; `shaders.ts` counts with it, too. */
const ROW = 1024;

/** A list of numbers that shaders read: three or four floats an entry, or four bytes that mean 0 to 1. */
class List {
  private readonly texture: WebGLTexture;
  private rows = 0;
  private readonly formats: [number, number, number];

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly width: 3 | 4,
    bytes: boolean,
  ) {
    this.texture = gl.createTexture();
    const floats = width === 3 ? ([gl.RGB32F, gl.RGB, gl.FLOAT] as const) : ([gl.RGBA32F, gl.RGBA, gl.FLOAT] as const);
    this.formats = bytes ? [gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE] : [...floats];
  }

  load(values: Float32Array | Uint8Array): void {
    const { gl, width } = this;
    const [, format, kind] = this.formats;
    const entries = values.length / width;
    this.bind(0);
    this.reserve(Math.ceil(entries / ROW));
    const full = Math.floor(entries / ROW);
    const rest = values.subarray(full * ROW * width);
    if (full) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, ROW, full, format, kind, values);
    if (rest.length) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, full, rest.length / width, 1, format, kind, rest);
  }

  bind(unit: number): void {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
  }

  private reserve(rows: number): void {
    if (rows <= this.rows) return;
    const { gl } = this;
    const [inside, format, kind] = this.formats;
    this.rows = rows;
    gl.texImage2D(gl.TEXTURE_2D, 0, inside, ROW, rows, 0, format, kind, null);
    // Floats are not interpolated by every card, and entries of a list never.
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  }
}

/**
 * Many shapes of one kind, each a rectangle. Shaders look them up in lists: instances of four corners are slow on many
 * cards, and software draws each of them as if it were a picture of its own.
 */
export class Shapes {
  private readonly places: List;
  private readonly colours: List;
  private count = 0;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    width: 3 | 4,
  ) {
    this.places = new List(gl, width, false);
    this.colours = new List(gl, 4, true);
  }

  load(count: number, places: Float32Array, colours: Uint8Array): void {
    this.count = count;
    this.places.load(places);
    this.colours.load(colours);
  }

  draw(): void {
    if (!this.count) return;
    this.places.bind(PLACES);
    this.colours.bind(COLOURS);
    this.gl.drawArrays(this.gl.TRIANGLES, 0, 6 * this.count);
  }
}
