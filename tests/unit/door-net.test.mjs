// What the door's phones make of the server's answers (crates/web/assets/door-net.js).
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

const source = await readFile(new URL('../../crates/web/assets/door-net.js', import.meta.url), 'utf8');
const net = await import(`data:text/javascript,${encodeURIComponent(source)}`);

function packed(photos) {
  return Uint8Array.from(photos.flatMap(([index, bytes]) => [index >> 8, index & 255, 0, 0, bytes.length >> 8, bytes.length & 255, ...bytes])).buffer;
}

const plain = (photos) => photos.map(([index, bytes]) => [index, Array.from(new Uint8Array(bytes))]);

test('photos are taken apart, and one that came half is left out', () => {
  const photos = [[0, [1, 2, 3]], [2, []], [260, [9]]];
  assert.deepEqual(plain(net.photosOf(packed(photos))), photos);
  assert.deepEqual(plain(net.photosOf(packed(photos).slice(0, -1))), photos.slice(0, 2));
  assert.deepEqual(net.photosOf(new ArrayBuffer(5)), []);
});

test('a list goes in pieces that one request takes', () => {
  assert.deepEqual(net.pieces([], 2), []);
  assert.deepEqual(net.pieces([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
});

test('the later word counts, and of two at once the one that came later', () => {
  assert.ok(net.isLater({ at: 1 }, undefined));
  assert.ok(net.isLater({ at: 2 }, { at: 1 }));
  assert.ok(net.isLater({ at: 2 }, { at: 2 }));
  assert.ok(!net.isLater({ at: 1 }, { at: 2 }));
});

test('a clock is set by the middle of asking and hearing', () => {
  assert.equal(net.behind(10_000, 4_000, 6_000), 5_000);
  assert.equal(net.behind(1_000, 4_000, 6_000), -4_000);
});

async function answering(response, ask) {
  const asked = [];
  globalThis.fetch = async (path, options) => {
    asked.push({ path, ...options });
    if (response instanceof Error) throw response;
    return response;
  };
  try {
    return { asked, found: await ask() };
  } catch (error) {
    return { asked, error };
  }
}

test('the token goes in its header and nothing of the browser goes along', async () => {
  const response = Response.json({ now: 7 });
  const { asked, found } = await answering(response, () => net.call('/door/news', 'T0K', { since: '0' }));
  assert.deepEqual(found, { now: 7 });
  const [{ path, method, headers, body, credentials }] = asked;
  assert.deepEqual([path, method, credentials, body], ['/door/news', 'POST', 'omit', '{"since":"0"}']);
  assert.equal(headers.authorization, 'Bearer T0K');
  const joining = await answering(Response.json({}), () => net.call('/door/devices', null, {}));
  assert.equal(joining.asked[0].headers.authorization, undefined);
});

test('a no is told with its reason, whoever says it', async () => {
  const ask = () => net.call('/door/news', 'T0K', {});
  const revoked = Response.json({ code: 'door_revoked', title: '授权已撤销', text: '请领取新的授权码。' }, { status: 403 });
  let { error } = await answering(revoked, ask);
  assert.deepEqual([error.code, error.title, error.message, error.isOut], ['door_revoked', '授权已撤销', '请领取新的授权码。', true]);
  ({ error } = await answering(Response.json({ code: 'fields', fields: { code: '授权码不对' }, text: '授权码不对' }, { status: 422 }), ask));
  assert.deepEqual([error.fields.code, error.isOut], ['授权码不对', false]);
  // A page that a proxy made.
  ({ error } = await answering(new Response('<html>', { status: 503, headers: { 'content-type': 'text/html' } }), ask));
  assert.ok(error instanceof net.Refused && error.status === 503 && !error.isOut);
  ({ error } = await answering(new TypeError('Failed to fetch'), ask));
  assert.ok(error instanceof net.Offline);
});
