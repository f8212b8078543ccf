// The pictures of the staff manual: the walk makes them, the manual shows them, and neither may have one that the other lacks.

import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const MANUAL = new URL('../../../docs/staff/', import.meta.url).pathname;
/** A picture that is larger makes the repository heavy for little. */
const MOST_BYTES = 80 * 1024;

/** The names of the pictures that the manual shows. */
async function shown() {
  const names = new Set();
  for (const file of (await readdir(MANUAL)).filter((one) => one.endsWith('.md'))) {
    const text = await readFile(path.join(MANUAL, file), 'utf8');
    for (const [, name] of text.matchAll(/\]\(pictures\/([^)]+)\.jpg\)/g)) names.add(decodeURIComponent(name));
  }
  return names;
}

/** Keeps what a walk takes in `folder`; `check` says what is missing, left over or too large. */
export async function album(folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const taken = new Map();
  return {
    async keep(name, bytes) {
      taken.set(name, bytes.length);
      await writeFile(path.join(folder, `${name}.jpg`), bytes);
    },
    /** Puts what was taken into the manual. */
    async refresh() {
      const stored = path.join(MANUAL, 'pictures');
      await rm(stored, { recursive: true, force: true });
      await cp(folder, stored, { recursive: true });
    },
    async check() {
      const wanted = await shown();
      const stored = new Set((await readdir(path.join(MANUAL, 'pictures'))).map((file) => file.replace(/\.jpg$/, '')));
      return [
        ...[...wanted].filter((name) => !taken.has(name)).map((name) => `the manual shows “${name}”, which the walk doesn't take`),
        ...[...wanted].filter((name) => !stored.has(name)).map((name) => `docs/staff/pictures lacks “${name}”: make staff-manual`),
        ...[...taken.keys()].filter((name) => !wanted.has(name)).map((name) => `the walk takes “${name}”, which the manual doesn't show`),
        ...[...stored].filter((name) => !wanted.has(name)).map((name) => `docs/staff/pictures has “${name}”, which the manual doesn't show`),
        ...[...taken].filter(([, size]) => size > MOST_BYTES).map(([name, size]) => `“${name}” has ${size} bytes`),
      ];
    },
  };
}
