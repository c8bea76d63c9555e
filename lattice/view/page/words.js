/** How numbers and names are written. */

/** @import {Channel, Shot} from "./types.js" */

/** @type {{channel: Channel, key: string, label: string, says: string}[]} */
export const CHANNEL_NAMES = [
  { channel: "rgb", key: "C", label: "RGB", says: "All colors" },
  { channel: "r", key: "R", label: "R", says: "Red alone" },
  { channel: "g", key: "G", label: "G", says: "Green alone" },
  { channel: "b", key: "B", label: "B", says: "Blue alone" },
  { channel: "a", key: "A", label: "A", says: "Alpha alone" },
  { channel: "y", key: "L", label: "Y", says: "Luma alone" },
];

/** With a sign, as gains and stops are written. @param {number} value @param {number} digits */
export const signed = (value, digits = 2) => (value < 0 || Object.is(value, -0) ? "-" : "+") + Math.abs(value).toFixed(digits);

/** A scene value by five digits, which name a half. @param {number} value */
export function light(value) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const digits = size >= 1e-4 && size < 1e5 ? value.toPrecision(5) : value.toExponential(3);
  return digits.slice(0, 11);
}

/** @param {number} value 0 to 1 */
export const share = (value) => (Number.isFinite(value) ? value.toFixed(3) : "–");

/** The number by which a frame of a shot is known. @param {Shot} shot @param {number} index */
export const frameNumber = (shot, index) => shot.numbers?.[index] ?? (shot.count > 1 ? index + 1 : null);

const MANY = 16; // times: from here on counted in times

/** @param {number} zoom canvas pixels a picture line */
export function percent(zoom) {
  const value = zoom * 100;
  if (zoom >= MANY) return `${Math.round(zoom)}×`;
  return `${value >= 10 ? Math.round(value) : value.toFixed(1)}%`;
}

/** The half float that 16 bits are. @param {number} bits */
export function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15));
}
