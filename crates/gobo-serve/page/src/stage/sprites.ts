// Light as pictures: each in red, green and blue, so that any colour is their sum.

type Alpha = (u: number, v: number) => number;

const PRIMARIES = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
] as const;

function sprites(width: number, height: number, alpha: Alpha): HTMLCanvasElement[] {
  return PRIMARIES.map(([red, green, blue]) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(width, height);
    for (let at = 0; at < width * height; at++) {
      const u = ((at % width) + 0.5) / width;
      const v = (Math.floor(at / width) + 0.5) / height;
      image.data.set([red, green, blue, Math.round(255 * alpha(u, v))], at * 4);
    }
    context.putImageData(image, 0, 0);
    return canvas;
  });
}

function smooth(from: number, to: number, x: number): number {
  const t = Math.max(0, Math.min(1, (x - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** Round, brightest in the middle. */
export const glow = sprites(64, 64, (u, v) => {
  const away = Math.hypot(u - 0.5, v - 0.5) * 2;
  return Math.max(0, 1 - away) ** 2.2;
});

/** A disc with a soft edge. */
export const disc = sprites(32, 32, (u, v) => 1 - smooth(0.55, 1, Math.hypot(u - 0.5, v - 0.5) * 2));

/** From the lens at the left, wider and fainter to the right. */
export const cone = sprites(192, 96, (u, v) => {
  const edge = Math.abs(v - 0.5) * 2;
  const half = 0.05 + 0.95 * u;
  return (1 - smooth(0.35, 1, edge / half)) * (0.25 + 0.75 * (1 - u) ** 1.5) * (1 - smooth(0.9, 1, u));
});
