// 入场核验 with a phone: an officer makes a pass, a phone joins by its code and takes the list along, the network goes, the page is opened
// again without it, tickets are scanned by a fake camera, photographed and typed; the network comes back and the office sees who is in.
// The server's clock is nine days ahead of the phone's, which corrects itself. Pictures in target/door/.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { codeOn, filmOf, pictureOf, textOf } from './lib/camera.mjs';
import { openBrowser, visitor, WIDTHS } from './lib/visitor.mjs';
import * as story from './story.mjs';

const PICTURES = process.env.DOOR_PICTURES ?? path.resolve('target/door');
const NARROW = { width: 320, height: 640 };
const DAYS = 9;
const ROLES = { officer: 'exam_officer', first: 'first_reviewer', photos: 'photo_reviewer', money: 'finance_officer' };
const BEFORE = [story.publishExam, story.signUp, story.fillProfile, story.uploadPhoto, story.apply, story.review, story.pay, story.seat, story.ticket];

/** A PDF that a form of the page gives: printing is a POST, and the browser would show it in its own viewer. */
async function printed(who, words, within = who.page.locator('main')) {
  const form = within.locator('form').filter({ has: who.page.getByRole('button', { name: words }) }).first();
  const pdf = await who.context.request.post(await form.getAttribute('action'), {
    form: { _csrf: await form.locator('[name="_csrf"]').inputValue() },
  });
  assert.equal(pdf.status(), 200);
  return pdf.body();
}

/** The office: a pass for the whole site, its slip with the code. */
async function makePass(walk) {
  const desk = walk.desks.officer;
  await walk.staff.officer.login({ days: DAYS });
  await desk.go('/office/door');
  await desk.look('door exams');
  await desk.press('进入');
  walk.door = new URL(desk.page.url()).pathname;
  await desk.look('door of the exam');
  await desk.fill('devices', '0');
  await desk.page.locator('main select[name="site"]').selectOption({ index: 1 });
  await desk.press('建立授权');
  await desk.says('手机数量应为 1 到 100 的整数');
  await desk.look('pass errors');
  await desk.fill('devices', '2');
  await desk.press('建立授权');
  await desk.says('已建立 1 个核验授权');
  await desk.look('pass made');
  const slip = await printed(desk, /打印授权单/);
  walk.code = (await textOf(slip)).match(/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/)[0];
  assert.equal(await codeOn(slip), `${walk.server.base}/door#${walk.code}`, 'the slip leads to the page, with the code');
}

/** The candidate's ticket: what its QR says. */
async function takeTicket(walk) {
  const { candidate } = walk;
  await candidate.go('/tickets');
  await candidate.press('打印准考证');
  walk.qr = await codeOn(await printed(candidate, '打印'));
  assert.ok(walk.qr.startsWith('BK1'), walk.qr);
}

/** The phone, before whose camera the ticket is held. */
async function openPhone(walk) {
  const film = path.join(walk.server.folder, 'ticket.y4m');
  await filmOf(walk.qr, film);
  walk.phones = await openBrowser(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${film}`]);
  const phone = await visitor(walk.phones, {
    base: walk.server.base, pictures: path.join(PICTURES, 'phone'), width: 'phone', widths: [NARROW, WIDTHS.phone],
  });
  await phone.context.grantPermissions(['camera'], { origin: walk.server.base });
  walk.phone = phone;
}

const shown = (phone, name) => phone.page.locator(`#view-${name}`).waitFor({ state: 'visible' });
const push = (phone, words) => phone.page.locator('main, header').getByRole('button', { name: words, exact: true }).click();

/** Waits for words on the view that is shown. */
async function waits(phone, ...words) {
  for (const word of words) await phone.page.locator('.bk-gate-view:visible').getByText(word).first().waitFor();
}

/** Without a network the browser complains of each request; of anything else it may not. */
function forgive(phone) {
  const others = phone.troubles.filter((one) => !/ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(one));
  phone.troubles.splice(0, phone.troubles.length, ...others);
}

/** A verdict: the word and how it is meant. */
async function verdict(phone, title, tone) {
  await shown(phone, 'verdict');
  assert.equal(await phone.page.locator('#word-title').innerText(), title);
  assert.equal(await phone.page.locator('#word').getAttribute('data-tone'), tone);
}

/** A code is given as a picture that was taken. */
async function photograph(phone, text) {
  await phone.page.locator('#photo-file').setInputFiles(pictureOf(text));
}

async function join(walk) {
  const { phone } = walk;
  await phone.go('/door#0000-0000-0000');
  await shown(phone, 'join');
  await phone.look('join');
  assert.equal(new URL(phone.page.url()).hash, '', 'the code stays out of the address');
  await phone.page.locator('#holder').fill('王老师');
  await push(phone, '登记本机');
  await phone.page.getByText('授权码不对，请核对授权单').waitFor();
  await phone.look('join errors');
  assert.equal(await phone.page.locator('#holder').inputValue(), '王老师');
  await phone.page.locator('#code').fill(walk.code.toLowerCase());
  await push(phone, '登记本机');
  await shown(phone, 'rooms');
  await phone.says('名单共 1 人，2 个考场');
  await phone.look('rooms');
  await push(phone, '开始核验');
  await verdict(phone, '通过', 'good');
  await phone.says(walk.me.name, `证件号码 ${walk.me.number.slice(0, 3)}***`);
  await phone.saysNot(walk.me.number);
  assert.ok(await phone.page.locator('#who-photo').isVisible(), 'the photo was taken along');
  await phone.look('good');
  // The worker has to have put everything away before the network goes.
  await phone.page.evaluate(() => navigator.serviceWorker.ready);
}

async function withoutNetwork(walk) {
  const { phone } = walk;
  await phone.context.setOffline(true);
  await phone.page.reload();
  await verdict(phone, '通过', 'good');
  await push(phone, '确认入场');
  await shown(phone, 'desk');
  await waits(phone, '已记录入场', '没有网络，照常核验', '1 条待上报', '已到 1 / 1');
  forgive(phone);
  await phone.look('desk without a network');
  // The ticket lies there yet, and isn't judged again; shown once more, it is.
  await photograph(phone, walk.qr);
  await verdict(phone, '已核验过', 'warn');
  await phone.look('twice');
  await push(phone, '继续扫');

  await photograph(phone, `${walk.qr.slice(0, -1)}${walk.qr.endsWith('A') ? 'B' : 'A'}`);
  await shown(phone, 'verdict');
  assert.match(await phone.page.locator('#word-title').innerText(), /签名不符，疑似伪造|无法识别/);
  await push(phone, '继续扫');
  const middle = walk.qr.length - 40;
  await photograph(phone, `${walk.qr.slice(0, middle)}${walk.qr[middle] === 'A' ? 'B' : 'A'}${walk.qr.slice(middle + 1)}`);
  await verdict(phone, '签名不符，疑似伪造', 'bad');
  forgive(phone);
  await phone.look('forged');
  await push(phone, '继续扫');
  await photograph(phone, 'https://example.cn/');
  await verdict(phone, '无法识别', 'bad');
  await push(phone, '继续扫');

  await push(phone, '输入号码');
  forgive(phone);
  await phone.look('typed');
  await phone.page.locator('#number').fill('99999999999');
  await push(phone, '查找');
  await verdict(phone, '名单中没有这个准考证号', 'bad');
  await push(phone, '继续扫');
  await push(phone, '输入号码');
  await phone.page.locator('#number').fill(walk.ticketNo);
  await push(phone, '查找');
  await verdict(phone, '已核验过', 'warn');
  await push(phone, '撤销这次核验');
  await waits(phone, '已撤销核验');
  await photograph(phone, walk.qr);
  await verdict(phone, '通过', 'good');
  await push(phone, '退回');
  await shown(phone, 'why');
  forgive(phone);
  await phone.look('why');
  await push(phone, '未带有效证件');
  await waits(phone, '已记录退回');
  await push(phone, '设置');
  forgive(phone);
  await phone.look('settings');
  await waits(phone, '3 条待上报', '手机时间比服务器慢');
  await push(phone, '未到名单');
  await phone.says('已退回');
  forgive(phone);
  await phone.look('missing');
  await push(phone, '返回核验');
}

/** The same phone two days and a half later, still without a network: the ticket is over. */
async function afterwards(walk) {
  const { phone } = walk;
  const page = await phone.context.newPage();
  await page.addInitScript(() => {
    const real = Date.now;
    Date.now = () => real() + 59 * 3_600_000;
  });
  await page.goto('/door');
  await page.locator('#view-verdict').waitFor({ state: 'visible' });
  assert.equal(await page.locator('#word-title').innerText(), '已过期');
  await page.close();
}

async function networkAgain(walk) {
  const { phone } = walk;
  forgive(phone);
  await phone.context.setOffline(false);
  await phone.page.reload();
  await verdict(phone, '通过', 'warn');
  await push(phone, '确认入场');
  await waits(phone, '已全部上报');
  const desk = walk.desks.officer;
  await desk.go(`${walk.door}/presence`);
  await desk.look('presence');
  const row = desk.page.locator('main tbody tr').first();
  assert.match(await row.innerText(), /南屿县第一中学\s+1\s+1\s+0\s+0/);
  await desk.press('南屿县第一中学');
  await desk.look('presence of a site');
  await desk.go(`${walk.door}/presence?show=missing`);
  await desk.says('都到齐了');
  await desk.look('nobody missing');
}

async function takenBack(walk) {
  const { phone } = walk;
  const desk = walk.desks.officer;
  await desk.go(walk.door);
  await desk.leave(() => desk.page.locator('main tbody th a').first().click());
  await desk.says('王老师');
  await desk.look('pass with a phone');
  await desk.press('撤销这个授权');
  await desk.says('授权已撤销');
  await desk.look('pass taken back');
  await phone.page.reload();
  await shown(phone, 'join');
  await phone.page.getByText('授权已撤销').waitFor();
  await phone.look('taken back');
  const left = await phone.page.evaluate(() => new Promise((resolve, reject) => {
    const opening = indexedDB.open('baokao-door');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const all = ['meta', 'people', 'photos', 'marks', 'words'].map((name) => new Promise((done) => {
        const asked = opening.result.transaction(name).objectStore(name).count();
        asked.onsuccess = () => done(asked.result);
      }));
      resolve(Promise.all(all));
    };
  }));
  assert.deepEqual(left, [0, 0, 0, 0, 0], 'nobody\'s name or photo stays on the phone');
}

test('a phone at the door, with and without a network', { timeout: 900_000 }, async (t) => {
  const walk = await story.begin({ kind: 'sqlite', width: 'desk', scripts: true, roles: ROLES, pictures: PICTURES });
  try {
    for (const step of BEFORE) await t.test(step.name, () => step(walk));
    for (const step of [makePass, takeTicket, openPhone, join, withoutNetwork, afterwards, networkAgain, takenBack]) {
      await t.test(step.name, () => step(walk));
    }
  } finally {
    await walk.phones?.close();
    await walk.end();
  }
});
