// The whole way of the manual, 注册 to 成绩查询, with the staff's work between.

import assert from 'node:assert/strict';
import path from 'node:path';

import { payBy } from './lib/cashier.mjs';
import { idNumber, joinStaff } from './lib/people.mjs';
import { portrait } from './lib/portrait.mjs';
import { startServer } from './lib/server.mjs';
import { WIDTHS, openBrowser, visitor } from './lib/visitor.mjs';

const FIXTURES = new URL('../../crates/server/fixtures/', import.meta.url);
const PASSWORD = 'Lotus-bridge-4471';
const ROLES = {
  officer: 'exam_officer', first: 'first_reviewer', photos: 'photo_reviewer', money: 'finance_officer', second: 'finance_officer',
  scores: 'score_officer', checker: 'score_officer', auditor: 'auditor',
};
const INITIAL = 'Harbour-lantern-2290';

/** Beijing time `days` and `hours` from now, as a `datetime-local` field takes it. */
export function local(days, hours = 0) {
  const at = new Date(Date.now() + (days * 24 + hours + 8) * 3_600_000);
  return at.toISOString().slice(0, 16);
}

/** Everything that a walk needs: server, browser, people. */
export async function begin({ kind, width, scripts, pictures, roles = ROLES }) {
  const server = await startServer({
    kind,
    logs: path.join(pictures, 'server.log'),
    prepare: async ({ command, folder, writeFile }) => {
      const file = path.join(folder, 'initial');
      await writeFile(file, INITIAL);
      for (const [name, role] of Object.entries(roles)) {
        await command('admin', 'create', `desk.${name}`, '--name', `工作人员${name}`, '--role', role, '--password-file', file);
      }
    },
  });
  const browser = await openBrowser();
  const candidate = await visitor(browser, { base: server.base, pictures: path.join(pictures, 'candidate'), width, scripts });
  const desks = {};
  const staff = {};
  for (const name of Object.keys(roles)) {
    desks[name] = await visitor(browser, { base: server.base, pictures: path.join(pictures, `office-${name}`), scripts, widths: [WIDTHS.desk] });
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
  await desk.check('可以线下缴费');
  await desk.fill('offline_how', '南屿县学府路 8 号一楼 3 号窗口，工作日 9:00 至 17:00，收现金，可以刷卡。');
  await desk.check('可以用缴款码缴费');
  await desk.fill('nontax_how', '凭缴款码到南屿农商银行任一网点或者手机银行“非税缴费”缴款。');
  await desk.look('fees');
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
  await primary(desk);
  await desk.go(`${exam}/table`);
  await desk.look('position table');

  await desk.go(`${exam}/publish`);
  await desk.look('publish check');
  await primary(desk);
  await desk.go(exam);
  await desk.look('exam published');
  walk.exam = exam.split('/').pop();
}

/** Staff: an announcement that anybody can read. */
export async function announce(walk) {
  const desk = walk.desks.officer;
  await desk.go('/office/announcements/new');
  await desk.fill('title', '南屿县事业单位公开招聘公告');
  await desk.select('category', '考试公告');
  const rich = desk.page.locator('main [contenteditable]');
  if (await rich.count()) await rich.first().fill('报名时间以本站公布为准。');
  else await desk.fill('body', '<p>报名时间以本站公布为准。</p>');
  await desk.look('announcement form');
  await desk.leave(() => desk.page.locator('main button.btn-primary').first().click());
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
  await candidate.leave(() => candidate.page.locator('main').getByRole('link', { name: '事业单位考试' }).first().click());
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
  await candidate.leave(() => candidate.page.locator('main button.btn-primary').first().click());
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

/** The main button of the page, whatever it says. */
async function primary(who) {
  await who.leave(() => who.page.locator('main button.btn-primary, main a.btn-primary').first().click());
}

/** §1.2.2.1: 个人信息修改. */
export async function fillProfile(walk) {
  const { candidate } = walk;
  await candidate.go('/profile');
  await candidate.select('ethnicity', '汉族');
  await candidate.select('political', '群众');
  await candidate.press('保存');
  await candidate.look('profile errors');
  await candidate.select('hukou_province', '湖南省');
  await candidate.fill('hukou_place', '南屿市城南县');
  await candidate.press('保存');
  await candidate.says('保存成功');
  await candidate.look('profile saved');
  await candidate.go('/profile/education');
  await candidate.look('education empty');
  await candidate.press('添加学历');
  await candidate.page.locator('main select[name=level]').selectOption('21');
  await candidate.select('degree', '文学学士');
  await candidate.select('study_mode', '全日制');
  await candidate.fillAll({ graduated_on: '2020年6月', school: '南屿大学', major: '汉语言文学' });
  await candidate.look('education form');
  await candidate.press('保存');
  await candidate.look('education list');
  await candidate.go('/profile/work');
  await candidate.look('profile work');
  await candidate.page.locator('main select').first().selectOption({ index: 2 });
  await candidate.press('保存');
  await candidate.go('/profile/resume');
  const row = (name, nth) => candidate.page.locator(`main input[name*="${name}"]`).nth(nth);
  await row('from', 0).fill('2013年9月');
  await row('to', 0).fill('2016年6月');
  await row('place', 0).fill('南屿县第一中学');
  await row('role', 0).fill('高中学生');
  await row('from', 1).fill('2016年9月');
  await row('to', 1).fill('2020年6月');
  await row('place', 1).fill('南屿大学');
  await row('role', 1).fill('本科学生');
  await row('from', 2).fill('2020年7月');
  await row('to', 2).fill('至今');
  await row('place', 2).fill('南屿县文化馆');
  await row('role', 2).fill('馆员');
  await candidate.look('profile resume');
  await candidate.press('保存');
  await candidate.says('保存成功');
  await candidate.go('/profile/family');
  const kin = (name) => candidate.page.locator(`main [name*="${name}"]`).first();
  await kin('relation').selectOption({ index: 1 });
  await kin('name').fill('林建国');
  await kin('political').selectOption({ label: '群众' });
  await kin('unit').fill('南屿县粮食局退休');
  await candidate.look('profile family');
  await candidate.press('保存');
  await candidate.says('保存成功');
}

/** §1.2.2.2: 照片维护. */
export async function uploadPhoto(walk) {
  const { candidate, browser } = walk;
  await candidate.go('/photo');
  await candidate.look('photo empty');
  const pick = candidate.page.locator('main input[type=file]');
  await pick.setInputFiles({ name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('这不是照片') });
  // With scripts the page says at once what is wrong; without, the answer to the upload does.
  if (walk.scripts) await candidate.page.locator('[data-photo-say]').filter({ hasText: /\S/ }).waitFor();
  else await candidate.press('上传');
  await candidate.look('photo refused');
  const big = walk.scripts;
  const buffer = big ? await portrait(browser, 900, 1200) : await portrait(browser, 130, 170);
  await candidate.page.locator('main input[type=file]').setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer });
  if (big) {
    await candidate.page.locator('[data-photo-preview]').waitFor({ state: 'visible' });
    await candidate.look('photo crop');
  }
  await candidate.press('上传');
  await candidate.says('成功');
  await candidate.look('photo saved');
}

/** §1.2.2.3: 网上报名. */
export async function apply(walk) {
  const { candidate } = walk;
  await candidate.go('/apply');
  await candidate.look('apply categories');
  await candidate.leave(() => candidate.page.locator('main').getByRole('link', { name: /^进入/ }).first().click());
  await candidate.look('apply exams');
  await candidate.leave(() => candidate.page.locator('main').getByRole('link', { name: /^报名/ }).first().click());
  await candidate.look('apply start');
  await candidate.go(`/apply/${walk.exam}/agreement`);
  await candidate.look('agreement');
  await candidate.press('不同意');
  assert.equal(new URL(candidate.page.url()).pathname, '/apply');
  await candidate.go(`/apply/${walk.exam}/agreement`);
  await candidate.press('同意');
  await candidate.go(`/apply/${walk.exam}/positions`);
  await candidate.look('positions');
  await candidate.fill('q', '文化馆');
  await candidate.press('查询');
  await candidate.look('positions found');
  await candidate.go(`/apply/${walk.exam}/positions`);
  await candidate.leave(() => candidate.page.locator('main').getByRole('link', { name: /^(选择|报名|选报)/ }).first().click());
  await candidate.look('application form');
  await candidate.press('下一步：核对');
  await candidate.look('check answers');
  await primary(candidate);
  await candidate.look('application saved');
  await candidate.go('/applications');
  await candidate.look('my applications');
  await candidate.press('详细');
  await candidate.look('registration form');
  walk.application = new URL(candidate.page.url()).pathname;
  const pdf = await candidate.context.request.get(`${walk.application}/form.pdf`);
  assert.equal(pdf.status(), 200);
  assert.equal((await pdf.body()).subarray(0, 4).toString(), '%PDF');
  await candidate.go('/reviews');
  await candidate.look('review state');
  // Going into the exam again shows 修改.
  await candidate.go(`/apply/${walk.exam}`);
  await candidate.look('apply again');
  await candidate.go(`/apply/${walk.exam}/agreement`);
  await candidate.press('同意');
  await candidate.go(`/apply/${walk.exam}/form`);
  await candidate.press('下一步：核对');
  await candidate.look('check before change');
  await candidate.press('修改');
  await candidate.look('application changed');
}

/** Staff: the photo and the qualification. */
export async function review(walk) {
  const photos = walk.desks.photos;
  await photos.go('/office/photos');
  await photos.look('photo queue');
  await photos.press('领取一批');
  await photos.look('photo batch');
  await photos.check('通过');
  await photos.leave(() => photos.page.locator('main button.btn-primary').last().click());
  await photos.look('photos decided');
  const first = walk.desks.first;
  await first.go('/office/reviews');
  await first.look('review exams');
  await first.leave(() => first.page.locator('main').getByRole('link', { name: '进入' }).first().click());
  await first.look('review queue');
  await first.press('领取下一条');
  await first.look('review bench');
  await first.check('通过');
  await primary(first);
  await first.look('review decided');
  await walk.candidate.go('/applications');
  await walk.candidate.look('reviewed');
  await walk.candidate.go('/messages');
  await walk.candidate.look('messages');
}

/** §1.2.3: 网上缴费. */
export async function pay(walk) {
  const { candidate } = walk;
  await candidate.go('/payments/guide');
  await candidate.look('payment guide');
  await candidate.go('/payments');
  await candidate.look('payments');
  await candidate.press('缴费');
  await candidate.look('choose channel');
  await candidate.go('/payments/unpaid');
  await candidate.look('unpaid');
  await candidate.press('作废');
  await candidate.look('void');
  await candidate.press('作废');
  await candidate.look('voided');
  await candidate.go('/payments');
  await candidate.press('缴费');
  await payBy(candidate, '微信支付', { look: (me, what) => me.look(what) });
  // The bar names every step from the beginning: the one that counts is marked as where he is.
  const here = candidate.page.locator('[aria-current=step]').filter({ hasText: '缴费成功' });
  for (let tries = 0; tries < 10; tries += 1) {
    await candidate.go('/applications');
    if (await here.count()) break;
    await candidate.page.waitForTimeout(1000);
  }
  assert.ok(await here.count(), '缴费成功 is the step where the candidate is');
  await candidate.look('paid');
  await candidate.go('/payments/history');
  await candidate.look('payment history');
}

/** 减免: asked for, refused with a reason. */
export async function waiverRefused(walk) {
  const { candidate } = walk;
  const money = walk.desks.money;
  await candidate.go('/payments');
  await candidate.press('申请减免');
  await candidate.look('waiver form');
  await candidate.check('城乡低保家庭');
  await candidate.fill('statement', '低保');
  await candidate.page.locator('main input[type=file]').setInputFiles({ name: '低保证.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 proof') });
  await candidate.press('提交申请');
  await candidate.look('waiver form errors');
  await candidate.fill('statement', '家庭享受城市低保，低保证由南屿县民政局发放');
  await candidate.page.locator('main input[type=file]').setInputFiles({ name: '低保证.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 proof') });
  await candidate.press('提交申请');
  await candidate.says('待审核', '低保证.pdf');
  await candidate.look('waiver asked');
  await money.go('/office/waivers');
  await money.look('waivers');
  await money.leave(() => money.page.locator('main').getByRole('link', { name: walk.me.name }).first().click());
  await money.look('waiver');
  await money.press('不同意');
  await money.look('waiver without a reason');
  await money.fill('note', '低保证看不清，请重新拍照上传');
  await money.press('不同意');
  await money.says('未通过');
  await candidate.go('/payments');
  await candidate.press('减免申请未通过');
  await candidate.says('低保证看不清，请重新拍照上传');
  await candidate.look('waiver refused');
}

/** 减免 of a fee that is paid: asked for anew, granted by one, the refund approved by another. */
export async function waiverRefunded(walk) {
  const { candidate } = walk;
  const { money, second } = walk.desks;
  await candidate.go(`${walk.application}/waiver`);
  await candidate.press('提交申请');
  await candidate.says('待审核');
  await money.go('/office/waivers');
  await money.leave(() => money.page.locator('main').getByRole('link', { name: walk.me.name }).first().click());
  await money.look('waiver of a paid fee');
  await money.press('同意，申请退款 100.00 元');
  await money.says('待复核退款');
  await money.look('waiver waits for the second person');
  await second.go('/office/payments');
  await second.look('orders with a refund that waits');
  await second.leave(() => second.page.locator('#refunds a').first().click());
  await second.press('审批…');
  await second.press('批准退款 100.00 元');
  await second.look('order with its story');
  await candidate.go('/payments/history');
  await candidate.leave(() => candidate.page.locator('main').getByRole('link', { name: /^详细/ }).first().click());
  await candidate.says('办理经过', '减免');
  await candidate.look('order with its refund');
  await candidate.go(`${walk.application}/waiver`);
  await candidate.says('不需要再缴费');
  await candidate.look('waiver granted');
}

/** Staff: rooms and seats, once payment has closed. §1.2.2.5: 准考证打印. */
export async function seat(walk) {
  const { candidate } = walk;
  await walk.server.later(6);
  const desk = walk.desks.officer;
  await walk.staff.officer.login({ days: 6 });
  await desk.go('/office/seating');
  await desk.look('seating exams');
  await desk.leave(() => desk.page.locator('main').getByRole('link', { name: '进入' }).first().click());
  await desk.look('seating');
  await desk.press('自动编排');
  await desk.fillAll({ 'name-0': '南屿县第一中学', 'address-0': '南屿县城关镇学府路 8 号', 'rooms-0': '2', 'capacity-0': '30' });
  await desk.look('seating form');
  await desk.press('开始编排');
  // A job makes it.
  const plan = new URL(desk.page.url()).pathname;
  for (let tries = 0; tries < 40 && !(await desk.text()).includes('待公布'); tries += 1) {
    await desk.page.waitForTimeout(500);
    await desk.go(plan);
  }
  await desk.says('待公布');
  await desk.look('seat plan');
  const pdf = await desk.context.request.get(desk.page.url());
  assert.equal(pdf.status(), 200);
  await desk.press('公布这一版编排');
  await desk.look('seat plan published');
  await enter(walk);
  await candidate.go('/applications');
  await candidate.says('已导入考场编排');
  await candidate.look('arranged');
  await candidate.go('/tickets');
  await candidate.look('tickets not open');
}

/** §1.2.2.5: 准考证打印. */
export async function ticket(walk) {
  const { candidate, me } = walk;
  await walk.server.later(9);
  await enter(walk);
  await candidate.go('/tickets');
  await candidate.look('tickets');
  await candidate.press('打印准考证');
  await candidate.look('ticket');
  walk.ticketNo = (await candidate.text()).replaceAll(/\s/g, '').match(/准考证号(\d{9,14})/)[1];
  // Printing is counted, so it is a POST; the browser would show the PDF in its own viewer.
  const form = candidate.page.locator('main form').filter({ has: candidate.page.getByRole('button', { name: '打印' }) });
  const pdf = await candidate.context.request.post(await form.getAttribute('action'), {
    form: { _csrf: await form.locator('[name="_csrf"]').inputValue() },
  });
  assert.equal(pdf.status(), 200);
  assert.equal((await pdf.body()).subarray(0, 4).toString(), '%PDF');
  await candidate.go('/applications');
  await candidate.look('ticket open');
  assert.ok(me.name);
}

/** The candidate logs in again: a session ends when weeks go by. */
async function enter(walk) {
  const { candidate, me } = walk;
  await candidate.go('/login?door=recruitment');
  if ((await candidate.page.locator('main [name="number"]').count()) === 0) return;
  await candidate.fillAll({ number: me.number, password: PASSWORD });
  await candidate.captcha();
  await candidate.press('登录');
}

/** Staff: scores, by two people, at a set time. §1.2.2.7: 成绩查询. */
export async function score(walk) {
  const { candidate, desks, staff } = walk;
  await walk.server.later(12.5);
  await staff.scores.login({ days: 12.5 });
  const desk = desks.scores;
  await desk.go('/office/scores');
  await desk.look('score exams');
  await desk.leave(() => desk.page.locator('main').getByRole('link', { name: '进入' }).first().click());
  await desk.look('score batches');
  const here = new URL(desk.page.url()).pathname;
  await desk.go(`${here}/import`);
  const rows = `准考证号,姓名,职业能力倾向测验,综合应用能力\n${walk.ticketNo},${walk.me.name},112.5,98\n`;
  await desk.page.locator('main input[type=file]').setInputFiles({ name: '成绩.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) });
  await desk.look('score import');
  await desk.press('上传并核对');
  await desk.look('score preview');
  await desk.press('查看成绩批次');
  await desk.look('score batch');
  const batch = new URL(desk.page.url()).pathname;
  await enter(walk);
  await candidate.go('/scores');
  await candidate.saysNot('112.5');
  await candidate.look('scores not out');
  await staff.checker.login({ days: 12.5 });
  await desks.checker.go(batch);
  await desks.checker.press('核对无误');
  await desks.checker.look('scores checked');
  await desk.go(batch);
  await desk.press('公布成绩');
  await desk.look('scores published');
  await candidate.go('/scores');
  await candidate.look('scores');
  await candidate.press('查询成绩');
  await candidate.says('112.5', '98');
  await candidate.look('score page');
  await candidate.press('返回');
  await candidate.go('/check');
  await candidate.look('score check');
  const auditor = desks.auditor;
  await staff.auditor.login({ days: 12.5 });
  await auditor.go('/office/audit');
  await auditor.look('audit trail');
}

/** The steps in their order. */
export const STEPS = [publishExam, announce, signUp, fillProfile, uploadPhoto, apply, review, waiverRefused, pay, waiverRefunded, seat, ticket, score];
