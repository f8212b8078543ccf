// What a camera sees: codes read from a printed page, and held before Chromium's fake camera.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import encodeQR from 'qr';
import { decodeQR } from 'qr/decode.js';

const run = promisify(execFile);
const [WIDTH, HEIGHT, FRAMES] = [640, 480, 10];

async function inFolder(work) {
  const folder = await mkdtemp(path.join(tmpdir(), 'baokao-camera-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The grey picture that `pdftoppm -gray` writes: P5, width, height, 255. */
function greyOf(bytes) {
  const head = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 40).toString('latin1'));
  const [width, height] = [Number(head[1]), Number(head[2])];
  return { width, height, grey: bytes.subarray(head[0].length) };
}

/** What the QR on the first page of a PDF says, read by the decoder that the phones use. */
export async function codeOn(pdf) {
  return inFolder(async (folder) => {
    const [file, page] = [path.join(folder, 'page.pdf'), path.join(folder, 'page')];
    await writeFile(file, pdf);
    await run('pdftoppm', ['-r', '200', '-gray', '-singlefile', file, page]);
    const { width, height, grey } = greyOf(await readFile(`${page}.pgm`));
    const data = new Uint8ClampedArray(width * height * 4).fill(255);
    for (let at = 0; at < width * height; at += 1) data.fill(grey[at], at * 4, at * 4 + 3);
    return decodeQR({ width, height, data }, { effort: Infinity, timeLimit: Infinity });
  });
}

/** The text of a PDF. */
export async function textOf(pdf) {
  return inFolder(async (folder) => {
    const file = path.join(folder, 'page.pdf');
    await writeFile(file, pdf);
    return (await run('pdftotext', ['-layout', file, '-'])).stdout;
  });
}

const symbol = (text) => encodeQR(text, 'raw', { ecc: 'quartile', border: 4 });

/** A picture of a code, as somebody would take it. */
export function pictureOf(text) {
  return { name: 'code.gif', mimeType: 'image/gif', buffer: Buffer.from(encodeQR(text, 'gif', { ecc: 'quartile', border: 4, scale: 6 })) };
}

/** A film in which a code stands still, for `--use-file-for-fake-video-capture`. */
export async function filmOf(text, file) {
  const modules = symbol(text);
  const scale = Math.floor((HEIGHT - 20) / modules.length);
  const side = modules.length * scale;
  const [left, top] = [(WIDTH - side) >> 1, (HEIGHT - side) >> 1];
  const light = Buffer.alloc(WIDTH * HEIGHT, 235);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      if (modules[Math.floor(y / scale)][Math.floor(x / scale)]) light[(top + y) * WIDTH + left + x] = 16;
    }
  }
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, Buffer.alloc(WIDTH * HEIGHT / 2, 128)]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  await writeFile(file, Buffer.concat([head, ...Array.from({ length: FRAMES }, () => frame)]));
}
