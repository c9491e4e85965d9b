// What goes out on the wire, as binary messages bring it.

const VERSION = 1;
const ALL = 1;
const HEADER = 24;

export class Frames {
  private readonly universes = new Map<number, Uint8Array>();
  private readonly followers = new Set<() => void>();
  /** Rises with each frame. */
  count = 0;

  read(message: ArrayBuffer): void {
    const view = new DataView(message);
    if (message.byteLength < HEADER || view.getUint8(0) !== VERSION) return;
    if (view.getUint8(1) & ALL) this.universes.clear();
    let at = HEADER;
    for (let left = view.getUint16(2, true); left > 0 && at + 4 <= message.byteLength; left--) {
      const [universe, slots] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
      at += 4;
      if (at + slots > message.byteLength) return;
      this.universes.set(universe, new Uint8Array(message, at, slots));
      at += slots;
    }
    this.count++;
    for (const follower of this.followers) follower();
  }

  /** One slot; `slot` counts from 0 and may run on into the next universe. */
  slot(universe: number, slot: number): number {
    const over = Math.floor(slot / 512);
    return this.universes.get(universe + over)?.[slot - over * 512] ?? 0;
  }

  /** The value in some slots of a fixture, the coarsest first. */
  value(fixture: { universe: number; address: number }, slots: number[]): number {
    let value = 0;
    for (const slot of slots) value = value * 256 + this.slot(fixture.universe, fixture.address - 1 + slot);
    return value;
  }

  follow(follower: () => void): () => void {
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  }
}
