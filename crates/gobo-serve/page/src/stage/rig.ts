// The lamps of the rig, worked out once a show.
import type { State, Vec3 } from "../protocol";
import { remote } from "../remote/remote";
import { type Lamp, lampsOf } from "./lamps";
import { shown } from "./light";

interface Rig {
  lamps: Lamp[];
  byFixture: Map<string, Lamp[]>;
}

let made: { of: object | string; rig: Rig } | null = null;

/** The rig; the same object until the patch is another. */
export function rigOf({ patch, fixtures }: Pick<State, "patch" | "fixtures">): Rig {
  // A fixture changes whenever one of its channels is held; where it hangs does not.
  const of = patch ?? Object.values(fixtures).map(({ id, universe, address }) => `${id} ${universe}.${address}`).join();
  if (made?.of === of) return made.rig;
  const lamps = lampsOf({ patch, fixtures });
  const byFixture = new Map<string, Lamp[]>();
  for (const lamp of lamps) byFixture.set(lamp.fixture, [...(byFixture.get(lamp.fixture) ?? []), lamp]);
  made = { of, rig: { lamps, byFixture } };
  return made.rig;
}

/** The light of some lamps together, as they show it now. */
export function mixed(lamps: Lamp[]): Vec3 {
  const sum: Vec3 = [0, 0, 0];
  for (const lamp of lamps) {
    const { color } = shown(lamp.head, (slots) => remote.frames.value(lamp, slots));
    for (const axis of [0, 1, 2] as const) sum[axis] += color[axis] / lamps.length;
  }
  return sum;
}
