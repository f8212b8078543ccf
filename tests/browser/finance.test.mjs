// Finance at work on the demonstration, with candidates who pay in every other way than by a channel: 缴款码 as files out and in, money at
// the counter by two, a waiver asked for and granted by two, an exception decided by two, a bill uploaded, a day closed by two. Pictures in
// target/finance/.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { startServer } from './lib/server.mjs';
import { openBrowser, visitor, WIDTHS } from './lib/visitor.mjs';

const PICTURES = process.env.FINANCE_PICTURES ?? path.resolve('target/finance');
const SMALL = { name: '凭证.png', mimeType: 'image/png', buffer: Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64',
) };

/** Beijing time some hours ago, `2026-03-18 09:30`; its day alone with `day`. */
function ago(hours, { day = false } = {}) {
  const text = new Date(Date.now() + (8 - hours) * 3_600_000).toISOString();
  return day ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 16)}`;
}

/** Reads the page of the demonstration: people by what they are there for, and both passwords. */
async function cast(me) {
  await me.go('/demo');
  const passwords = await me.page.locator('main p code').allInnerTexts();
  const rows = await me.page.locator('main tr').evaluateAll((all) => all.map((row) => row.innerText));
  const who = (exam, words) => {
    const row = rows.find((text) => text.includes(exam) && text.includes(words));
    assert.ok(row, `${exam}: ${words}`);
    return { number: row.match(/\d{17}[\dX]/)[0], name: row.split(/\s/)[0], password: passwords[0] };
  };
  return { who, staff: passwords[1] };
}

/** Somebody of finance, with the code that the demonstration shows for his telephone. */
async function clerk(browser, base, username, password) {
  const me = await visitor(browser, { base, pictures: path.join(PICTURES, username) });
  await me.go('/office/login');
  await me.fillAll({ username, password });
  await me.captcha();
  await me.press('登录');
  const phone = await me.context.newPage();
  await phone.goto('/demo');
  const row = phone.locator('main tr').filter({ has: phone.getByRole('rowheader', { name: username, exact: true }) });
  const code = (await row.innerText()).match(/\b\d{6}\b/)[0];
  await phone.close();
  await me.fill('otp', code);
  await me.press('进入');
  await me.says('工作台');
  return me;
}

async function candidate(browser, base, { number, password }, name) {
  const me = await visitor(browser, { base, pictures: path.join(PICTURES, name), width: 'phone' });
  await me.go('/login');
  await me.fillAll({ number, password });
  await me.captcha();
  await me.press('登录');
  return me;
}

/** The order that a candidate owes or paid; its address for him, and its number. */
async function order(me, list = '/payments') {
  await me.go(list);
  const link = await me.page.locator('main a[href^="/payments/"]').evaluateAll((all) => all.map((one) => one.getAttribute('href'))
    .find((href) => /^\/payments\/[0-9a-z]{12,}/i.test(href)));
  assert.ok(link, 'an order');
  const id = link.split('/')[2];
  await me.go(`/payments/${id}`);
  const number = (await me.page.locator('main h1 + p').innerText()).replaceAll(' ', '');
  return { id, number };
}

/** A file that a list is exported as. */
async function exported(me, words) {
  const [file] = await Promise.all([me.page.waitForEvent('download'), me.page.locator('main').getByRole('button', { name: words }).click()]);
  return readFile(await file.path(), 'utf8');
}

async function send(me, field, name, text) {
  await me.page.locator(`main form[action$="${field}"] input[type=file]`).setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
}

test('finance by two, beside the channels', { timeout: 300_000 }, async (t) => {
  const server = await startServer({ kind: 'sqlite', demo: 300, logs: path.join(PICTURES, 'server.log') });
  const browser = await openBrowser();
  const { base } = server;
  const people = [];
  const join = async (made) => {
    people.push(await made);
    return people.at(-1);
  };
  try {
    const stranger = await visitor(browser, { base, pictures: PICTURES });
    const { who, staff } = await cast(stranger);
    await stranger.close();
    const one = await join(clerk(browser, base, 'caiwu', staff));
    const two = await join(clerk(browser, base, 'caiwu2', staff));
    const codes = '/office/payments/codes';

    await t.test('a code is asked for, given by file, and paid by the list of the bank', async () => {
      await one.go(codes);
      await one.look('codes, nobody asked');
      const asked = [];
      for (const exam of ['临溪县', '专业技术资格']) {
        const me = await join(candidate(browser, base, who(exam, '正待缴费'), `asks-${exam}`));
        const mine = await order(me);
        await me.go(`/payments/${mine.id}/pay`);
        await me.look('ways to pay');
        await me.press('申请缴款码');
        await me.look('code asked for');
        asked.push({ me, ...mine });
      }
      await one.go(codes);
      await one.says('2 张缴费单在等缴款码');
      await one.look('codes asked for');
      const file = await exported(one, '导出 CSV');
      const [wrong, right] = asked;
      for (const { number } of asked) assert.ok(file.includes(number), file);
      const code = (at) => `4300002600000000001${at}`;
      await send(one, 'codes/given', '码.csv', `缴费单号,缴款码\n${wrong.number},17\n`);
      await one.press('导入缴款码');
      await one.says('20 位数字');
      await one.look('codes refused');
      await send(one, 'codes/given', '码.csv', `缴费单号,缴款码\n${wrong.number},${code(1)}\n${right.number},${code(2)}\n`);
      await one.press('导入缴款码');
      await one.says('已导入 2 个缴款码');
      await right.me.go(`/payments/${right.id}/pay`);
      await right.me.look('code given');
      const owed = (await right.me.text()).match(/([\d.]+)\s*元/)[1];
      const list = `缴款码,金额,缴款时间,凭证号\n${code(1)},1.00,${ago(1)},GH-0001\n${code(2)},${owed},${ago(1)},GH-0002\n`;
      await send(one, 'codes/paid', '到账清单.csv', list);
      await one.press('上传并核对');
      await one.look('list uploaded');
      const address = new URL(one.page.url()).pathname;
      await one.go(codes);
      await send(one, 'codes/paid', '到账清单（再传一次）.csv', list);
      await one.press('上传并核对');
      await one.says('已经上传过');
      assert.equal(new URL(one.page.url()).pathname, address);
      await two.go('/office');
      await two.says('到账清单待复核');
      await two.look('desk');
      // On a phone what waits for somebody comes before all the rest.
      await two.page.setViewportSize(WIDTHS.phone);
      const top = async (name) => (await two.page.getByRole('heading', { name }).boundingBox()).y;
      assert.ok(await top('要处理的事') < await top('正在进行的考试'));
      await two.page.setViewportSize(WIDTHS.desk);
      await two.go(address);
      await two.look('list to confirm');
      await two.press('不予确认');
      await two.says('请写明原因');
      await two.press('确认，入账');
      await until(two, address, '已入账');
      await two.look('list settled');
      await right.me.go(`/payments/${right.id}`);
      await right.me.says('已支付');
      await right.me.look('paid by code');
      await wrong.me.go(`/payments/${wrong.id}`);
      await wrong.me.says('核查');
      await wrong.me.look('another sum came');
    });

    await t.test('what does not match is decided by two', async () => {
      const list = '/office/payments/discrepancies';
      await one.go(list);
      await one.look('discrepancies');
      await one.leave(() => one.page.locator('main a[href*="/office/payments/discrepancies/"]').first().click());
      await one.look('question');
      const address = new URL(one.page.url()).pathname;
      await one.page.locator('main input[type=radio]').first().check();
      await one.fill('note', '与代收银行核对，付款人少填了金额，应当退回');
      await one.leave(() => one.page.locator('main form button.btn-primary').first().click());
      await one.look('question proposed');
      await two.go(address);
      await two.look('question to decide');
      await two.leave(() => two.page.locator('main form button.btn-primary').first().click());
      await two.look('question decided');
      await two.go(list);
      await two.look('discrepancies after');
    });

    await t.test('money at the counter is entered by one and confirmed by another', async () => {
      const me = await join(candidate(browser, base, who('临溪县', '未支付单据'), 'counter'));
      const mine = await order(me);
      const address = `/office/payments/${mine.id}`;
      await one.go(address);
      await one.look('order owed');
      await one.press('登记线下缴费');
      await one.look('offline form');
      await one.leave(() => one.page.locator('main form button.btn-primary').first().click());
      await one.look('offline form errors');
      const sum = (await me.text()).match(/金额\s*([\d.]+)\s*元/)[1];
      const enter = async (number) => {
        await one.page.locator('main [name="method"]').first().evaluate((field) => {
          if (field.tagName === 'SELECT') field.value = 'pos';
          else document.querySelector('main [name="method"][value="pos"]').click();
        });
        await one.fillAll({ document_no: number, amount: sum, paid_at: ago(1).replace(' ', 'T') });
        await one.page.locator('main input[type=file]').setInputFiles(SMALL);
        await one.leave(() => one.page.locator('main form button.btn-primary').first().click());
      };
      // What isn't confirmed is followed until another than who has the money in hand writes what became of it.
      await enter('POS-20880');
      await two.go('/office/payments/offline');
      await two.leave(() => two.page.locator(`main a[href^="${address}/offline/"]`).first().click());
      const refused = new URL(two.page.url()).pathname;
      await two.fill('note', '凭证号抄错了');
      await two.press('不予确认');
      await two.look('order with money that is not taken');
      await one.go(refused);
      await one.look('offline refused');
      await one.press('写明退还情况');
      await one.says('收款和结案不能是同一个人');
      await one.look('question about money in hand');
      await two.go(new URL(one.page.url()).pathname);
      await two.fill('note', '更正后以 POS-20881 重新登记');
      await two.look('question to close');
      await two.press('已办好，结案');
      await one.go(address);
      await one.press('登记线下缴费');
      await enter('POS-20881');
      await one.look('offline entered');
      await two.go('/office/payments/offline');
      await two.look('offline waiting');
      await two.leave(() => two.page.locator(`main a[href^="${address}/offline/"]`).first().click());
      await two.look('offline to confirm');
      await two.leave(() => two.page.locator('main form button.btn-primary').first().click());
      await two.go(address);
      await two.says('已支付');
      await two.look('order paid offline');
      await me.go(`/payments/${mine.id}`);
      await me.look('paid at the counter');
    });

    await t.test('a waiver is asked for with evidence, granted by one, its refund approved by another', async () => {
      const me = await join(candidate(browser, base, who('临溪县', '已缴费'), 'waiver'));
      const mine = await order(me, '/payments/history');
      await me.press('申请减免');
      await me.look('waiver form');
      await me.page.locator('main form [name="category"]').first().check();
      await me.fill('statement', '家庭享受城乡低保，低保证由临溪县民政局发放。');
      await me.page.locator('main input[type=file]').first().setInputFiles(SMALL);
      await me.leave(() => me.page.locator('main form button.btn-primary').first().click());
      await me.look('waiver asked for');
      await one.go('/office/waivers');
      await one.look('waivers');
      await one.leave(() => one.page.locator('main tbody th a').first().click());
      await one.look('waiver');
      await one.press('同意');
      await one.look('waiver granted by one');
      await two.go(`/office/payments/${mine.id}`);
      await two.press('审批');
      await two.look('refund to decide');
      await two.press('批准退款');
      await two.look('refund approved');
      await one.go('/office/waivers/statistics');
      await one.look('waiver statistics');
      await until(me, `/payments/${mine.id}`, '退款成功');
      await me.look('refund done');
      await one.go('/office/payments');
      await one.look('orders');
    });

    await t.test('a bill is uploaded, confirmed and its day closed by two', async () => {
      // The timer makes the days that are over, once a minute.
      await until(one, '/office/bills', /微信支付\s+已对平/);
      await one.look('bills');
      const row = one.page.locator('main tbody tr', { hasText: '微信支付' }).first();
      await one.leave(() => row.locator('th a').click());
      const address = new URL(one.page.url()).pathname;
      await until(one, address, '关账');
      await one.look('day');
      await one.go(`${address}/upload`);
      await one.look('upload');
      await one.leave(() => one.page.locator('main form button.btn-primary').first().click());
      await one.look('upload errors');
      await one.page.locator('main input[type=file]').setInputFiles({
        name: '账单.csv', mimeType: 'text/csv', buffer: Buffer.from(emptyBill()),
      });
      await one.fill('reason', '渠道后台补发了当日账单，从商户平台下载');
      await one.leave(() => one.page.locator('main form button.btn-primary').first().click());
      await until(one, address, '等待确认');
      await one.look('bill uploaded');
      await two.go(address);
      await two.look('bill to confirm');
      await two.press('放弃这份账单');
      await two.go(`${address}/findings`);
      await two.look('findings');
      await two.go(`${address}/lines`);
      await two.look('lines');
      await one.go(`${address}/close`);
      await one.look('close');
      await one.press('提请关账');
      await one.look('close asked');
      await two.go(`${address}/close`);
      await two.look('close to sign');
      await two.press('签字关账');
      await two.says('已关账');
      await two.look('closed');
      await two.go('/office/revenue');
      await two.look('revenue');
      await two.go('/office/revenue?from=2020-01-01&to=2026-11-30');
      await two.says('最多');
      await two.look('revenue of too many years');
    });
    for (const me of people) assert.deepEqual(me.troubles, []);
  } finally {
    await browser.close();
    await server.stop();
  }
});

/** WeChat's table of a day on which nobody paid. */
function emptyBill() {
  const head = '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,'
    + '代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
  const sums = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
  return `\uFEFF${head}\r\n${sums}\r\n\`0,\`0.00,\`0.00,\`0.00,\`0.00000,\`0.00,\`0.00\r\n`;
}

/** Looks again until a page says so. */
async function until(me, address, words) {
  for (let tries = 0; tries < 120; tries += 1) {
    await me.go(address);
    const text = await me.text();
    if (words instanceof RegExp ? words.test(text) : text.includes(words)) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await me.says(String(words));
}
