// Places in the room (metres: x right, y to the back, z up) and where they are on the screen.
import type { Vec3 } from "../protocol";

export type Point = [number, number];

function turned(degrees: number, a: number, b: number): [number, number] {
  const angle = (degrees * Math.PI) / 180;
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return [a * cos - b * sin, a * sin + b * cos];
}

/** A direction turned about x, then y, then z, as the compiler turns heads. */
export function rotated([x0, y0, z0]: Vec3, [rx, ry, rz]: Vec3): Vec3 {
  const [y1, z1] = turned(rx, y0, z0);
  const [z2, x1] = turned(ry, z1, x0);
  const [x2, y2] = turned(rz, x1, y1);
  return [x2, y2, z2];
}

/** Where a head points that hangs, by its angles from the middle of their ranges. */
export function beam(panDeg: number, tiltDeg: number): Vec3 {
  const [pan, tilt] = [(panDeg * Math.PI) / 180, (tiltDeg * Math.PI) / 180];
  return [-Math.sin(pan) * Math.sin(tilt), Math.cos(pan) * Math.sin(tilt), -Math.cos(tilt)];
}

export interface Room {
  least: Vec3;
  most: Vec3;
}

export function roomAround(places: Vec3[]): Room {
  const bound = (axis: 0 | 1 | 2, pick: (...all: number[]) => number, other: number) =>
    places.reduce((so, place) => pick(so, place[axis]), other);
  return {
    least: [bound(0, Math.min, -2) - 0.8, bound(1, Math.min, 0) - 0.8, bound(2, Math.min, 0)],
    most: [bound(0, Math.max, 2) + 0.8, bound(1, Math.max, 2) + 0.6, bound(2, Math.max, 2.5) + 0.4],
  };
}

/** How high the eye is, as a part of the room. */
const EYE = 0.62;

/** Somebody in the middle of the room, who looks straight ahead; what is upright stays upright. */
export class Camera {
  private readonly eye: Vec3;
  private readonly scale: number;
  private readonly center: Point;
  /** What lies before it cannot be drawn. */
  readonly nearest: number;

  /** Shows all `places` and the floor below them, as large as can be. */
  constructor({ least, most }: Room, places: Vec3[], width: number, height: number) {
    const span = Math.max(most[0] - least[0], (most[2] - least[2]) * 2);
    this.eye = [(least[0] + most[0]) / 2, least[1] - span * 0.85, least[2] + (most[2] - least[2]) * EYE];
    this.nearest = this.eye[1] + span * 0.3;
    const back: Vec3[] = [[least[0], most[1], least[2]], [most[0], most[1], most[2]]];
    const points = [...back, ...places, ...places.map(([x, y]): Vec3 => [x, y, least[2]])].map((place) => this.flat(place));
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    this.scale = Math.min((width * 0.92) / (right - left), (height * 0.88) / (high - low));
    this.center = [width / 2 - (this.scale * (left + right)) / 2, height / 2 + (this.scale * (low + high)) / 2];
  }

  private flat([x, y, z]: Vec3): Point {
    const depth = y - this.eye[1];
    return [(x - this.eye[0]) / depth, (z - this.eye[2]) / depth];
  }

  at(place: Vec3): Point {
    const [x, y] = this.flat(place);
    return [this.center[0] + x * this.scale, this.center[1] - y * this.scale];
  }

  /** How many pixels a metre is at a place. */
  metre(place: Vec3): number {
    return this.scale / (place[1] - this.eye[1]);
  }
}

/** How far light goes from a place until it meets the floor, the back wall or the eye. */
export function reach([, y, z]: Vec3, [, dy, dz]: Vec3, room: Room, nearest: number): number {
  const until = [12];
  if (dz < -1e-6) until.push((z - room.least[2]) / -dz);
  if (dy > 1e-6) until.push((room.most[1] - y) / dy);
  if (dy < -1e-6) until.push((y - nearest) / -dy);
  return Math.max(0.05, Math.min(...until));
}
