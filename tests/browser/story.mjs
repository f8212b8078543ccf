// The whole way of the manual, 注册 to 成绩查询, with the staff's work between.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { idNumber, joinStaff } from './lib/people.mjs';
import { portrait } from './lib/portrait.mjs';
import { startServer } from './lib/server.mjs';
import { openBrowser, visitor } from './lib/visitor.mjs';

const FIXTURES = new URL('../../crates/server/fixtures/', import.meta.url);
const PASSWORD = 'Lotus-bridge-4471';
const ROLES = {
  officer: 'exam_officer', first: 'first_reviewer', photos: 'photo_reviewer', money: 'finance_officer',
  scores: 'score_officer', checker: 'score_officer', auditor: 'auditor',
};
const INITIAL = 'Harbour-lantern-2290';

/** Beijing time `days` and `hours` from now, as a `datetime-local` field takes it. */
export function local(days, hours = 0) {
  const at = new Date(Date.now() + (days * 24 + hours + 8) * 3_600_000);
  return at.toISOString().slice(0, 16);
}

/** Everything that a walk needs: server, browser, people. */
export async function begin({ kind, width, scripts, pictures }) {
  const server = await startServer({
    kind,
    logs: path.join(pictures, 'server.log'),
    prepare: async ({ command, folder, writeFile }) => {
      const file = path.join(folder, 'initial');
      await writeFile(file, INITIAL);
      for (const [name, role] of Object.entries(ROLES)) {
        await command('admin', 'create', `desk.${name}`, '--name', `工作人员${name}`, '--role', role, '--password-file', file);
      }
    },
  });
  const browser = await openBrowser();
  const candidate = await visitor(browser, { base: server.base, pictures: path.join(pictures, 'candidate'), width, scripts });
  const desks = {};
  const staff = {};
  for (const name of Object.keys(ROLES)) {
    desks[name] = await visitor(browser, { base: server.base, pictures: path.join(pictures, `office-${name}`), scripts });
    staff[name] = await joinStaff(desks[name], `desk.${name}`, INITIAL);
  }
  return {
    server, browser, candidate, desks, staff, scripts,
    me: { name: '林一舟', number: idNumber('19980314', 21), mobile: '13875512345' },
    async end() {
      await browser.close();
      await server.stop();
    },
  };
}

/** Staff: a recruitment exam from the position table as it was published. */
export async function publishExam(walk) {
  const desk = walk.desks.officer;
  const { page } = desk;
  await desk.go('/office/exams/new');
  await desk.fillAll({ title: '南屿县事业单位公开招聘工作人员', code: 'NY-01' });
  await desk.check('事业单位公开招聘（笔试）');
  await desk.look('new exam');
  await desk.press('新建草稿');
  const exam = new URL(page.url()).pathname;
  await desk.look('exam draft');

  await desk.go(`${exam}/basics`);
  await desk.fillAll({ organizer: '南屿县人力资源和社会保障局', counted_to: local(0).slice(0, 10) });
  await desk.press('保存');
  await desk.go(`${exam}/windows`);
  await desk.fillAll({
    registration_open: local(-1), registration_close: local(3), payment_open: local(-1), payment_close: local(5),
    ticket_open: local(8), ticket_close: local(10), sitting_open: local(9, 12), sitting_close: local(11),
    score_open: local(12), score_close: local(40),
  });
  await desk.look('windows');
  await desk.press('保存');
  await desk.go(`${exam}/papers`);
  const cells = (name) => page.locator(`main [name="${name}"]`);
  await cells('code').nth(0).fill('01');
  await cells('name').nth(0).fill('职业能力倾向测验');
  await cells('starts').nth(0).fill(local(10));
  await cells('ends').nth(0).fill(local(10, 1));
  await cells('code').nth(1).fill('02');
  await cells('name').nth(1).fill('综合应用能力');
  await cells('starts').nth(1).fill(local(10, 3));
  await cells('ends').nth(1).fill(local(10, 5));
  await desk.press('保存');
  await desk.go(`${exam}/fees`);
  await desk.check('每人固定金额');
  await desk.fill('amount', '100');
  await desk.press('保存');

  await desk.go(`${exam}/import`);
  await page.locator('input[type=file]').setInputFiles(new URL('broken-positions.xlsx', FIXTURES).pathname);
  await desk.press('上传并核对');
  await desk.look('import with broken rows');
  await desk.says('现在还没有写入任何数据');
  await desk.go(`${exam}/import`);
  await page.locator('input[type=file]').setInputFiles(new URL('county-recruitment.xlsx', FIXTURES).pathname);
  await desk.press('上传并核对');
  await desk.look('import preview');
  await page.locator('main button.btn-primary').first().click();
  await page.waitForLoadState('load');
  await desk.go(`${exam}/table`);
  await desk.look('position table');

  await desk.go(`${exam}/publish`);
  await desk.look('publish check');
  await page.locator('main button.btn-primary').first().click();
  await page.waitForLoadState('load');
  await desk.go(exam);
  await desk.look('exam published');
  walk.exam = exam.split('/').pop();
}

/** Staff: an announcement that anybody can read. */
export async function announce(walk) {
  const desk = walk.desks.officer;
  await desk.go('/office/announcements/new');
  await desk.fillAll({ title: '南屿县事业单位公开招聘公告', body: '<p>报名时间以本站公布为准。</p>' });
  await desk.look('announcement form');
  await desk.page.locator('main button.btn-primary').first().click();
  await desk.page.waitForLoadState('load');
  await desk.look('announcement draft');
  await desk.press('发布');
}

/** §1.1.1.1 and §1.1.1.2: portal, sign-up, first login, password. */
export async function signUp(walk) {
  const { candidate, me } = walk;
  await candidate.go('/');
  await candidate.look('portal');
  await candidate.press('注册');
  await candidate.look('doors');
  await candidate.page.getByRole('link', { name: '事业单位考试' }).first().click();
  await candidate.look('privacy notice');
  await candidate.press('同意，开始注册');
  await candidate.look('sign-up form');
  // What is wrong is said once on top and once beside the field, and what was typed stays.
  await candidate.fillAll({ name: me.name, id_number: '43100019980314002', mobile: '1387551234' });
  await candidate.captcha();
  await candidate.check('我已阅读并同意');
  await candidate.press('保存');
  await candidate.look('sign-up errors');
  assert.equal(await candidate.page.locator('main [name="name"]').inputValue(), me.name);
  await candidate.fillAll({ id_number: ` ${me.number.toLowerCase()} `, mobile: me.mobile });
  await candidate.captcha();
  await candidate.check('我已阅读并同意');
  await candidate.press('保存');
  await readSms(walk);
  await candidate.look('login after sign-up');
  assert.equal(await candidate.page.locator('main [name="number"]').inputValue(), me.number);
  await candidate.fill('password', me.number.slice(-6));
  await candidate.captcha();
  await candidate.press('登录');
  await candidate.look('first password');
  await candidate.fillAll({ password: PASSWORD, password_again: PASSWORD });
  await candidate.page.locator('main button.btn-primary').first().click();
  await candidate.page.waitForLoadState('load');
  await candidate.look('home');
}

/** Where SMS are sent, the code is read from the demonstration's page. */
async function readSms(walk) {
  const { candidate } = walk;
  if ((await candidate.page.locator('main [name="sms_code"]').count()) === 0) return;
  await candidate.look('sms code');
  const inbox = await walk.browser.newPage();
  await inbox.goto(`${walk.server.base}/demo/sms`);
  const code = (await inbox.locator('main').innerText()).match(/\b\d{6}\b/)[0];
  await inbox.close();
  await candidate.fill('sms_code', code);
  await candidate.press('保存');
}

/** §1.2.2.1: 个人信息修改. */
export async function fillProfile(walk) {
  const { candidate } = walk;
  await candidate.go('/profile');
  await candidate.select('ethnicity', '汉族');
  await candidate.select('political', '中共党员').catch(() => {});
  await candidate.look('profile basic');
  await candidate.press('保存');
  await candidate.says('保存成功');
  await candidate.look('profile saved');
  await candidate.go('/profile/education');
  await candidate.look('education empty');
  await candidate.press('添加学历');
  await candidate.look('education form');
}
