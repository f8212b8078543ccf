// From the seats to the scores: what the office does once the money is in. The manual journey (journey.test.mjs) looks at these
// pages one by one; here thirty candidates stand behind them, and the staff manual takes its pictures.

import assert from 'node:assert/strict';

import { until } from './reviews.mjs';

/** Rooms and seats for those who paid, published. */
export async function seats(walk) {
  const desk = await walk.desk('exam');
  await desk.go('/office/seating');
  await desk.press('进入');
  await desk.look('seating');
  await desk.press('自动编排');
  await desk.fillAll({ 'name-0': '南屿县第一中学', 'address-0': '南屿县城关镇学府路 8 号', 'rooms-0': '2', 'capacity-0': '30' });
  await desk.press('开始编排');
  const plan = new URL(desk.page.url()).pathname;
  await until(desk, plan, '待公布');
  await desk.look('seat plan');
  await desk.keep('seat-plan');
  walk.numbers = await ticketNumbers(desk, walk);
  assert.equal(walk.numbers.size, 26, 'everybody who paid and whose post is held has a seat');
  await desk.go(plan);
  await desk.press('公布这一版编排');
  await desk.look('seat plan published');
}

/** Tickets: how the office sees them once they can be printed. */
export async function tickets(walk) {
  await walk.later(17);
  const desk = await walk.desk('exam');
  await desk.go('/office/tickets');
  await desk.look('tickets');
  await desk.press('进入');
  await desk.look('tickets of the exam');
}

/** Scores: imported by one, checked by another, published. */
export async function scores(walk) {
  await walk.later(30.5);
  const desk = await walk.desk('exam');
  await desk.go('/office/scores');
  await desk.press('进入');
  const exam = new URL(desk.page.url()).pathname;
  const me = walk.candidates.find((one) => one.name === '林一舟');
  const here = walk.people[me.name];
  await here.go('/login?door=recruitment');
  await here.fillAll({ number: me.number, password: me.password });
  await here.captcha();
  await here.press('登录');
  await here.go('/applications');
  await here.look('after the exam');
  await desk.go(`${exam}/import`);
  const rows = [...walk.numbers].map(([name, number], at) => `${number},${name},${60 + at},${70 + (at % 20)}`);
  const table = `准考证号,姓名,职业能力倾向测验,综合应用能力\n${rows.join('\n')}\n`;
  await desk.page.locator('main input[type=file]').setInputFiles({ name: '成绩.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
  await desk.press('上传并核对');
  await desk.look('score preview');
  await desk.press('查看成绩批次');
  const batch = new URL(desk.page.url()).pathname;
  const checker = await walk.desk('scores');
  await checker.look('home of the score officer');
  await checker.keep('home-scores');
  await checker.go(batch);
  await checker.look('scores to check');
  await checker.keep('scores-check');
  await checker.press('核对无误');
  await desk.go(batch);
  await desk.press('公布成绩');
  await desk.look('scores published');
  await here.go('/scores');
  await here.says(walk.title);
  await here.look('score page');
}

/** Everybody's ticket number by name, from the rooms of the plan on screen. */
async function ticketNumbers(desk, walk) {
  const rooms = await desk.page.locator('main a[href*="/rooms/"]').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
  const found = new Map();
  for (const room of rooms) {
    await desk.go(room);
    if (found.size === 0) await desk.look('room');
    for (const row of await desk.page.locator('main tbody tr').all()) {
      const [number, name] = await row.locator('td').allInnerTexts();
      assert.ok(walk.candidates.some((one) => one.name === name.trim()), name);
      found.set(name.trim(), number.trim());
    }
  }
  return found;
}
