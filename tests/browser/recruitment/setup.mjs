// From an empty server to a published exam: the accounts, the guided parts, the position table, the publish check, the notice.

import assert from 'node:assert/strict';
import path from 'node:path';

import { joinStaff } from '../lib/people.mjs';
import { startServer } from '../lib/server.mjs';
import { WIDTHS, openBrowser, visitor } from '../lib/visitor.mjs';
import { local } from '../story.mjs';
import { OTHERS, STAFF, UNITS, candidates } from './cast.mjs';

const FIXTURES = new URL('../../../crates/server/fixtures/', import.meta.url);
const FIRST = { username: 'aq.lin', name: '林安全' };
const INITIAL = 'Harbour-lantern-2290';
const ROLE_WORDS = {
  second_reviewer: '资格复审员', exam_officer: '考务管理员', finance_officer: '财务管理员', first_reviewer: '资格初审员',
  sys_admin: '系统管理员', auditor: '审计员', score_officer: '成绩管理员',
};

/** An empty server with one account, made on the command line; a browser; nobody at the desks yet. */
export async function begin({ kind, pictures, look, keep = null }) {
  const server = await startServer({
    kind,
    logs: path.join(pictures, 'server.log'),
    prepare: async ({ command, folder, writeFile }) => {
      const file = path.join(folder, 'initial');
      await writeFile(file, INITIAL);
      await command('admin', 'create', FIRST.username, '--name', FIRST.name, '--role', 'security_admin', '--password-file', file);
    },
  });
  const browser = await openBrowser();
  const walk = {
    server, browser, days: 0, desks: {}, staff: {}, initial: {}, candidates: candidates(), people: {},
    /** Somebody at a browser of his own; candidates are looked at on a phone as well. */
    open: (name, { width = 'desk', widths = [WIDTHS.desk] } = {}) =>
      visitor(browser, { base: server.base, pictures: path.join(pictures, name), width, widths, judge: look, keep }),
    /** A member of staff's desk, logged in at the walk's day. */
    async desk(name) {
      if (!walk.desks[name]) {
        walk.desks[name] = await walk.open(`office-${name}`);
        walk.staff[name] = await joinStaff(walk.desks[name], walk.initial[name].username, walk.initial[name].password, { days: walk.days });
        walk.staff[name].day = walk.days;
      }
      if (walk.staff[name].day !== walk.days) {
        await walk.staff[name].login({ days: walk.days });
        walk.staff[name].day = walk.days;
      }
      return walk.desks[name];
    },
    /** Moves the clock: everybody logs in again. */
    async later(days) {
      walk.days = days;
      await server.later(days);
    },
    /** What stands on everybody's screen when something went wrong. */
    async photograph() {
      for (const [at, page] of browser.contexts().flatMap((context) => context.pages()).entries()) {
        await page.screenshot({ path: path.join(pictures, `failed-${at}.png`), fullPage: true }).catch(() => {});
      }
    },
    async end() {
      await browser.close();
      await server.stop();
    },
  };
  walk.initial.security = { username: FIRST.username, password: INITIAL };
  return walk;
}

/** The security admin's first login, and accounts for those who work on every exam. */
export async function accounts(walk) {
  const desk = await walk.desk('security');
  await desk.look('home of the security admin');
  await desk.keep('home-security');
  await desk.go('/office/staff');
  await desk.look('staff list');
  await desk.go('/office/staff/new');
  await desk.look('new account');
  for (const name of ['exam', 'second', 'money']) await account(walk, name, STAFF[name]);
  for (const [name, one] of Object.entries(OTHERS)) await account(walk, name, one);
  for (const name of ['system', 'auditor']) {
    const looker = await walk.desk(name);
    await looker.look(`home of the ${name}`);
    await looker.keep(name === 'system' ? 'home-system' : 'home-auditor');
  }
}

/** One account: a bundle's button, or role by role with exam and unit. Keeps the first password, which is shown once. */
async function account(walk, name, { username, name: called, bundle, roles = [], unit = '' }) {
  const desk = await walk.desk('security');
  await desk.go('/office/staff/new');
  if (bundle) await desk.press(bundle);
  await desk.fillAll({ username, name: called, ...(unit ? { unit } : {}) });
  for (const [at, role] of roles.entries()) {
    const row = desk.page.locator('main .bk-grant:not(.bk-grant-h)').nth(at);
    await row.locator('[name="role"]').selectOption({ label: ROLE_WORDS[role] });
    await row.locator('[name="exam"]').selectOption({ label: unit ? walk.title : '全部考试' });
    if (unit) await row.locator('[name="scope"]').fill(unit);
  }
  if (name === 'firstA') {
    await desk.look('account of a reviewer');
    await desk.keep('account-reviewer');
  }
  await desk.press('建立账号');
  await desk.says(username);
  if (name === 'exam') {
    await desk.look('first password');
    await desk.keep('account-password');
  }
  walk.initial[name] = { username, password: (await desk.page.locator('main .bk-secret').innerText()).trim() };
}

/** The exam officer's first login, and a draft that says what is missing. */
export async function draft(walk) {
  const desk = await walk.desk('exam');
  await desk.look('home before the first exam');
  await desk.keep('home-officer');
  walk.title = '南屿县2026年事业单位公开招聘';
  await desk.go('/office/exams/new');
  await desk.fillAll({ title: walk.title, code: 'NY2026-01' });
  await desk.check('事业单位公开招聘（笔试）');
  await desk.press('新建草稿');
  walk.path = new URL(desk.page.url()).pathname;
  walk.exam = walk.path.split('/').pop();
  await desk.says('还缺');
  await desk.look('draft with what is missing');
  await desk.keep('exam-draft');
  await desk.go(`${walk.path}/publish`);
  await desk.says('暂时不能发布');
  await desk.look('publish check refuses');
}

/** Part by part, as the guided list leads. */
export async function parts(walk) {
  const desk = await walk.desk('exam');
  const { path: exam } = walk;
  const cells = (name) => desk.page.locator(`main [name="${name}"]`);
  await part(desk, `${exam}/basics`, 'basics', async () => {
    await desk.fillAll({
      year: '2026', organizer: '南屿县人力资源和社会保障局', counted_to: local(0).slice(0, 10), open_ratio: '3', contact: '0700-8812345（工作日 9:00—17:00）',
    });
    await desk.page.locator('main [name="counts"][value="exact"]').check();
  });
  await part(desk, `${exam}/steps`, 'steps', async () => {
    await desk.check('两级：初审和复审');
    await desk.page.locator('main [name="appeal"]').check();
    await desk.page.locator('main [name="may_move"]').nth(1).check();
  });
  await part(desk, `${exam}/windows`, 'windows', async () => {
    await desk.page.locator('main details').evaluateAll((folds) => folds.forEach((fold) => { fold.open = true; }));
    await desk.fillAll({
      registration_open: local(-1), registration_close: local(3), review_open: local(-1), review_close: local(5),
      supplement_open: local(-1), supplement_close: local(4), reapply_open: local(3), reapply_close: local(5),
      payment_open: local(-1), payment_close: local(6), ticket_open: local(16), ticket_close: local(20),
      sitting_open: local(19, 12), sitting_close: local(21), score_open: local(30), score_close: local(60),
    });
    await desk.keep('exam-windows');
  });
  await part(desk, `${exam}/papers`, 'papers', async () => {
    for (const [at, [code, name, from, to]] of [['01', '职业能力倾向测验', 0, 1.5], ['02', '综合应用能力', 3, 5]].entries()) {
      await cells('code').nth(at).fill(code);
      await cells('name').nth(at).fill(name);
      await cells('starts').nth(at).fill(local(20, from));
      await cells('ends').nth(at).fill(local(20, to));
    }
  });
  await part(desk, `${exam}/fees`, 'fees', async () => {
    await desk.check('每人固定金额');
    await desk.fill('amount', '100');
  });
  await part(desk, `${exam}/photo`, 'photo rules', async () => {});
  await part(desk, `${exam}/agreement`, 'agreement', async () => {});
  await desk.go(`${exam}/questions/new?kind=choice`);
  await question(desk);
  await part(desk, `${exam}/seating`, 'seating rules', async () => {});
  await part(desk, `${exam}/scores`, 'score rules', async () => {});
}

/** Opens one part by the guided list's link, fills it in, looks, saves. */
async function part(desk, address, name, fill) {
  const exam = address.split('/').slice(0, 4).join('/');
  await desk.go(exam);
  const found = desk.page.locator(`main .bk-tasks a[href="${address}"]`);
  assert.equal(await found.count(), 1, `the guided list leads to ${address}`);
  await desk.leave(() => found.click());
  await fill();
  await desk.look(name);
  await desk.press('保存');
  await desk.saysNot('处需要修改');
}

/** A question that only this exam asks. */
async function question(desk) {
  await desk.look('question form');
  await desk.fill('label', '是否服从岗位调剂');
  const options = desk.page.locator('main [name="options"]');
  await options.fill('服从\n不服从');
  await desk.press('保存');
  await desk.look('questions');
}

/** The county's table: first with what can't be read, then as published. */
export async function table(walk) {
  const desk = await walk.desk('exam');
  const upload = async (file) => {
    await desk.go(`${walk.path}/import`);
    await desk.page.locator('input[type=file]').setInputFiles(new URL(file, FIXTURES).pathname);
    await desk.press('上传并核对');
  };
  await desk.go(`${walk.path}/import`);
  await desk.look('import form');
  await upload('broken-positions.xlsx');
  await desk.says('现在还没有写入任何数据');
  await desk.look('table with mistakes');
  await desk.keep('table-mistakes');
  await upload('county-recruitment.xlsx');
  await desk.look('table preview');
  await desk.leave(() => desk.page.locator('main button.btn-primary').first().click());
  await desk.go(`${walk.path}/table`);
  await desk.says('154');
  await desk.look('position table');
}

/** The employers' reviewers get their accounts: one exam, one unit each. */
export async function reviewers(walk) {
  await account(walk, 'firstA', STAFF.firstA);
  await account(walk, 'firstB', STAFF.firstB);
  const desk = await walk.desk('security');
  await desk.go('/office/staff');
  await desk.look('staff list in full');
  await desk.keep('accounts');
  for (const name of ['firstA', 'firstB', 'second', 'money']) await (await walk.desk(name)).look(`home of ${name} with nothing to do`);
}

/** The check is green; published; the notice. */
export async function publish(walk) {
  const desk = await walk.desk('exam');
  await desk.go(walk.path);
  await desk.says('已完成，可以发布');
  await desk.look('draft complete');
  await desk.press('检查并发布');
  await desk.look('publish check');
  await desk.keep('publish-check');
  await desk.leave(() => desk.page.locator('main form button.btn-primary').first().click());
  await desk.go(walk.path);
  await desk.look('exam published');
  await desk.keep('exam-published');
  await desk.go('/office/announcements/new');
  await desk.fill('title', `${walk.title}公告`);
  await desk.select('category', '考试公告');
  const rich = desk.page.locator('main [contenteditable]');
  if (await rich.count()) await rich.first().fill('招聘 242 人，报名、审查、缴费都在网上办理，时间和条件以岗位表为准。');
  else await desk.fill('body', '<p>招聘 242 人，报名、审查、缴费都在网上办理，时间和条件以岗位表为准。</p>');
  await desk.look('announcement form');
  await desk.leave(() => desk.page.locator('main button.btn-primary').first().click());
  await desk.look('announcement draft');
  await desk.keep('announcement');
  await desk.press('发布');
  await desk.look('announcements');
  const visitor = await walk.open('public', { widths: Object.values(WIDTHS) });
  await visitor.go('/');
  await visitor.says(walk.title);
  await visitor.look('portal');
  await visitor.go(`/exams/${walk.exam}`);
  await visitor.look('exam page');
  await visitor.go(`/exams/${walk.exam}/positions?q=${encodeURIComponent(UNITS.a)}`);
  await visitor.look('positions of a department');
  await visitor.close();
}
