// The server's clock, as far as it can be known from here.

interface Sample {
  offset: number;
  roundTrip: number;
  at: number;
}

/** How much two clocks may part, as a share of the time that goes by. */
const DRIFT = 1e-4;
const KEPT = 8;

export const here = (): number => performance.timeOrigin + performance.now();

export class ServerClock {
  private samples: Sample[] = [];
  private offset = 0;

  /** Learns from a round trip; the server's time was read somewhere within it. */
  learn(sent: number, heard: number, serverTime: number): void {
    const sample = { offset: serverTime - (sent + heard) / 2, roundTrip: heard - sent, at: heard };
    this.samples = [...this.samples, sample].slice(-KEPT);
    // The shortest round trip says it best; old ones count less, as clocks part.
    const doubt = (one: Sample) => one.roundTrip / 2 + (heard - one.at) * DRIFT;
    this.offset = this.samples.reduce((best, one) => (doubt(one) < doubt(best) ? one : best)).offset;
  }

  forget(): void {
    this.samples = [];
  }

  now(): number {
    return here() + this.offset;
  }
}
