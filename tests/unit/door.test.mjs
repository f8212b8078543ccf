// The door's page (crates/web/assets/door.js) without a browser: its elements are those that office/src/door/phone.html has, its store is in
// memory, its camera is spoken to, its server answers here. What only a browser has is in tests/browser/door.test.mjs.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

const root = new URL('../../', import.meta.url);
const text = (path) => readFile(new URL(path, root), 'utf8');
const script = (source) => `data:text/javascript,${encodeURIComponent(source)}`;
const asset = async (name) => script(await text(`crates/web/assets/${name}`));
const html = await text('crates/office/src/door/phone.html');
const vectors = JSON.parse(await text('crates/domain/fixtures/ticket_pass.json'));
const ticket = (name) => vectors.good.find((one) => one.name === name).text;
const NOW = Date.parse('2026-04-12T08:40:00+08:00');

class Element {
  constructor(id = '', tag = '') {
    Object.assign(this, { id, hidden: tag.includes(' hidden'), value: '', className: '', checked: tag.includes(' checked'), dataset: {}, nodes: [], heard: {}, says: '' });
    for (const [, name, value] of tag.matchAll(/ data-([a-z]+)="([^"]*)"/g)) this.dataset[name] = value;
  }

  get textContent() { return this.says + this.nodes.map((node) => node.textContent).join('|'); }

  set textContent(says) { [this.says, this.nodes] = [says, []]; }

  append(...nodes) { this.nodes.push(...nodes); }

  addEventListener(name, listener) { this.heard[name] = listener; }

  setAttribute() {}

  removeAttribute(name) { delete this[name]; }

  querySelector() { return this; }

  closest() { return this; }

  focus() {}

  fire(name) { return this.heard[name]({ preventDefault() {}, target: this }); }
}

const STORE = `const all = {};
const of = (name) => (all[name] = all[name] || new Map());
const key = (name, value, given) => (name === 'people' ? value.ticket : name === 'marks' ? value.key : given);
export const open = async () => globalThis.kept = {
  all, get: async (name, at) => structuredClone(of(name).get(at)), keys: async (name) => [...of(name).keys()],
  all: async (name) => structuredClone([...of(name).values()]),
  put: async (rows) => { for (const [name, value, given] of rows) of(name).set(key(name, value, given), structuredClone(value)); },
  remove: async (name, keys) => { for (const one of keys) of(name).delete(one); },
  replacePeople: async (people) => { all.people = new Map(people.map((one) => [one.ticket, one])); },
  clear: async () => { for (const name of Object.keys(all)) delete all[name]; },
  size: (name) => of(name).size,
};`;
const EYE = 'export class Eye { watch(on, heard) { globalThis.hold = (text) => heard(text); return Promise.resolve(); } start() {} resume() {} stop() {} read(file) { return file; } };';

// What the server says of exam, rooms and keys.
const about = {
  exam: '7301234567890123457', title: '笔试', plan: 3, site: '市第五中学', address: '', mine: [0, 0], label: '大厅', holder: '王老师',
  rooms: [{ no: 12, name: '301' }, { no: 13, name: '' }], keys: vectors.keys,
  sessions: [{ number: 1, subjects: '综合', when: '4月12日 09:00', starts: NOW, ends: NOW + 7_200_000 }],
  closes: NOW + 86_400_000, until: NOW + 3 * 86_400_000, now: NOW,
};
const people = [['26030701218', '林一舟', '431***', [[1, 12, 18]], 0, 1], ['26030701219', '苏晓', '431***', [[1, 13, 2]], 0, 0]];

const server = { online: true, revoked: false, marks: [], asked: [] };
function answer(path, body) {
  if (server.revoked) return [403, { code: 'door_revoked', title: '授权已撤销', text: '请领取新的授权码。' }];
  switch (path) {
    case '/door/devices':
      return body.code === 'GOOD' ? [200, { token: 'T', about }] : [422, { code: 'fields', fields: { code: '授权码不对' }, text: '授权码不对' }];
    case '/door/roster':
      return [200, body.after ? { plan: 3, about: null, people: people.slice(1), next: null } : { plan: 3, about, people: people.slice(0, 1), next: '26030701218' }];
    case '/door/marks':
      server.marks.push(...body.marks);
      return [200, { kept: body.marks.map(([key]) => key), refused: [], now: NOW }];
    default:
      return [200, { words: [], since: '1', more: false, plan: 3, now: NOW }];
  }
}

const elements = new Map();
for (const [tag, id] of html.matchAll(/<[a-z0-9]+[^>]*? id="([^"]+)"[^>]*>/g)) elements.set(id, new Element(id, tag));
const by = (id) => elements.get(id) ?? assert.fail(`the page has no #${id}`);
const views = [...elements.values()].filter((one) => one.id.startsWith('view-'));
const view = () => views.find((one) => !one.hidden)?.id.slice(5);
const backs = [new Element()];

Object.assign(globalThis, {
  window: { scrollTo() {}, addEventListener() {}, isSecureContext: true, crypto: webcrypto, indexedDB: {} },
  location: { hash: '#GOOD-', pathname: '/door' },
  history: { replaceState: (_, __, path) => { globalThis.left = path; } },
  Option: class { constructor(says, value) { Object.assign(this, { textContent: says, value }); } },
  document: {
    body: { dataset: {
      core: await asset('door-core.js'), net: await asset('door-net.js'), store: script(STORE), eye: script(EYE),
      ed: new URL('node_modules/@noble/ed25519/index.js', root).href, qr: script('export const decodeQR = null;'),
    } },
    hidden: false,
    getElementById: by,
    createElement: () => new Element(),
    querySelectorAll: (wanted) => (wanted === '.bk-gate-view' ? views : backs),
    addEventListener() {},
  },
  fetch: async (path, { method, body }) => {
    if (!server.online) throw new TypeError('Failed to fetch');
    if (path === '/door/photos') return new Response(Uint8Array.from([0, 0, 0, 0, 0, 2, 255, 216]));
    server.asked.push([method, path]);
    const [status, said] = answer(path, JSON.parse(body));
    return Response.json(said, { status });
  },
  setInterval() {},
});
globalThis.crypto ??= webcrypto;
Object.defineProperty(globalThis, 'navigator', { value: { userAgent: '' }, configurable: true });
const clock = Date.now;
Date.now = () => NOW - 600_000;
URL.createObjectURL = () => 'blob:x';
URL.revokeObjectURL = () => {};

const until = async (what) => {
  for (let tries = 0; tries < 500; tries += 1) {
    if (what()) return;
    await new Promise((resolve) => { setImmediate(resolve); });
  }
  assert.fail(`not in time: ${what}; on ${view()}: ${by('problem').textContent}`);
};

await import(script(await text('crates/web/assets/door.js')));

test('a phone joins by the code behind the address, and mends what is wrong', async () => {
  await until(() => view() === 'join');
  assert.equal(globalThis.left, '/door');
  assert.equal(by('code').value, 'GOOD-');
  await by('join').fire('submit');
  assert.equal(by('holder-e').textContent, '请填写监考人员姓名');
  by('holder').value = '王老师';
  await by('join').fire('submit');
  assert.deepEqual([by('code-e').textContent, by('code-e').hidden, view()], ['授权码不对', false, 'join']);
  by('code').value = 'GOOD';
  await by('join').fire('submit');
  assert.equal(view(), 'rooms');
  assert.equal(by('rooms-text').textContent, '名单共 2 人，2 个考场。');
  assert.equal(by('room-first').textContent, '012（301）|013');
});

test('it takes the photos of its rooms along and goes to the desk', async () => {
  [by('room-first').value, by('room-last').value] = ['12', '12'];
  await by('rooms').fire('submit');
  assert.equal(view(), 'desk');
  assert.equal(by('count').textContent, '已到 0 / 1');
  assert.equal(by('top-place').textContent, '市第五中学 大厅');
  assert.equal(globalThis.kept.size('photos'), 1);
});

test('without a network a genuine ticket passes once, and is kept until there is one', async () => {
  server.online = false;
  await globalThis.hold(ticket('usual'));
  assert.deepEqual([view(), by('word').dataset.tone, by('word-title').textContent], ['verdict', 'good', '通过']);
  assert.equal(by('who-lines').textContent, '林一舟|第 012 考场 18 号|证件号码 431***');
  assert.deepEqual([by('admit').hidden, by('who-photo').hidden, by('undo').hidden], [false, false, true]);
  // Two touches of the button are one.
  await Promise.all([by('admit').fire('click'), by('admit').fire('click')]);
  await until(() => by('net').textContent === '没有网络，照常核验');
  assert.deepEqual([view(), by('queue').textContent, by('count').textContent], ['desk', '1 条待上报', '已到 1 / 1']);
  assert.equal(globalThis.kept.size('marks'), 1);
  await globalThis.hold(ticket('usual'));
  assert.deepEqual([by('word-title').textContent, by('admit').hidden, by('undo').hidden], ['已核验过', true, false]);
  await by('undo').fire('click');
  await until(() => by('queue').textContent === '2 条待上报');
  assert.equal(by('count').textContent, '已到 0 / 1');
});

test('a number is typed, or a gun types the code', async () => {
  by('number').value = ' ２６０３０７０１２１８ ';
  await by('typed').fire('submit');
  assert.equal(by('word-title').textContent, '未验签名，请核对证件');
  by('refuse').fire('click');
  assert.deepEqual([view(), by('why-who').textContent], ['why', '林一舟']);
  by('why').dataset.note = '迟到';
  await by('why').fire('click');
  await until(() => by('queue').textContent === '3 条待上报');
  by('number').value = ticket('usual');
  await by('typed').fire('submit');
  assert.deepEqual([by('word-title').textContent, by('word').dataset.tone], ['通过', 'warn']);
  by('number').value = '';
  await by('typed').fire('submit');
  assert.equal(by('number-e').textContent, '请输入准考证号');
  by('again').fire('click');
  by('to-missing').fire('click');
  assert.equal(by('missing').textContent, '第 012 考场 18 号 林一舟（已退回）');
  by('to-settings').fire('click');
  assert.equal(by('clock').textContent, '手机时间比服务器慢 10 分钟，核验时已自动校正。');
});

test('with a network all is handed in once, by the corrected clock', async () => {
  server.online = true;
  await by('send-now').fire('click');
  assert.equal(by('sent').textContent, '已全部上报');
  assert.equal(globalThis.kept.size('marks'), 0);
  const told = server.marks.map(([, number, session, kind, how, why, at]) => [number, session, kind, how, why, at === NOW]);
  const he = '26030701218';
  assert.deepEqual(told, [[he, 1, 'present', 'scan', '', true], [he, 1, 'undone', 'scan', '', true], [he, 1, 'refused', 'typed', '迟到', true]]);
  assert.ok(server.marks.every(([key]) => /^[0-9a-f]{16}$/.test(key)));
});

test('a phone that is taken back keeps nobody\'s name', async () => {
  server.revoked = true;
  await by('send-now').fire('click');
  assert.equal(view(), 'join');
  assert.equal(by('problem').textContent, '授权已撤销。请领取新的授权码。');
  for (const name of ['meta', 'people', 'photos', 'marks', 'words']) assert.equal(globalThis.kept.size(name), 0, name);
  Date.now = clock;
});
