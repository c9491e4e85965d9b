// Draws the rig: once what stands there, and for every frame the light.
import type { Frames } from "../remote/frames";
import { hex } from "../lanes/color";
import type { Vec3 } from "../protocol";
import type { Lamp } from "./lamps";
import { shown, type Shown } from "./light";
import { beam, type Camera, reach, type Room, rotated } from "./space";
import { cone, disc, glow } from "./sprites";

const FLOOR = "#1b1f25";
const TRUSS = "#2b313a";
const HOUSING = "#3d454f";
const CHOSEN = "#ffb454";
/** Half the angle of a beam. */
const SPREAD = { beam: Math.tan((5.5 * Math.PI) / 180), wash: Math.tan((16 * Math.PI) / 180), pixel: 0 };

const BLINDING_M = 1.6;
/** Among more lamps than these nobody sees the glow of a single pixel. */
const MANY = 1000;

type Context = CanvasRenderingContext2D;

function line(context: Context, camera: Camera, from: Vec3, to: Vec3): void {
  context.moveTo(...camera.at(from));
  context.lineTo(...camera.at(to));
}

function drawFloor(context: Context, camera: Camera, { least, most }: Room): void {
  context.strokeStyle = FLOOR;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = Math.ceil(least[0]); x <= most[0]; x++) line(context, camera, [x, least[1], least[2]], [x, most[1], least[2]]);
  for (let y = Math.ceil(least[1]); y <= most[1]; y++) line(context, camera, [least[0], y, least[2]], [most[0], y, least[2]]);
  line(context, camera, [least[0], most[1], least[2]], [most[0], most[1], least[2]]);
  context.stroke();
}

/** Fixtures in a row above head height hang from something. */
function drawTrusses(context: Context, camera: Camera, lamps: Lamp[]): void {
  const rows = new Map<string, Vec3[]>();
  for (const { place } of lamps.filter(({ shape, place }) => shape !== "pixel" && place[2] > 2.2)) {
    const key = `${place[1].toFixed(1)} ${place[2].toFixed(1)}`;
    rows.set(key, [...(rows.get(key) ?? []), place]);
  }
  context.strokeStyle = TRUSS;
  context.lineWidth = 3;
  context.beginPath();
  for (const row of rows.values()) {
    if (row.length < 3) continue;
    const xs = row.map(([x]) => x);
    const [, y, z] = row[0]!;
    line(context, camera, [Math.min(...xs) - 0.5, y, z + 0.2], [Math.max(...xs) + 0.5, y, z + 0.2]);
  }
  context.stroke();
}

/** What stands there, dark. */
export function drawRig(context: Context, camera: Camera, room: Room, lamps: Lamp[], chosen: ReadonlySet<string>): void {
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  drawFloor(context, camera, room);
  drawTrusses(context, camera, lamps);
  for (const lamp of lamps) {
    const [x, y] = camera.at(lamp.place);
    const metre = camera.metre(lamp.place);
    const size = Math.max(lamp.shape === "pixel" ? 1 : 2.5, metre * (lamp.shape === "pixel" ? 0.03 : 0.13));
    context.fillStyle = HOUSING;
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    context.fill();
    if (!chosen.has(lamp.fixture)) continue;
    context.strokeStyle = CHOSEN;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, size + 4, 0, 2 * Math.PI);
    context.stroke();
  }
}

const DARK = 1 / 512;

function add(context: Context, pictures: HTMLCanvasElement[], color: Vec3, strength: number, box: [number, number, number, number]): void {
  for (const axis of [0, 1, 2] as const) {
    const alpha = color[axis] * strength;
    if (alpha < DARK) continue;
    context.globalAlpha = Math.min(1, alpha);
    context.drawImage(pictures[axis]!, ...box);
  }
}

const around = (x: number, y: number, radius: number, flat = radius): [number, number, number, number] => [
  x - radius,
  y - flat,
  2 * radius,
  2 * flat,
];

export class LightPainter {
  private readonly eased: Vec3[];
  private readonly glows: boolean;

  constructor(
    private readonly context: Context,
    private readonly camera: Camera,
    private readonly room: Room,
    private readonly lamps: Lamp[],
    private readonly pixelRatio: number,
  ) {
    this.eased = lamps.map(() => [0, 0, 0]);
    this.glows = lamps.length <= MANY;
  }

  /** Draws the light of a frame. With `ease` below 1 it only goes so far towards it; `true` once it is there. */
  draw(frames: Frames, ease = 1): boolean {
    const { context } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalCompositeOperation = "source-over";
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    context.globalCompositeOperation = "lighter";
    let isThere = true;
    this.lamps.forEach((lamp, index) => {
      const now = shown(lamp.head, (slots) => frames.value(lamp, slots));
      const eased = this.eased[index]!;
      for (const axis of [0, 1, 2] as const) {
        const way = now.color[axis] - eased[axis];
        isThere &&= ease === 1 || Math.abs(way) < 0.01;
        eased[axis] += way * ease;
      }
      if (Math.max(...eased) > DARK) this.lamp(lamp, now, eased);
    });
    context.globalAlpha = 1;
    return isThere;
  }

  private lamp(lamp: Lamp, now: Shown, color: Vec3): void {
    const ratio = this.pixelRatio;
    const metre = this.camera.metre(lamp.place) * ratio;
    const [x, y] = this.camera.at(lamp.place).map((at) => at * ratio) as [number, number];
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    if (lamp.shape === "pixel") {
      const half = Math.max(1.2, metre * 0.032);
      this.context.globalAlpha = 1;
      this.context.fillStyle = hex(color);
      this.context.fillRect(x - half, y - half, 2 * half, 2 * half);
      if (this.glows) add(this.context, glow, color, 0.28, around(x, y, metre * 0.45));
      return;
    }
    this.thrown(lamp, now, color, x, y);
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    add(this.context, glow, color, 0.7, around(x, y, metre * 0.55));
    add(this.context, disc, color, 1, around(x, y, Math.max(2.5, metre * 0.1)));
  }

  /** The beam, and the pool where it lands on the floor. */
  private thrown(lamp: Lamp, now: Shown, color: Vec3, x: number, y: number): void {
    const ratio = this.pixelRatio;
    const angles = beam(now.panDeg - lamp.middle.pan, now.tiltDeg - lamp.middle.tilt);
    const direction = rotated(lamp.shape === "beam" ? angles : [0, 0, -1], lamp.rotation);
    // A blinder would light up the eye, and nothing else could be seen.
    const most = lamp.shape === "wash" && direction[1] < -0.5 ? BLINDING_M : Infinity;
    const far = Math.min(most, reach(lamp.place, direction, this.room, this.camera.nearest));
    const end = lamp.place.map((at, axis) => at + direction[axis]! * far) as Vec3;
    const [endX, endY] = this.camera.at(end).map((at) => at * ratio) as [number, number];
    const half = Math.max(0.12, far * SPREAD[lamp.shape]) * this.camera.metre(end) * ratio;
    const [alongX, alongY] = [endX - x, endY - y];
    const long = Math.max(1, Math.hypot(alongX, alongY));
    const [acrossX, acrossY] = [(-alongY / long) * half, (alongX / long) * half];
    this.context.setTransform(alongX, alongY, acrossX, acrossY, x, y);
    add(this.context, cone, color, lamp.shape === "beam" ? 0.55 : 0.3, [0, -1, 1, 2]);
    if (end[2] - this.room.least[2] > 0.05) return;
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    add(this.context, glow, color, lamp.shape === "beam" ? 0.5 : 0.28, around(endX, endY, half * 1.5, half * 0.5));
  }
}
