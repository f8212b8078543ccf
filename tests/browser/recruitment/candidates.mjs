// Thirty people sign up and apply: four in a browser, one of them on a phone, the others by the same forms without one.

import assert from 'node:assert/strict';

import { Caller } from '../lib/crowd.mjs';
import { portrait } from '../lib/portrait.mjs';
import { WIDTHS } from '../lib/visitor.mjs';
import { POSTS } from './cast.mjs';
import { until } from './reviews.mjs';

const PHONE = '陆长风';

/** Everybody's portrait at the size that the exam asks for. */
async function pictures(walk) {
  walk.portrait = await portrait(walk.browser, 130, 170);
}

/** The four whom the walk follows. */
export async function browsed(walk) {
  await pictures(walk);
  for (const me of walk.candidates.filter((one) => one.browsed)) {
    const width = me.name === PHONE ? 'phone' : 'desk';
    const here = await walk.open(`candidate-${me.post}`, { width, widths: Object.values(WIDTHS) });
    walk.people[me.name] = here;
    // Pages that every candidate sees alike are looked at once.
    const look = me.name === PHONE ? (name) => here.look(name) : async () => {};
    await here.go('/signup?door=recruitment&agreed=1');
    await here.fillAll({ name: me.name, id_number: me.number, mobile: me.mobile });
    await here.captcha();
    await here.check('我已阅读并同意');
    await here.press('保存');
    await here.fill('password', me.number.slice(-6));
    await here.captcha();
    await here.press('登录');
    await here.fillAll({ password: me.password, password_again: me.password });
    await here.leave(() => here.page.locator('main button.btn-primary').first().click());
    await look('home');
    await profile(here, me);
    await here.go('/photo');
    await here.page.locator('main input[type=file]').setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: walk.portrait });
    await here.press('上传');
    await here.says('成功');
    await apply(walk, here, me, look);
  }
}

/** What the profile must have before one can apply. */
async function profile(here, me) {
  await here.go('/profile');
  await here.select('ethnicity', '汉族');
  await here.select('political', '群众');
  await here.select('hukou_province', '湖南省');
  await here.fill('hukou_place', '南屿市南屿县');
  await here.press('保存');
  await here.says('保存成功');
  await here.go('/profile/education');
  await here.press('添加学历');
  await here.page.locator('main select[name=level]').selectOption('21');
  await here.select('degree', me.degree);
  await here.select('study_mode', '全日制');
  await here.fillAll({ graduated_on: '2020年6月', school: '南屿大学', major: me.major });
  await here.press('保存');
  await here.go('/profile/work');
  await here.page.locator('main [name="occupation"]').selectOption({ label: '往届毕业生' });
  await here.press('保存');
  await here.go('/profile/resume');
  const rows = [['2013年9月', '2016年6月', '南屿县第一中学', '高中学生'], ['2016年9月', '2020年6月', '南屿大学', '本科学生'], ['2020年7月', '至今', '南屿县文化馆', '馆员']];
  for (const [at, row] of rows.entries()) {
    for (const [which, name] of ['from', 'to', 'place', 'role'].entries()) {
      await here.page.locator(`main input[name*="${name}"]`).nth(at).fill(row[which]);
    }
  }
  await here.press('保存');
  await here.go('/profile/family');
  await here.press('保存');
  await here.says('保存成功');
}

/** By the menu: 网上报名, agreement, position, form, check, 保存. */
async function apply(walk, here, me, look) {
  const post = POSTS[me.post];
  await here.go(`/apply/${walk.exam}/agreement`);
  await here.press('同意');
  await here.go(`/apply/${walk.exam}/positions`);
  await here.fill('q', post.code);
  await here.press('查询');
  await look('positions found');
  await here.leave(() => here.page.locator('main').getByRole('link', { name: /^(选择|报名|选报)/ }).first().click());
  await here.check('服从');
  await look('application form');
  await here.press('下一步：核对');
  await look('check answers');
  await here.leave(() => here.page.locator('main button.btn-primary').first().click());
  await look('application saved');
  await here.go('/applications');
  await here.says(post.name);
  await look('my applications');
}

/** The other twenty-six, four at a time. */
export async function crowd(walk) {
  const left = walk.candidates.filter((one) => !one.browsed);
  const [first] = left;
  await signUp(walk, first);
  const rest = left.slice(1);
  await Promise.all([0, 1, 2, 3].map(async (lane) => {
    for (let at = lane; at < rest.length; at += 4) await signUp(walk, rest[at]);
  }));
  assert.equal(left.length + 4, 30);
}

/** Anybody sees how many have applied for a post: the exam says so. */
export async function counts(walk) {
  const anybody = await walk.open('anybody', { widths: Object.values(WIDTHS) });
  const address = `/exams/${walk.exam}/positions?q=${POSTS.data.code}`;
  await until(anybody, address, '6 / 0');
  await anybody.look('counts of a post');
  await anybody.close();
}

/** One of them, from 注册 to 保存. */
async function signUp(walk, me) {
  const here = new Caller(walk.server.base);
  walk.people[me.name] = here;
  await here.go('/signup?door=recruitment&agreed=1');
  await here.send('保存', { name: me.name, id_number: me.number, mobile: me.mobile, agree: true });
  await here.send('登录', { password: me.number.slice(-6) });
  await here.send('保存', { password: me.password, password_again: me.password });
  await here.go('/profile');
  await here.send('保存', { ethnicity: '汉族', political: '群众', hukou_province: '湖南省', hukou_place: '南屿市南屿县' });
  here.says('保存成功');
  await here.go('/profile/education');
  await here.go(here.link('添加学历'));
  await here.send('保存', {
    level: '21', degree: me.degree, study_mode: '全日制', graduated_on: '2020年6月', school: '南屿大学', major: me.major,
  });
  await here.go('/profile/work');
  await here.send('保存', { occupation: '往届毕业生' });
  here.says('保存成功');
  await here.go('/profile/resume');
  await here.send('保存', {
    from_0: '2016年9月', to_0: '2020年6月', place_0: '南屿大学', role_0: '本科学生', from_1: '2020年7月', to_1: '至今', place_1: '南屿县文化馆', role_1: '馆员',
  });
  here.says('保存成功');
  await here.go('/profile/family');
  await here.send('保存');
  here.says('保存成功');
  await here.go('/photo');
  await here.send('上传', {}, { field: 'photo', name: 'me.jpg', type: 'image/jpeg', bytes: walk.portrait });
  here.says('成功');
  await here.go(`/apply/${walk.exam}/agreement`);
  await here.send('同意');
  await here.go(`/apply/${walk.exam}/positions?q=${POSTS[me.post].code}`);
  await here.go(here.link(/^(选择|报名|选报)(?!信息|状态|审核)/));
  await here.send('下一步：核对', { [questionOf(here)]: '服从' });
  await here.send('保存');
  here.says('等待资格审查');
}

/** The name of the exam's own question on the form. */
function questionOf(here) {
  return here.html.match(/name="(q\.[^"]+)"/)[1];
}
