// Photos in the grid, two levels of review by two employers and the supervising department: claims, keyboard, a return, two
// refusals that are appealed against, approvals by the page; and that one employer's reviewer sees nothing of the other.

import assert from 'node:assert/strict';

import { local } from '../story.mjs';
import { POSTS, UNITS } from './cast.mjs';

const queue = (walk, state = 'pending') => `/office/reviews/${walk.exam}?state=${state}`;

/** Comes back to a page until the figures, which are seconds old, say so. */
export async function until(who, address, words) {
  for (let tries = 0; tries < 60; tries += 1) {
    await who.go(address);
    if ((await who.page.locator('body').innerText()).includes(words)) return;
    await who.page.waitForTimeout(400);
  }
  await who.says(words);
}

/** The officer at the photo desk: everything by keyboard; one photo is refused. */
export async function photos(walk) {
  const desk = await walk.desk('exam');
  await desk.go('/office');
  await desk.says('照片待审');
  await desk.look('home with photos to do');
  await desk.go('/office/photos');
  await desk.look('photo queue');
  await desk.press('领取一批');
  await desk.look('photo batch');
  const refused = desk.page.locator('main [data-card]', { hasText: '苏晚晴' });
  for (let batch = 0; batch < 5; batch += 1) {
    const cards = await desk.page.locator('main [data-card]').count();
    if (cards === 0) break;
    const bad = await desk.page.locator('main [data-card] legend').allInnerTexts();
    for (let at = 0; at < cards; at += 1) {
      if (bad[at].trim() !== '苏晚晴') {
        await desk.page.keyboard.press('1');
        continue;
      }
      await desk.page.keyboard.press('2');
      await refused.locator('[name="code"]').selectOption({ index: 1 });
      await refused.locator('legend').click();
      await desk.page.locator('main [data-card]').nth(Math.min(at + 1, cards - 1)).focus();
    }
    if (batch === 0) {
      await desk.look('photo batch decided');
      await desk.keep('photos');
    }
    await desk.leave(() => desk.page.keyboard.press('Control+Enter'));
  }
  await desk.look('photos done');
  await desk.go('/office/photos/decided?state=rejected');
  await desk.says('苏晚晴');
  await desk.look('photos refused');
  await again(walk);
}

/** The one whose photo was refused sends another, and the officer passes it. */
async function again(walk) {
  const me = walk.people['苏晚晴'];
  await me.go('/photo');
  await me.look('photo refused');
  await me.page.locator('main input[type=file]').setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: walk.portrait });
  await me.press('上传');
  await me.says('成功');
  const desk = await walk.desk('exam');
  await desk.go('/office/photos');
  await desk.press('领取一批');
  await desk.page.keyboard.press('1');
  await desk.leave(() => desk.page.keyboard.press('Control+Enter'));
  await desk.look('last photo done');
}

/** Employer A's reviewer finds the work from the home page and begins; nothing of employer B is within reach. */
export async function apart(walk) {
  const desk = await walk.desk('firstA');
  await until(desk, '/office', '资格待初审');
  await desk.look('home with reviews to do');
  await desk.keep('home-first');
  await desk.leave(() => desk.page.locator('main .bk-todo a').first().click());
  await desk.look('exams to review');
  await desk.press('进入');
  await until(desk, queue(walk), '共 15 条');
  await desk.look('queue');
  await desk.keep('review-queue');
  const mine = names(walk, 'a');
  const theirs = names(walk, 'b');
  const shows = async (what, text) => {
    for (const name of theirs) assert.ok(!text.includes(name), `${name} of the other employer is in ${what}`);
  };
  for (const state of ['pending', 'approved', 'rejected', 'returned', 'appealed']) {
    await desk.go(queue(walk, state));
    await shows(`the queue of ${state}`, await desk.text());
  }
  await desk.go(`${queue(walk)}&unit=${encodeURIComponent(UNITS.b)}`);
  await desk.says('没有待审的报名');
  await desk.go(`${queue(walk)}&who=${encodeURIComponent(theirs[0])}`);
  await desk.saysNot(`${theirs[0]} `);
  await desk.says('没有待审的报名');
  const csv = await exported(desk, queue(walk));
  await shows('the export', csv);
  for (const name of mine) assert.ok(csv.includes(name), `${name} is missing in the export`);
  await desk.go(`/office/exams/${walk.exam}/statistics`);
  await desk.says('只含您负责的单位');
  await desk.saysNot(UNITS.b, '数据资源管理');
  await desk.look('statistics of one employer');
  await desk.go(`/office/exams/${walk.exam}/table`);
  await desk.saysNot(UNITS.b);
  await desk.look('table of one employer');
  // By address: what the other employer's reviewer has before him.
  const other = await walk.desk('firstB');
  await until(other, queue(walk), '共 15 条');
  await other.leave(() => other.page.locator('main tbody th a').first().click());
  await other.look('bench of the other employer');
  walk.theirs = new URL(other.page.url()).pathname;
  await desk.go(walk.theirs, 404);
  await desk.look('not there');
  const said = await desk.context.request.get(`/office/exams/${walk.exam}/statistics/export`);
  assert.equal(said.status(), 200);
}

/** The names of those who applied to an employer's posts. */
function names(walk, unit) {
  return walk.candidates.filter((one) => POSTS[one.post].unit === unit).map((one) => one.name);
}

/** The current list as CSV, by its own button. */
export async function exported(desk, address) {
  await desk.go(address);
  const form = desk.page.locator('main form', { has: desk.page.getByRole('button', { name: '导出 CSV' }) });
  const answer = await desk.context.request.post(await form.getAttribute('action'), {
    form: { _csrf: await form.locator('[name="_csrf"]').inputValue(), format: 'csv' },
  });
  assert.equal(answer.status(), 200, `export of ${address}`);
  return answer.text();
}

/** Opens somebody's application from the queue. */
async function open(walk, desk, name, state = 'pending') {
  await desk.go(`${queue(walk, state)}&who=${encodeURIComponent(name)}`);
  await desk.leave(() => desk.page.locator('main tbody').getByRole('link', { name, exact: true }).click());
}

/** Decides by keyboard: the digit, then the reason and what it asks for, then Ctrl+Enter. */
async function decide(desk, key, { code = null, reason = null, items = [], due = null } = {}) {
  await desk.page.keyboard.press(key);
  if (code) await desk.page.locator('main [name="code"]').selectOption(code);
  if (reason) await desk.fill('reason', reason);
  for (const item of items) await desk.page.locator(`main [name="item"][value="${item}"]`).check();
  if (due) await desk.fill('due', due);
  return () => desk.leave(() => desk.page.locator('main [data-bench] [name="reason"]').press('Control+Enter'));
}

/** Employer A: one claimed, one returned with a due time, one refused, the rest by the page. */
export async function firstA(walk) {
  const desk = await walk.desk('firstA');
  await desk.go(queue(walk));
  await desk.press('领取下一条');
  await desk.look('bench claimed');
  await desk.keep('review-bench', { height: 760 });
  await open(walk, desk, '林一舟');
  await (await decide(desk, '2', {}))();
  await desk.look('return without a reason');
  const returns = await decide(desk, '2', {
    code: 'wrong_entry', reason: '毕业院校写的是简称，请按毕业证书写全称。', items: ['profile.education'], due: local(2),
  });
  await desk.keep('review-return', { height: 760 });
  await returns();
  await open(walk, desk, '程知夏');
  const refuses = await decide(desk, '3', { code: 'major', reason: '所学专业与岗位要求的专业不一致。' });
  await desk.look('bench before a refusal');
  await refuses();
  await bulk(walk, desk, 'pending', 13);
}

/** Employer B: the post with a condition in words is judged one by one, a candidate is refused, the rest by the page. */
export async function firstB(walk) {
  const desk = await walk.desk('firstB');
  await open(walk, desk, '苏晚晴');
  await (await decide(desk, '3', { code: 'major', reason: '岗位要求汉语言文学、新闻学类专业。' }))();
  for (let left = 3; left > 0; left -= 1) {
    await desk.go(`${queue(walk)}&verdict=manual`);
    await desk.press('领取下一条');
    if (left === 3) await desk.look('bench with a point to judge');
    await (await decide(desk, '1'))();
  }
  await bulk(walk, desk, 'pending', 11);
}

/** 批量通过 with its preview. */
async function bulk(walk, desk, state, count) {
  await desk.go(queue(walk, state));
  await desk.page.locator('main [data-all]').check();
  if (!walk.sawBulk) await desk.look('rows chosen');
  await desk.press('批量通过…');
  await desk.says(`确认通过 ${count} 条`);
  if (!walk.sawBulk) {
    await desk.look('bulk preview');
    await desk.keep('review-bulk');
  }
  await desk.press(`确认通过 ${count} 条`);
  await desk.says(`已通过 ${count} 条`);
  if (!walk.sawBulk) await desk.look('bulk done');
  walk.sawBulk = true;
}

/** The one who got it back mends it; the reviewer sees what has changed since the last look. */
export async function mended(walk) {
  const me = walk.people['林一舟'];
  await me.go('/messages');
  await me.look('told of the return');
  await me.go('/applications');
  await me.says('毕业院校写的是简称');
  await me.look('returned');
  await me.go('/profile/education');
  await me.leave(() => me.page.locator('main').getByRole('link', { name: /^修改/ }).first().click());
  await me.fill('school', '南屿师范大学');
  await me.press('保存');
  await me.go('/applications');
  await me.leave(() => me.page.locator('main .bk-next').getByRole('link').first().click());
  await me.look('supplement');
  await me.press('填写报考信息');
  if (await me.page.getByRole('button', { name: '不同意' }).count()) await me.press('同意');
  await me.press('下一步：核对');
  await me.look('check the supplement');
  await me.leave(() => me.page.locator('main button.btn-primary').first().click());
  await me.look('supplement sent');
  const desk = await walk.desk('firstA');
  await open(walk, desk, '林一舟');
  await desk.says('上次审核以后');
  await desk.look('bench after the supplement');
  await desk.keep('review-changed', { height: 760 });
  await (await decide(desk, '1'))();
  await desk.go(queue(walk));
  await desk.look('queue empty');
}

/** Two refused candidates appeal. */
export async function appeals(walk) {
  for (const [name, note] of [['程知夏', '我的专业是计算机科学与技术，属于计算机类，请核对毕业证书。'], ['苏晚晴', '我学的课程与新闻学相近，请再考虑。']]) {
    const me = walk.people[name];
    await me.go('/applications');
    if (name === '程知夏') await me.look('refused');
    await me.press('申诉');
    if (name === '程知夏') await me.look('appeal form');
    await me.fill('note', note);
    await me.press('提交申诉');
    if (name === '程知夏') await me.look('appeal sent');
  }
}

/** The supervising department: one appeal granted, one not; the second level by the page. */
export async function second(walk) {
  const desk = await walk.desk('second');
  await until(desk, '/office', '资格待复审');
  await desk.look('home of the second level');
  await desk.keep('home-second');
  await open(walk, desk, '程知夏', 'appealed');
  await desk.look('bench with an appeal');
  await desk.keep('review-appeal', { height: 760 });
  await desk.check('改为通过');
  await desk.fill('reason', '核对毕业证书，专业属于计算机类，符合岗位要求。');
  await desk.leave(() => desk.page.locator('main [data-bench] button.btn-primary').click());
  await open(walk, desk, '苏晚晴', 'appealed');
  await desk.check('维持不通过');
  await desk.fill('reason', '专业不属于岗位要求的范围，维持原结论。');
  await desk.leave(() => desk.page.locator('main [data-bench] button.btn-primary').click());
  await desk.look('appeals done');
  await until(desk, queue(walk, 'first_approved'), '条');
  await desk.look('queue of the second level');
  await desk.press('领取下一条');
  await desk.look('bench of the second level');
  await (await decide(desk, '1'))();
  await bulk(walk, desk, 'first_approved', 24);
  for (let left = 3; left > 0; left -= 1) {
    await desk.go(queue(walk, 'first_approved'));
    await desk.press('领取下一条');
    await (await decide(desk, '1'))();
  }
  await desk.go(queue(walk, 'first_approved'));
  await desk.says('这里没有待审的报名');
  await desk.go(queue(walk, 'rejected'));
  await desk.says('苏晚晴');
  await desk.look('refused in the end');
  const me = walk.people['苏晚晴'];
  await me.go('/applications');
  await me.look('appeal not granted');
}
