// A published position table in trouble: one position amended, one cancelled with 改报, one cut, by two officers; and what the
// candidate of the cancelled one sees and does about it. Pictures in target/positions/.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import * as story from './story.mjs';

const PICTURES = process.env.POSITIONS_PICTURES ?? path.resolve('target/positions');
const ROLES = { officer: 'exam_officer', second: 'exam_officer', photos: 'photo_reviewer', first: 'first_reviewer' };
const WALKS = [
  { name: 'sqlite', kind: 'sqlite', width: 'phone', scripts: true },
  { name: 'postgres', kind: 'postgres', width: 'desk', scripts: false },
];

/** The officer adds 改报 to the published exam. */
async function openReapply(walk) {
  const desk = walk.desks.officer;
  await desk.go(`/office/exams/${walk.exam}/extend`);
  await desk.page.locator('main details').evaluateAll((folds) => folds.forEach((fold) => { fold.open = true; }));
  await desk.fillAll({
    reason: '部分岗位可能取消，补充改报时间', reapply_open: story.local(0, -1), reapply_close: story.local(6),
  });
  await desk.press('下一步：看影响');
  await desk.says('逐项对比', '改报时间');
  await desk.look('windows added');
  await desk.press('公布更正和补充公告');
  await desk.says('已公布');
}

/** One position is amended: what differs, what it means, the notice, publication. */
async function amend(walk) {
  const desk = walk.desks.officer;
  await mostAppliedFor(walk);
  await desk.look('table by applied');
  await desk.leave(() => desk.page.locator('main tbody th a').first().click());
  await desk.look('position');
  walk.position = new URL(desk.page.url()).pathname;
  await desk.press('更正');
  await desk.look('amend form');
  await desk.fillAll({ headcount: '若干', remark: '面试方式另行通知' });
  await desk.press('下一步：核对');
  await desk.look('amend errors');
  assert.equal(await desk.page.locator('main [name="remark"]').inputValue(), '面试方式另行通知');
  await desk.fillAll({ headcount: '9', education: '硕士研究生及以上' });
  await desk.press('下一步：核对');
  await desk.says('逐项对比', '不再符合');
  await desk.look('amendment preview');
  await desk.press('公布更正和补充公告');
  await desk.says('请写明原因');
  await desk.fill('reason', '招聘单位核对后申请更正');
  await desk.press('公布更正和补充公告');
  await desk.says('已公布');
  await desk.look('amendment published');
  const { candidate } = walk;
  await until(candidate, '/messages', '报考岗位有更正');
  await candidate.look('told of the amendment');
  await candidate.go('/news');
  await candidate.look('supplementary notice');
  await candidate.go(walk.position.replace('/office', ''));
  await candidate.says('有更正');
  await candidate.look('position amended');
}

/** A changed table is uploaded over the published one, and given up. */
async function upload(walk) {
  const desk = walk.desks.officer;
  await desk.go(`/office/exams/${walk.exam}/amendments`);
  await desk.look('amendments');
  const file = new URL('../../crates/server/fixtures/broken-positions.xlsx', import.meta.url).pathname;
  await desk.page.locator('input[type=file]').setInputFiles(file);
  await desk.press('上传并核对');
  await desk.look('changed table');
  await desk.press('放弃这份更正');
  await desk.says('更正与处置');
}

/** The position is cancelled by two people. */
async function cancel(walk) {
  const { officer, second } = walk.desks;
  await officer.go(walk.position);
  await officer.press('核减或取消');
  await officer.look('decide form');
  await officer.check('取消岗位');
  await officer.fill('reason', '招聘单位机构调整，不再招聘');
  await officer.press('下一步：核对');
  await officer.says('改报');
  await officer.look('decision draft');
  await officer.press('提交复核');
  await officer.says('须由另一位工作人员复核');
  await officer.look('decision asked');
  const decision = new URL(officer.page.url()).pathname;
  await second.go('/office');
  await second.says('考试事项待办理');
  await second.look('desk with a decision');
  await second.go(`/office/exams/${walk.exam}`);
  await second.look('exam with a decision');
  await second.go(decision);
  await second.look('decision to confirm');
  await second.press('同意并办理');
  await until(second, decision, '已办完');
  await second.look('decision done');
}

/** The candidate reads it, chooses another position, and is reviewed afresh. */
async function reapply(walk) {
  const { candidate } = walk;
  await candidate.go('/messages');
  await candidate.says('报考岗位已取消，请改报');
  await candidate.look('told of the end');
  await candidate.go('/applications');
  await candidate.says('下一步：改报其他岗位');
  await candidate.look('my application without a position');
  await candidate.go('/home');
  await candidate.look('home without a position');
  await candidate.go('/reviews');
  await candidate.look('review state without a position');
  await candidate.go('/applications');
  await candidate.press('改报岗位');
  // Whoever agreed on the way before is not asked again.
  if (new URL(candidate.page.url()).pathname.endsWith('/agreement')) {
    await candidate.look('agreement again');
    await candidate.press('同意');
  }
  await candidate.look('positions again');
  await candidate.go(`/apply/${walk.exam}`);
  await candidate.look('way again');
  await candidate.go(`/apply/${walk.exam}/positions`);
  await candidate.leave(() => candidate.page.locator('main').getByRole('link', { name: /^(选择|报名|选报)/ }).first().click());
  await candidate.look('form again');
  await candidate.press('下一步：核对');
  await candidate.says('原来报考的岗位已取消');
  await candidate.look('check again');
  await candidate.press('改报');
  await candidate.says('等待资格审查');
  await candidate.look('moved');
  const first = walk.desks.first;
  await first.go('/office/reviews');
  await first.leave(() => first.page.locator('main').getByRole('link', { name: '进入' }).first().click());
  await first.press('领取下一条');
  await first.look('bench after the move');
  await first.check('通过');
  await first.leave(() => first.page.locator('main button.btn-primary').first().click());
  await candidate.go('/applications');
  await candidate.saysNot('岗位已取消');
  await candidate.look('approved again');
}

/** After the close: the ratio is checked, one choice differs, another officer confirms; positions are cut and cancelled. */
async function ratio(walk) {
  const desk = walk.desks.officer;
  const check = `/office/exams/${walk.exam}/ratio`;
  await desk.go(check);
  await desk.says('还没有截止');
  await desk.look('ratio before the close');
  await walk.server.later(6);
  await walk.staff.officer.login({ days: 6 });
  await desk.go(check);
  await desk.look('ratio');
  await desk.go(`${check}?show=cancel`);
  await desk.look('ratio to cancel');
  await desk.press('按建议处置');
  await desk.look('ratio decision draft');
  const decision = new URL(desk.page.url()).pathname;
  await desk.press('调整');
  await desk.look('choose otherwise');
  await desk.check('保留，不核减');
  await desk.press('保存');
  await desk.says('请写明原因');
  await desk.look('choose otherwise errors');
  await desk.fill('reason', '急需岗位，经批准保留');
  await desk.press('保存');
  const cut = desk.page.locator('main tbody tr').filter({ hasNotText: '急需岗位' }).locator('a', { hasText: '调整' });
  for (let at = 0; at < await cut.count(); at += 1) {
    await desk.leave(() => cut.nth(at).click());
    if (await desk.page.getByLabel('核减招聘人数').count()) break;
    await desk.go(decision);
  }
  await desk.check('核减招聘人数');
  await desk.fillAll({ headcount: '1', reason: '按主管部门意见核减为 1 人' });
  await desk.press('保存');
  await desk.look('ratio decision changed');
  await desk.press('提交复核');
  await walk.staff.second.login({ days: 6 });
  await walk.desks.second.go(decision);
  await walk.desks.second.press('同意并办理');
  await until(walk.desks.second, decision, '已办完');
  await walk.desks.second.look('ratio decision done');
  await desk.go(`/office/exams/${walk.exam}/table?state=cancelled`);
  await desk.look('table of cancelled');
  await desk.go(`/office/exams/${walk.exam}/amendments`);
  await desk.look('amendments in the end');
  const csv = await desk.context.request.get(`/office/exams/${walk.exam}/table/export?format=csv&state=cancelled`);
  assert.equal(csv.status(), 200);
}

/** The table with the position that the candidate chose on top: its count is seconds old, so it may take some looks. */
async function mostAppliedFor(walk) {
  const desk = walk.desks.officer;
  const applied = desk.page.locator('main tbody tr').first().locator('td.is-num').nth(1);
  for (let tries = 0; tries < 40; tries += 1) {
    await desk.go(`/office/exams/${walk.exam}/table?sort=applied`);
    if ((await applied.innerText()).trim().startsWith('1')) return;
    await desk.page.waitForTimeout(500);
  }
  assert.fail('no position has an application');
}

/** Comes back to a page until a job has done its work. */
async function until(who, address, words) {
  for (let tries = 0; tries < 40; tries += 1) {
    await who.go(address);
    if ((await who.page.locator('body').innerText()).includes(words)) return;
    await who.page.waitForTimeout(500);
  }
  await who.says(words);
}

const STEPS = [
  story.publishExam, openReapply, story.signUp, story.fillProfile, story.uploadPhoto, story.apply, story.review,
  amend, upload, cancel, reapply, ratio,
];

for (const { name, ...setting } of WALKS) {
  test(`positions after publication: ${name}`, { timeout: 900_000 }, async (t) => {
    const walk = await story.begin({ ...setting, pictures: path.join(PICTURES, name), roles: ROLES });
    try {
      for (const step of STEPS) await t.test(step.name, () => step(walk));
    } finally {
      await walk.end();
    }
  });
}
