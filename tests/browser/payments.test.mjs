// Each channel, as somebody at a desk and somebody with a phone meet it on the demonstration: the channel's notice is lost, the payer does
// nothing after paying, and 缴费成功 turns orange. Pictures in target/payments/.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { payBy } from './lib/cashier.mjs';
import { startServer } from './lib/server.mjs';
import { openBrowser, visitor } from './lib/visitor.mjs';

const PICTURES = process.env.PAYMENTS_PICTURES ?? path.resolve('target/payments');
// Each by another way: a code that is scanned, the channel's own page, a form that posts itself.
const WAYS = [
  { channel: '微信支付', width: 'desk' }, { channel: '支付宝', width: 'phone' }, { channel: '云闪付', width: 'desk' },
];
// The timer asks after 15 seconds, give or take a fifth, and looks every few.
const PATIENCE = 60_000;

/** Candidates of the demonstration who are approved and haven't paid. */
async function debtors(me) {
  await me.go('/demo');
  const numbers = await me.page.locator('tr', { hasText: '正待缴费' }).evaluateAll((rows) => rows.map((row) => row.innerText));
  const password = (await me.text()).match(/密码[^\w]*([\w-]{8,})/)[1];
  return numbers.map((row) => ({ number: row.match(/\d{17}[\dX]/)[0], password }));
}

async function enter(me, who) {
  await me.go('/login');
  await me.fillAll(who);
  await me.captcha();
  await me.press('登录');
}

test('pay by each channel with the notice lost', { timeout: 600_000 }, async (t) => {
  const server = await startServer({ kind: 'sqlite', demo: 300, logs: path.join(PICTURES, 'server.log') });
  const browser = await openBrowser();
  try {
    const first = await visitor(browser, { base: server.base, pictures: PICTURES });
    const people = await debtors(first);
    await first.close();
    assert.ok(people.length >= WAYS.length, `somebody owes for each way: ${people.length}`);
    for (const [at, { width, channel }] of WAYS.entries()) {
      await t.test(`${channel}, ${width}`, async () => {
        const pictures = path.join(PICTURES, `${width}-${channel}`);
        const me = await visitor(browser, { base: server.base, pictures, width });
        await enter(me, people[at]);
        await me.go('/payments');
        await me.press('缴费');
        await me.look('choose');
        const { page } = me;
        await payBy(me, channel, { notice: 'lost', look: (who, what) => who.look(what) });
        // From here on nothing is touched: no button, no link.
        await page.waitForURL(/\/payments\/[^/]+\/result$/, { timeout: PATIENCE });
        await me.says('缴费成功');
        await me.look('result');
        await me.go('/applications');
        const here = page.locator('[aria-current=step]').filter({ hasText: '缴费成功' });
        assert.equal(await here.count(), 1, '缴费成功 is the step where the candidate is');
        const colour = await here.evaluate((step) => {
          const mark = [step, ...step.querySelectorAll('*')].map((one) => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]);
          return mark.flat();
        });
        const orange = colour.some((text) => {
          const [r, g, b] = (text.match(/[\d.]+/g) ?? []).map(Number);
          return r > 160 && g > 60 && g < 180 && b < 90;
        });
        assert.ok(orange, `the step is orange: ${[...new Set(colour)].join(' ')}`);
        await me.look('paid');
        assert.deepEqual(me.troubles, []);
        await me.close();
      });
    }
  } finally {
    await browser.close();
    await server.stop();
  }
});
