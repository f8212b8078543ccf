// A server of its own for one journey: fresh keys, fresh database, a free port, gone afterwards.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BIN = process.env.BAOKAO_BIN;
const FAKETIME = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`).find(existsSync);

/** A port that was free a moment ago. */
export async function freePort() {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** An empty database of the kind wanted: a file, or one on the PostgreSQL server that BAOKAO_TEST_PG names. */
async function freshDatabase(kind, folder) {
  if (kind === 'sqlite') return { url: `sqlite:${path.join(folder, 'baokao.db')}`, drop: async () => {} };
  const admin = process.env.BAOKAO_TEST_PG;
  if (!admin) throw new Error('BAOKAO_TEST_PG is not set: the journey needs a PostgreSQL server');
  const name = `journey_${process.pid}_${Date.now()}`;
  await run('psql', [admin, '-qc', `CREATE DATABASE ${name}`]);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => run('psql', [admin, '-qc', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`]),
  };
}

/** Starts `baokao serve` on a fresh database. `prepare` may run commands before it serves. */
export async function startServer({ kind, demo = false, logs, prepare }) {
  if (!BIN) throw new Error('BAOKAO_BIN is not set: build the server first (make journey does)');
  const folder = await mkdtemp(path.join(tmpdir(), 'baokao-journey-'));
  const database = await freshDatabase(kind, folder);
  const port = await freePort();
  const env = {
    ...process.env,
    BAOKAO_DATABASE: database.url,
    BAOKAO_KEYRING: path.join(folder, 'keyring'),
    BAOKAO_OBJECTS: path.join(folder, 'objects'),
    BAOKAO_LISTEN: `127.0.0.1:${port}`,
    BAOKAO_BASE_URL: `http://127.0.0.1:${port}`,
    BAOKAO_DEMO: 'true',
    BAOKAO_SIMULATORS_LISTEN: `127.0.0.1:${await freePort()}`,
  };
  const command = async (...args) => {
    try {
      return (await run(BIN, args, { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
    } catch (error) {
      throw new Error(`baokao ${args.join(' ')}: ${error.stderr || error.message}`);
    }
  };
  await command('keys', 'init');
  await command('migrate');
  if (demo) await command('demo', 'load', '--candidates', String(demo));
  if (prepare) await prepare({ command, folder, writeFile });

  await mkdir(path.dirname(logs), { recursive: true });
  const base = `http://127.0.0.1:${port}`;
  let child;
  let ended;
  // Exams take weeks: between two phases the server is stopped and started again with a clock that is days ahead.
  const start = async (days) => {
    const log = createWriteStream(logs, { flags: 'a' });
    const clock = days ? { LD_PRELOAD: FAKETIME, FAKETIME: `+${days}d`, FAKETIME_DONT_FAKE_MONOTONIC: '1' } : {};
    child = spawn(BIN, ['serve'], { env: { ...env, ...clock }, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    ended = once(child, 'exit');
    await untilReady(base, child);
  };
  const halt = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  await start(0);
  return {
    base,
    folder,
    command,
    async later(days) {
      await halt();
      await start(days);
    },
    async stop() {
      await halt();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(base, child) {
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}`);
    try {
      const answer = await fetch(`${base}/health/ready`);
      if (answer.ok) return;
    } catch {
      // not listening yet
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the server did not become ready');
}
