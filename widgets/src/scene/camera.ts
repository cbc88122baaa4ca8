/** From where one looks: turned as a ball, moved in the plane of the picture, near or far. */

import {
  add,
  apply,
  combine,
  IDENTITY,
  length,
  type Matrix,
  multiply,
  orthonormal,
  rotation,
  scale,
  subtract,
  type Vector,
} from "./vectors";

/** Half the angle of view across the shorter side, radians. */
const HALF_ANGLE = 0.23;
/** A turn of the ball from one edge of the picture to the other, radians. */
const TURN = 4;
/** Room around what is seen. */
const MARGIN = 1.04;
/** How many times nearer or farther than the whole one may go. */
const NEAREST = 200;
const FARTHEST = 20;

export interface Projection {
  /** Column-major, as WebGL takes them. */
  view: Float32Array;
  projection: Float32Array;
}

export class Camera {
  /** Rows: to the right, up, towards the eye. */
  rotation: Matrix = IDENTITY;
  target: Vector = [0, 0, 0];
  /** Å across the shorter side of the picture, at the target. */
  extent = 10;
  /** Å around the target in which there is something to see. */
  radius = 5;
  perspective = true;
  /** False until something was looked at. */
  placed = false;
  /** True once it was moved by hand. */
  moved = false;

  /** Å from the eye to the target. */
  get distance(): number {
    return this.extent / (2 * Math.tan(HALF_ANGLE));
  }

  /** See all of some places, with a margin in Å around them. */
  fit(places: Vector[], margin: number, orientation: Matrix, aspect: number): void {
    const seen = places.map((place) => apply(orientation, place));
    const middle = scale(add(lowest(seen), highest(seen)), 0.5);
    this.rotation = orientation;
    this.target = combine(middle, orientation);
    this.radius = margin + seen.reduce((far, place) => Math.max(far, length(subtract(place, middle))), 0);
    const [wide, high] = sides(aspect);
    const needed = seen.map((place) => {
      const [x, y, z] = subtract(place, middle);
      const ahead = this.perspective ? z * Math.tan(HALF_ANGLE) : 0;
      return Math.max(Math.abs(x) / wide, Math.abs(y) / high) + ahead;
    });
    this.extent = 2 * MARGIN * (margin + needed.reduce((far, one) => Math.max(far, one), 0));
    this.placed = true;
    this.moved = false;
  }

  /** Turn by a way across the picture, as a share of its shorter side; to the right and down are positive. */
  turn(right: number, down: number): void {
    const turned = multiply(rotation([1, 0, 0], TURN * down), rotation([0, 1, 0], TURN * right));
    this.rotation = orthonormal(multiply(turned, this.rotation));
    this.moved = true;
  }

  /** Move what is seen by a way across the picture, as a share of its shorter side. */
  pan(right: number, down: number): void {
    this.target = add(this.target, combine([-right * this.extent, down * this.extent, 0], this.rotation));
    this.moved = true;
  }

  /** Above one: nearer. */
  zoom(factor: number): void {
    const wanted = this.extent / factor;
    this.extent = Math.min(Math.max(wanted, this.radius / NEAREST), this.radius * FARTHEST);
    this.moved = true;
  }

  /** Å towards the eye, seen from the target, to the right and up. */
  toView(point: Vector): Vector {
    return apply(this.rotation, subtract(point, this.target));
  }

  /** Where a point is drawn, as shares of width and height from the upper left corner. */
  project(point: Vector, aspect: number): [number, number] {
    const [x, y, z] = this.toView(point);
    const [wide, high] = sides(aspect);
    const size = this.extent * (this.perspective ? (this.distance - z) / this.distance : 1);
    return [0.5 + x / (size * wide), 0.5 - y / (size * high)];
  }

  /** Depths between which everything lies, Å from the eye. */
  depths(reach: number): [number, number] {
    const middle = this.perspective ? this.distance : 0;
    const near = middle - reach;
    return [this.perspective ? Math.max(near, this.distance / 100) : near, middle + reach];
  }

  matrices(aspect: number, reach: number): Projection {
    const [near, far] = this.depths(reach);
    const [x, y, z] = this.rotation;
    const [tx, ty, tz] = apply(this.rotation, this.target);
    const back = this.perspective ? this.distance : 0;
    const view = [x[0], y[0], z[0], 0, x[1], y[1], z[1], 0, x[2], y[2], z[2], 0, -tx, -ty, -tz - back, 1];
    const projection = this.perspective ? this.frustum(aspect, near, far) : this.box(aspect, near, far);
    return { view: new Float32Array(view), projection: new Float32Array(projection) };
  }

  private frustum(aspect: number, near: number, far: number): number[] {
    const f = 1 / Math.tan(HALF_ANGLE);
    const [wide, high] = sides(aspect);
    const depth = 1 / (near - far);
    return [f / wide, 0, 0, 0, 0, f / high, 0, 0, 0, 0, (near + far) * depth, -1, 0, 0, 2 * near * far * depth, 0];
  }

  private box(aspect: number, near: number, far: number): number[] {
    const f = 2 / this.extent;
    const [wide, high] = sides(aspect);
    const depth = 1 / (near - far);
    return [f / wide, 0, 0, 0, 0, f / high, 0, 0, 0, 0, 2 * depth, 0, 0, 0, (near + far) * depth, 1];
  }
}

/** Width and height of a picture, in units of the shorter one. */
function sides(aspect: number): [number, number] {
  return aspect > 1 ? [aspect, 1] : [1, 1 / aspect];
}

const lowest = (places: Vector[]): Vector =>
  places.reduce((a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.min(a[2], b[2])]);
const highest = (places: Vector[]): Vector =>
  places.reduce((a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.max(a[2], b[2])]);
