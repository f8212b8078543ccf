// The door's script on the vectors that `vault` signs (crates/vault/tests/ticket_pass.rs).
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import * as ed from '@noble/ed25519';

// Node 18 has it under another name.
globalThis.crypto ??= webcrypto;

const root = new URL('../../', import.meta.url);
// The file has no package.json of its own beside it: read as text, so that it is a module wherever it lies.
const source = await readFile(new URL('crates/web/assets/door-core.js', root), 'utf8');
const { read, verify, judge, judgeTyped } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
const vectors = JSON.parse(await readFile(new URL('crates/domain/fixtures/ticket_pass.json', root), 'utf8'));

const named = (list, name) => list.find((one) => one.name === name) ?? assert.fail(name);
const good = (name) => named(vectors.good, name).text;
const at = (text) => Date.parse(`${text}+08:00`);

const here = (changes = {}) => ({
  exam: '7301234567890123457',
  plan: 3,
  session: 1,
  now: at('2026-04-12T08:40:00'),
  site: [11, 12, 13, 14],
  rooms: [12],
  roster: new Map([['26030701218', { name: '林一舟', seats: [[1, 12, 18], [2, 12, 18]], extra: 0 }]]),
  marks: new Map(),
  ...changes,
});

async function scan(text, where = here()) {
  const sealed = read(text);
  return judge(sealed, sealed && (await verify(sealed, vectors.keys, ed)), where);
}

const brief = ({ tone, title, admit }) => [tone, title, admit];

test('every signed pass reads as it was written, and verifies', async () => {
  assert.ok(vectors.good.length >= 8);
  for (const { name, text, pass } of vectors.good) {
    const sealed = read(text);
    assert.deepEqual(sealed.pass, pass, name);
    assert.equal(await verify(sealed, vectors.keys, ed), 'good', name);
  }
});

test('every flipped bit is refused', async () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const text = good('usual');
  let seen = 0;
  for (let place = 3; place < text.length; place += 1) {
    for (let bit = 0; bit < 5; bit += 1) {
      const letter = alphabet[alphabet.indexOf(text[place]) ^ (1 << bit)];
      const sealed = read(text.slice(0, place) + letter + text.slice(place + 1));
      if (!sealed) continue;
      seen += 1;
      assert.notEqual(await verify(sealed, vectors.keys, ed), 'good', `bit ${bit} of letter ${place}`);
    }
  }
  assert.ok(seen > 700, `${seen} were read`);
});

test('what was altered, or signed by nobody of ours, is named as such', async () => {
  assert.ok(vectors.forged.length >= 5);
  for (const { name, text } of vectors.forged) {
    assert.ok(read(text), `${name} can be read: only its signature is wrong`);
    assert.deepEqual(brief(await scan(text)), ['bad', '签名不符，疑似伪造', false], name);
  }
  assert.deepEqual(brief(await scan(vectors.stranger)), ['bad', '签名不符，疑似伪造', false]);
  assert.equal(await verify(read(vectors.stranger), vectors.keys, ed), 'unknown');
  // A key that isn't one doesn't let anything pass.
  const broken = vectors.keys.map(([id]) => [id, '00']);
  assert.equal(await verify(read(good('usual')), broken, ed), 'forged');
});

test('a specimen is good nowhere', async () => {
  const sealed = read(vectors.specimen);
  assert.equal(sealed.pass.exam, '0');
  assert.notEqual(await verify(sealed, vectors.keys, ed), 'good');
  assert.deepEqual(brief(await scan(vectors.specimen)), ['bad', '样张', false]);
  // Not even if the phone were for the exam 0 and took it for signed.
  assert.equal(judge(sealed, 'good', here({ exam: '0' })).admit, false);
});

test('what no ticket says is not read', () => {
  const text = good('usual');
  const others = ['', 'BK1', 'BK1A', '准考证号 26030701218', 'https://example.cn/', text.toLowerCase(), `${text}A`, `${text} `,
    text.replace('BK1', 'BK2'), text.slice(0, -1), `BK1${'A'.repeat(700)}`, undefined, 7];
  for (const other of others) assert.equal(read(other), null, String(other));
  for (let length = 0; length < text.length; length += 1) assert.equal(read(text.slice(0, length)), null, `cut at ${length}`);
});

test('who is right passes, with name and seat', async () => {
  for (const name of ['usual', 'signed before a rotation']) {
    const found = await scan(good(name));
    assert.deepEqual(brief(found), ['good', '通过', true], name);
    assert.deepEqual(found.lines, ['林一舟', '第 012 考场 18 号']);
    assert.deepEqual([found.ticketNo, found.seat], ['26030701218', { room: 12, seat: 18 }]);
  }
  const roster = new Map([['26030701218', { name: '林一舟', seats: [[1, 12, 18]], extra: 30 }]]);
  const found = await scan(good('usual'), here({ roster }));
  assert.deepEqual(found.lines, ['林一舟', '第 012 考场 18 号', '合理便利：延长 30%']);
});

test('another exam, and an exam that is over', async () => {
  assert.deepEqual(brief(await scan(good('other exam'))), ['bad', '不是本场考试', false]);
  assert.deepEqual(brief(await scan(good('over'))), ['bad', '已过期', false]);
  // A day after the last paper, to the minute.
  const last = at('2026-04-13T12:40:00');
  assert.equal((await scan(good('usual'), here({ now: last - 1 }))).title, '通过');
  assert.equal((await scan(good('usual'), here({ now: last }))).title, '已过期');
});

test('another room, another site, another session', async () => {
  const elsewhere = await scan(good('usual'), here({ rooms: [13] }));
  assert.deepEqual([...brief(elsewhere), ...elsewhere.lines], ['bad', '走错考场', false, '林一舟', '应到第 012 考场 18 号']);
  // A phone for one site has no list of the others: the ticket itself says where.
  const away = { site: [1, 2], rooms: [1], roster: new Map() };
  const far = await scan(good('usual'), here(away));
  assert.deepEqual(brief(far), ['bad', '走错考点', false]);
  assert.equal(far.lines[1], '应到第 012 考场 18 号，不在本考点。');
  assert.deepEqual(brief(await scan(good('usual'), here({ session: 3 }))), ['bad', '本场次没有他的考试', false]);
  assert.deepEqual(brief(await scan(good('usual'), here({ session: 3, roster: new Map() }))), ['bad', '本场次没有他的考试', false]);
});

test('a ticket of an older plan goes to the seat of the list', async () => {
  const old = good('of an older plan');
  const found = await scan(old);
  assert.deepEqual(brief(found), ['warn', '旧版准考证', true]);
  assert.deepEqual(found.seat, { room: 12, seat: 18 });
  assert.ok(found.lines.includes('座位已调整，原为第 014 考场 1 号。'), found.lines.join());
  // Whom the list doesn't know may sit anywhere by now: his old seat proves nothing.
  assert.deepEqual(brief(await scan(old, here({ rooms: [14], roster: new Map() }))), ['warn', '旧版准考证', false]);
  // The same seat in both plans is no news.
  const roster = new Map([['26030701218', { name: '林一舟', seats: [[1, 14, 1]], extra: 0 }]]);
  assert.deepEqual(brief(await scan(old, here({ rooms: [14], roster }))), ['good', '通过', true]);
  assert.deepEqual(brief(await scan(good('of a newer plan'))), ['warn', '本机名单太旧', false]);
});

test('nobody passes twice, and who was sent back is named', async () => {
  const marked = (kind, device) => new Map([['26030701218', { kind, at: at('2026-04-12T08:03:00'), device }]]);
  const twice = await scan(good('usual'), here({ marks: marked('present', '2 号机') }));
  assert.deepEqual(brief(twice), ['warn', '已核验过', false]);
  assert.ok(twice.lines.includes('8:03 已由2 号机核验。'), twice.lines.join());
  const back = await scan(good('usual'), here({ marks: marked('refused', '') }));
  assert.deepEqual(brief(back), ['warn', '通过', true]);
  assert.ok(back.lines.includes('8:03 曾被本机退回。'));
  assert.deepEqual(brief(await scan(good('usual'), here({ marks: marked('undone', '') }))), ['good', '通过', true]);
});

test('who is missing in the list, or has another name there', async () => {
  assert.deepEqual(brief(await scan(good('usual'), here({ roster: new Map() }))), ['warn', '名单中没有此人', true]);
  const renamed = new Map([['26030701218', { name: '林一州', seats: [[1, 12, 18]], extra: 0 }]]);
  const found = await scan(good('usual'), here({ roster: renamed }));
  assert.ok(found.lines.includes('准考证上的姓名是林一舟，请核对证件。'), found.lines.join());
  // A name that was cut for the code is no other name.
  const text = good('two seats, a long number, a long name');
  const { ticketNo, name } = read(text).pass;
  const long = new Map([[ticketNo, { name: '欧阳喆䶮旻𬭊㛃买买提·阿卜杜热合曼', seats: [[1, 12, 7]], extra: 0 }]]);
  assert.ok(name.length < [...long.values()][0].name.length);
  assert.equal((await scan(text, here({ roster: long }))).lines.length, 2);
});

test('a typed number is looked up and proves nothing', () => {
  assert.deepEqual(brief(judgeTyped('26030701218', here())), ['warn', '未验签名，请核对证件', true]);
  assert.deepEqual(brief(judgeTyped('26030701219', here())), ['bad', '名单中没有这个准考证号', false]);
  assert.deepEqual(brief(judgeTyped('26030701218', here({ rooms: [13] }))), ['bad', '走错考场', false]);
  const marks = new Map([['26030701218', { kind: 'present', at: 0, device: '' }]]);
  assert.deepEqual(brief(judgeTyped('26030701218', here({ marks }))), ['warn', '已核验过', false]);
});
