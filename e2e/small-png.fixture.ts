import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = 8;
const HEADER_BYTES = 13;
const PALETTE = 256;
/** Of the palette, how many are taken for being common. */
const COMMONEST = 128;

/** A PNG of 8 bits a channel, without interlacing, with at most 256 colours; the others become the nearest of those. */
export function smallPng(png: Buffer): Buffer {
  const { width, height, channels, data } = opened(png);
  const pixels = unfiltered(inflateSync(data), { width, height, channels });
  const colours = Array.from({ length: width * height }, (_, at) => pixels.readUIntBE(at * channels, 3));
  const palette = paletteOf(colours);
  const places = new Map(palette.map((colour, place) => [colour, place]));
  const rows = Buffer.alloc((width + 1) * height);
  for (const [at, colour] of colours.entries()) {
    const place = places.get(colour) ?? nearest(palette, colour);
    places.set(colour, place);
    rows[at + Math.floor(at / width) + 1] = place;
  }
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a pixel, which are places in the palette.
  header.set([8, 3], 8);
  const entries = Buffer.alloc(palette.length * 3);
  for (const [place, colour] of palette.entries()) entries.writeUIntBE(colour, place * 3, 3);
  const parts = [
    chunk('IHDR', header),
    chunk('PLTE', entries),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([png.subarray(0, SIGNATURE), ...parts]);
}

interface Shape {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

function opened(png: Buffer): Shape & { readonly data: Buffer } {
  const found: Buffer[] = [];
  let header = png.subarray(0, 0);
  for (let at = SIGNATURE; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const [name, body] = [png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + png.readUInt32BE(at))];
    if (name === 'IHDR') header = body;
    if (name === 'IDAT') found.push(body);
  }
  return {
    width: header.readUInt32BE(0),
    height: header.readUInt32BE(4),
    channels: header[9] === 6 ? 4 : 3,
    data: Buffer.concat(found),
  };
}

/** Undoes what each row was filtered by; see the PNG specification, 9.2. */
function unfiltered(raw: Buffer, { width, height, channels }: Shape): Buffer {
  const length = width * channels;
  const pixels = Buffer.alloc(length * height);
  for (let row = 0; row < height; row += 1) {
    const [filter, from, to] = [raw[row * (length + 1)], row * (length + 1) + 1, row * length];
    for (let x = 0; x < length; x += 1) {
      const left = x < channels ? 0 : (pixels[to + x - channels] ?? 0);
      const up = row === 0 ? 0 : (pixels[to + x - length] ?? 0);
      const corner = row === 0 || x < channels ? 0 : (pixels[to + x - length - channels] ?? 0);
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
      pixels[to + x] = (raw[from + x] ?? 0) + guess;
    }
  }
  return pixels;
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** The commonest colours, and of the others those that are most unlike them: a small green dot stays green. */
function paletteOf(colours: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a).map(([colour]) => colour);
  const palette = sorted.slice(0, COMMONEST);
  const others = new Map(sorted.slice(COMMONEST).map((colour) => [colour, Math.min(...palette.map((one) => distance(one, colour)))]));
  while (palette.length < PALETTE && others.size > 0) {
    const [chosen] = [...others].reduce((best, other) => (other[1] > best[1] ? other : best));
    palette.push(chosen);
    others.delete(chosen);
    for (const [colour, away] of others) others.set(colour, Math.min(away, distance(chosen, colour)));
  }
  return palette;
}

function nearest(palette: readonly number[], colour: number): number {
  return palette.reduce((best, other, place) => (distance(other, colour) < distance(palette[best] ?? 0, colour) ? place : best), 0);
}

const distance = (one: number, other: number): number =>
  [16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0);

function chunk(name: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
