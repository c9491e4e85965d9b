// Hue, saturation and value; all from 0 to 1.
import type { Vec3 } from "../protocol";

export function rgbFromHsv([hue, saturation, value]: Vec3): Vec3 {
  const part = (offset: number) => {
    const place = (offset + hue * 6) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(1, place, 4 - place)));
  };
  return [part(5), part(3), part(1)];
}

export function hsvFromRgb([red, green, blue]: Vec3): Vec3 {
  const value = Math.max(red, green, blue);
  const span = value - Math.min(red, green, blue);
  if (span === 0) return [0, 0, value];
  const sixth = value === red ? (green - blue) / span + 6 : value === green ? (blue - red) / span + 2 : (red - green) / span + 4;
  return [(sixth % 6) / 6, span / value, value];
}

const byte = (part: number): number => Math.round(Math.max(0, Math.min(1, part)) * 255);

export function hex(rgb: Vec3): string {
  return `#${rgb.map((part) => byte(part).toString(16).padStart(2, "0")).join("")}`;
}

export function rgbFromHex(text: string): Vec3 {
  return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16) / 255) as Vec3;
}

/** A light on the screen: a dim one is lifted, so that its colour can be told. */
export function swatch(rgb: Vec3): string {
  return hex(rgb.map((part) => part ** 0.7) as Vec3);
}
