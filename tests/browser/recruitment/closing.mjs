// After the sign-up: a post is cancelled by two people and its candidates move, those approved pay, the posts that are short
// are cut or cancelled, candidates are written to, and the exam is closed.

import assert from 'node:assert/strict';

import { payBy } from '../lib/cashier.mjs';
import { Caller } from '../lib/crowd.mjs';
import { POSTS } from './cast.mjs';
import { exported, until } from './reviews.mjs';

/** A candidate logs in again: a session ends when days go by. */
async function enter(walk, me) {
  const here = walk.people[me.name];
  await here.go('/login?door=recruitment');
  if (here instanceof Caller) {
    await here.send('登录', { number: me.number, password: me.password });
    return here;
  }
  if ((await here.page.locator('main [name="number"]').count()) === 0) return here;
  await here.fillAll({ number: me.number, password: me.password });
  await here.captcha();
  await here.press('登录');
  return here;
}

const those = (walk, post) => walk.candidates.filter((one) => one.post === post);

/** One post is cancelled: drafted by one officer, agreed to by another, told to those concerned. */
export async function cancel(walk) {
  await walk.later(3.5);
  const desk = await walk.desk('exam');
  await desk.go('/office');
  await desk.look('home after the sign-up');
  await desk.go(`/office/exams/${walk.exam}/table?q=${POSTS.reporter.code}`);
  await desk.leave(() => desk.page.locator('main tbody th a').first().click());
  await desk.look('post to cancel');
  await desk.press('核减或取消');
  await desk.look('decide form');
  await desk.check('取消岗位');
  await desk.fill('reason', '招聘单位机构调整，不再招聘');
  await desk.press('下一步：核对');
  await desk.says('改报');
  await desk.look('decision draft');
  await desk.press('提交复核');
  await desk.says('须由另一位工作人员复核');
  await desk.look('decision asked');
  const decision = new URL(desk.page.url()).pathname;
  const second = await walk.desk('money');
  await second.go('/office');
  await second.says('考试事项待办理');
  await second.look('home with a decision');
  await second.keep('home-finance');
  await second.leave(() => second.page.locator('main .bk-todo a').first().click());
  await second.look('where the decision is found');
  await second.leave(() => second.page.locator('main tbody tr', { hasText: walk.title }).getByRole('link').first().click());
  assert.equal(new URL(second.page.url()).pathname, decision);
  await second.look('decision to agree to');
  await second.keep('decision-confirm');
  await second.press('同意并办理');
  await until(second, decision, '已办完');
  await second.look('decision done');
}

/** Its candidates choose another post while 改报 is open, and are reviewed afresh. */
export async function move(walk) {
  for (const me of those(walk, 'reporter')) {
    const here = await enter(walk, me);
    await here.go('/applications');
    await here.says('岗位已取消');
    const browser = !(here instanceof Caller);
    if (browser) await here.look('without a post');
    if (browser) await here.press('改报岗位');
    else await here.go(here.link('改报岗位'));
    if (new URL(browser ? here.page.url() : here.url).pathname.endsWith('/agreement')) await (browser ? here.press('同意') : here.send('同意'));
    await here.go(`/apply/${walk.exam}/positions?q=${POSTS.general.code}`);
    if (browser) {
      await here.look('posts to move to');
      await here.leave(() => here.page.locator('main').getByRole('link', { name: /^(选择|报名|选报)/ }).first().click());
      await here.press('下一步：核对');
      await here.look('check the move');
      await here.press('改报');
      await here.look('moved');
    } else {
      await here.go(here.link(/^(选择|报名|选报)(?!信息|状态|审核)/));
      await here.send('下一步：核对');
      await here.send('改报');
    }
    await here.says('等待资格审查');
  }
  for (const [name, state] of [['firstA', 'pending'], ['second', 'first_approved']]) {
    const desk = await walk.desk(name);
    for (let left = 2; left > 0; left -= 1) {
      await desk.go(`/office/reviews/${walk.exam}?state=${state}`);
      await desk.press('领取下一条');
      if (left === 2) await desk.look('bench after the move');
      await desk.page.keyboard.press('1');
      await desk.leave(() => desk.page.locator('main [data-bench] [name="reason"]').press('Control+Enter'));
    }
  }
}

/** Those who have not paid are written to. */
export async function remind(walk) {
  const desk = await walk.desk('exam');
  await desk.go(`/office/exams/${walk.exam}/broadcasts`);
  await desk.look('broadcasts');
  await desk.press('写消息');
  await desk.look('broadcast form');
  await desk.press('提醒缴费');
  await desk.press('保存并预览');
  await desk.look('broadcast preview');
  await desk.keep('broadcast-preview');
  await desk.press('发送');
  await until(desk, new URL(desk.page.url()).pathname, '已发送完毕');
  await desk.look('broadcast sent');
}

/** The approved pay; one of 文秘 doesn't. */
export async function pay(walk) {
  const late = [those(walk, 'clerk').at(-1).name];
  const payers = walk.candidates.filter((me) => me.name !== '苏晚晴' && !late.includes(me.name));
  const shown = payers.find((me) => me.name === '林一舟');
  const here = await enter(walk, shown);
  await here.go('/messages');
  await here.says('请在截止前缴费');
  await here.go('/payments');
  await here.look('to pay');
  await here.press('缴费');
  await payBy(here, '云闪付');
  await until(here, '/applications', '已缴费');
  await here.look('paid');
  const rest = payers.filter((me) => me !== shown);
  await Promise.all([0, 1, 2].map(async (lane) => {
    for (let at = lane; at < rest.length; at += 3) await paid(walk, rest[at]);
  }));
  const desk = await walk.desk('money');
  await desk.go(`/office/payments`);
  await desk.look('orders');
  await desk.keep('orders');
  await desk.leave(() => desk.page.locator('main tbody th a').first().click());
  await desk.look('order');
  await desk.keep('order');
  const csv = await exported(desk, '/office/payments?state=paid');
  assert.equal(csv.trim().split('\n').length - 1, payers.length, 'an order for each who paid');
  await desk.go('/office/payments/discrepancies');
  await desk.look('discrepancies');
}

/** One of them, without a browser of his own (those who have one have paid the same way by request). */
async function paid(walk, me) {
  const here = new Caller(walk.server.base);
  await here.go('/login?door=recruitment');
  await here.send('登录', { number: me.number, password: me.password });
  await here.go('/payments');
  await here.send('缴费').catch(async () => here.go(here.link('缴费')));
  await here.send('支付', { channel: 'alipay' });
  await here.go(here.link('打开模拟收银台'));
  await here.send('确认支付');
  for (let tries = 0; tries < 30; tries += 1) {
    await here.go('/applications');
    if (here.text().includes('已缴费')) return;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  here.says('已缴费');
}

/** What the centre and the employers see of it all. */
export async function figures(walk) {
  const desk = await walk.desk('exam');
  // The figures are folded seconds behind.
  await until(desk, `/office/exams/${walk.exam}/statistics`, '28人');
  await desk.look('statistics');
  await desk.keep('statistics', { height: 760 });
  const book = await desk.context.request.get(`/office/exams/${walk.exam}/statistics/export`);
  assert.equal(book.status(), 200);
  assert.equal((await book.body()).subarray(0, 2).toString(), 'PK');
}

/** After the close: every post against its ratio; one is cut, those that nobody wants are cancelled, by two people. */
export async function ratio(walk) {
  await walk.later(6.5);
  const desk = await walk.desk('exam');
  const check = `/office/exams/${walk.exam}/ratio`;
  await desk.go(walk.path);
  await desk.look('exam after the close');
  await desk.go(check);
  await desk.look('ratio');
  await desk.go(`${check}?show=cut`);
  await desk.says(POSTS.network.name);
  await desk.look('ratio to cut');
  await desk.keep('ratio');
  await desk.press('按建议处置');
  await desk.look('ratio decision');
  const decision = new URL(desk.page.url()).pathname;
  await desk.press('提交复核');
  const second = await walk.desk('money');
  await second.go(decision);
  await second.look('ratio decision to agree to');
  await second.press('同意并办理');
  await until(second, decision, '已办完');
  await second.look('ratio decision done');
  await desk.go(`/office/exams/${walk.exam}/table?q=${POSTS.network.code}`);
  await desk.leave(() => desk.page.locator('main tbody th a').first().click());
  await desk.says('核减招聘人数');
  await desk.look('post that was cut');
  await desk.go(`/office/exams/${walk.exam}/amendments`);
  await desk.look('amendments in the end');
}

/** Sign-up is closed for good. */
export async function close(walk) {
  const desk = await walk.desk('exam');
  await desk.go(`${walk.path}/close`);
  await desk.look('close');
  await desk.press('结束报名');
  await desk.look('closed');
}

/** What the auditor finds of it all. */
export async function audit(walk) {
  const auditor = await walk.desk('auditor');
  await auditor.go('/office/audit');
  await auditor.look('audit trail');
  await auditor.keep('audit');
  // Servers were stopped for days between the chapters: what had just committed must be in the chain all the same.
  await until(auditor, '/office/audit/check', '没有发现改动');
  await auditor.look('audit check');
}
