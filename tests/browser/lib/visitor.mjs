// A person at a browser: walks, looks, and leaves a picture of each step.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { HtmlValidate } from 'html-validate';
import { chromium } from 'playwright-core';

// While a journey is being written: say what is wrong with a page and walk on.
const SOFT = Boolean(process.env.JOURNEY_SOFT);
const judged = (check) => (SOFT ? check.catch((error) => console.log('!!', error.message)) : check);

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
export const WIDTHS = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

const markup = new HtmlValidate({
  extends: ['html-validate:standard', 'html-validate:document'],
  rules: {
    // Void elements, boolean attributes and quoting are written as HTML allows; what is judged is validity.
    'void-style': 'off', 'attribute-boolean-style': 'off', 'attr-quotes': 'off', 'no-trailing-whitespace': 'off',
    'attribute-empty-style': 'off', 'doctype-style': 'off', 'long-title': 'off', 'no-inline-style': 'error',
    'tel-non-breaking': 'off', 'require-sri': 'off',
    // The menu's headings stand before the page's own.
    'heading-level': 'off', 'prefer-native-element': 'off', 'no-implicit-button-type': 'off',
  },
});

// Chromium as Debian packs it draws dates as Americans write them, whatever the page's language. The staff see their own browser's.
function asInChina() {
  for (const input of document.querySelectorAll('input[type="datetime-local"], input[type="date"]')) {
    input.dataset.was = `${input.type} ${input.value}`;
    const value = input.value.replace('T', ' ').replaceAll('-', '/');
    input.type = 'text';
    input.value = value || '年/月/日';
  }
}

function asItWas() {
  for (const input of document.querySelectorAll('input[data-was]')) {
    const [type, value] = input.dataset.was.split(' ');
    delete input.dataset.was;
    input.type = type;
    input.value = value;
  }
}

/** One Chromium for all visitors of a test file; `more` are further flags. */
export async function openBrowser(more = []) {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: [...FLAGS, ...more] });
}

/** Somebody with a browser of his own. `scripts: false` switches JavaScript off. */
export async function visitor(browser, {
  base, pictures, width = 'desk', scripts = true, widths = Object.values(WIDTHS), judge = true, keep = null,
}) {
  const context = await browser.newContext({
    baseURL: base, viewport: WIDTHS[width], javaScriptEnabled: scripts, locale: 'zh-CN', timezoneId: 'Asia/Shanghai',
    deviceScaleFactor: 1, isMobile: width === 'phone', hasTouch: width === 'phone', acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(Number(process.env.JOURNEY_PATIENCE ?? 60_000));
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(`script error on ${page.url()}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (4\d\d|503)/.test(message.text())) {
      troubles.push(`console on ${page.url()}: ${message.text()}`);
    }
  });
  // What the server sent, not what scripts made of it; a page that answers a POST can't be asked for again.
  let sent = Promise.resolve('');
  page.on('response', (response) => {
    const asked = response.request();
    if (!asked.isNavigationRequest() || asked.frame() !== page.mainFrame()) return;
    if ((response.headers()['content-type'] ?? '').startsWith('text/html')) sent = response.text().catch(() => '');
  });
  await mkdir(pictures, { recursive: true });
  let number = 0;

  return {
    page,
    context,
    troubles,
    /** Looks at the page at each width: picture, no side-scrolling; and once: valid HTML, nothing serious for axe. */
    async look(name) {
      // A second walk over the same pages doesn't judge them again.
      if (!judge) return;
      number += 1;
      await page.waitForLoadState('load');
      await judged(validate(page, await sent, name));
      // axe waits with timers, which a page without scripts doesn't have; the walks with scripts judge the same pages.
      if (scripts) await judged(accessible(page, name));
      const stem = `${String(number).padStart(2, '0')}-${name.replaceAll(/[\\/\s?]/g, '-')}`;
      let most = null;
      for (const size of widths) {
        await page.setViewportSize(size);
        // A narrow screen may lay a page out in another way; what has a heading is there all the same.
        const seen = await page.locator('main').locator('h1:visible, h2:visible').allInnerTexts();
        most ??= seen;
        const lost = most.filter((heading) => !seen.includes(heading));
        if (!SOFT) assert.deepEqual(lost, [], `${name}: what isn't there at ${size.width}px`);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        await page.screenshot({ path: path.join(pictures, `${stem}-${size.width}.png`), fullPage: true });
        if (wider > 1) await judged(Promise.reject(new Error(`${name}: ${wider}px wider than ${size.width}px`)));
        if (!SOFT) assert.ok(wider <= 1, `${name}: the page is ${wider}px wider than a screen of ${size.width}px`);
      }
      await page.setViewportSize(WIDTHS[width]);
      if (!SOFT) assert.deepEqual(troubles, [], `${name}: trouble in the browser`);
      else if (troubles.length) console.log(troubles.splice(0));
    },
    /** A picture of the staff manual: the page's own part, or with the menu where that is the point. */
    async keep(name, { menu = name.startsWith('home-'), height = 700 } = {}) {
      if (!keep) return;
      await page.waitForLoadState('load');
      await page.evaluate(() => globalThis.scrollTo(0, 0));
      await page.evaluate(asInChina);
      const { left, bottom } = await page.evaluate(() => {
        const main = document.querySelector('main');
        const shown = [...main.querySelectorAll('*')].filter((one) => one.getClientRects().length > 0);
        return { left: main.getBoundingClientRect().left, bottom: Math.max(...shown.map((one) => one.getBoundingClientRect().bottom)) };
      });
      const x = menu ? 0 : Math.floor(left);
      const y = menu ? 0 : 52;
      const clip = { x, y, width: WIDTHS.desk.width - x, height: Math.min(height, Math.ceil(bottom) + 20 - y) };
      await keep(name, await page.screenshot({ type: 'jpeg', quality: 47, clip }));
      await page.evaluate(asItWas);
    },
    /** Goes to an address and asserts that it came. */
    async go(address, status = 200) {
      const answer = await page.goto(address);
      assert.equal(answer.status(), status, `GET ${address}`);
    },
    /** Presses a button or link by its words. */
    async press(words, { within = page.locator('main'), nth = 0 } = {}) {
      const begins = new RegExp(`^\\s*${words.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
      for (const found of [
        within.getByRole('button', { name: words, exact: true }), within.getByRole('link', { name: words, exact: true }),
        within.getByRole('button', { name: begins }), within.getByRole('link', { name: begins }),
      ]) {
        if ((await found.count()) <= nth) continue;
        await this.leave(() => found.nth(nth).click());
        return;
      }
      throw new Error(`no “${words}” on ${page.url()}: ${(await within.innerText()).slice(0, 600)}`);
    },
    /** Does something that leads to another page, and waits for that page. */
    async leave(action) {
      await Promise.all([page.waitForEvent('framenavigated'), action()]);
      await page.waitForLoadState('load');
    },
    /** Fills a field by its name. */
    async fill(name, value) {
      await page.locator(`main [name="${name}"]`).first().fill(value);
    },
    /** Fills fields by their names. */
    async fillAll(values) {
      for (const [name, value] of Object.entries(values)) await page.locator(`main [name="${name}"]`).first().fill(value);
    },
    /** Chooses from a list by what it says. */
    async select(name, label) {
      await page.locator(`main select[name="${name}"]`).selectOption({ label });
    },
    /** Marks a choice or ticks a box by its words. */
    async check(words) {
      await page.locator('main').getByLabel(words, { exact: false }).first().check();
    },
    /** The page says so. */
    async says(...words) {
      const text = await page.locator('body').innerText();
      for (const word of words) assert.ok(text.includes(word), `“${word}” is not on ${page.url()}:\n${text.slice(0, 1200)}`);
    },
    async saysNot(...words) {
      const text = await page.locator('body').innerText();
      for (const word of words) assert.ok(!text.includes(word), `“${word}” is on ${page.url()}`);
    },
    /** Answers the captcha the accessible way: by proof of work, made here when the page has no scripts. */
    async captcha() {
      if (scripts) {
        await page.getByRole('button', { name: '无障碍验证' }).click();
        await page.waitForFunction(() => document.querySelector('[data-captcha] input[name="captcha_proof"]')?.value);
        return;
      }
      const box = page.locator('[data-captcha]');
      const bits = Number(await box.getAttribute('data-bits'));
      const token = await box.locator('input[type="hidden"]').first().inputValue();
      const proof = prove(token, bits);
      await box.locator('input[type="hidden"]').nth(1).evaluate((input, value) => { input.value = value; }, proof);
    },
    async text() {
      return page.locator('main').innerText();
    },
    async close() {
      await context.close();
    },
  };
}

/** A number whose SHA-256 together with the token begins with `bits` zero bits. */
export function prove(token, bits) {
  for (let number = 0; ; number += 1) {
    const digest = createHash('sha256').update(`${token}:${number}`).digest();
    if (Math.clz32(digest.readUInt32BE(0)) >= bits) return String(number);
  }
}

async function validate(page, html, name) {
  const report = await markup.validateString(html || (await page.content()));
  const problems = report.results.flatMap((result) => result.messages.filter((m) => m.severity === 2)
    .map((m) => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`));
  assert.deepEqual(problems.slice(0, 8), [], `${name}: invalid HTML at ${page.url()}`);
}

async function accessible(page, name) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    resultTypes: ['violations'],
    // 正在确认 asks again by itself where no script can; it says so, and one may leave it.
    rules: { 'meta-refresh': { enabled: false } },
  }));
  const serious = found.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
    .map((v) => `${v.id}: ${v.help} (${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join('; ')})`);
  assert.deepEqual(serious, [], `${name}: accessibility`);
}
