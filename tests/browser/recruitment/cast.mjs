// Who takes part in the recruitment: the staff, the posts they deal with, and thirty candidates.

import { idNumber } from '../lib/people.mjs';

/** The departments of the position table that two employers' reviewers answer for. */
export const UNITS = { a: '县委宣传部', b: '县政府办公室' };

/** The staff: who makes the account, what it may do. `unit` binds to one employer, `exam` to the exam of the walk. */
export const STAFF = {
  exam: { username: 'kw.zhou', name: '周考务', bundle: '考务岗' },
  second: { username: 'sh.he', name: '何复审', roles: ['second_reviewer'] },
  money: { username: 'cw.tang', name: '唐财务', roles: ['exam_officer', 'finance_officer'] },
  firstA: { username: 'sh.xu', name: '许初审', roles: ['first_reviewer'], unit: UNITS.a },
  firstB: { username: 'sh.jiang', name: '蒋初审', roles: ['first_reviewer'], unit: UNITS.b },
};

/** Others, whose work begins before or after: their home page is a picture of the manual. */
export const OTHERS = {
  scores: { username: 'cj.bai', name: '白成绩', roles: ['score_officer'] },
  system: { username: 'xt.luo', name: '罗系统', roles: ['sys_admin'] },
  auditor: { username: 'jj.fang', name: '方纪检', roles: ['auditor'] },
};

/** The posts that are applied for, by code. `enough`: how many the opening ratio wants. */
export const POSTS = {
  reporter: { code: '0112', name: '记者', unit: 'a', headcount: 3 },
  network: { code: '0114', name: '信息系统运维', unit: 'a', headcount: 2 },
  general: { code: '0115', name: '综合管理', unit: 'a', headcount: 1 },
  clerk: { code: '0117', name: '文秘', unit: 'a', headcount: 1 },
  builder: { code: '0110', name: '工程管理', unit: 'b', headcount: 1 },
  office: { code: '0106', name: '综合管理', unit: 'b', headcount: 1 },
  data: { code: '0107', name: '数据资源管理', unit: 'b', headcount: 2 },
};

const ARTS = { major: '汉语言文学', degree: '文学学士' };
const COMPUTING = { major: '计算机科学与技术', degree: '工学学士' };
const CIVIL = { major: '土木工程', degree: '工学学士' };
const FAMILY = '赵钱孙李吴郑王冯陈卫沈韩杨朱秦尤何吕施张孔曹严华金魏陶姜';
const GIVEN = ['一鸣', '思远', '雨桐', '子涵', '文博', '晓岚', '嘉禾', '景行', '若溪', '明哲', '清妍', '书瑶', '知行', '安澜'];

/** How many apply for which post, in the order in which they come; the first four come by browser. */
const CROWD = [['general', 6], ['office', 6], ['network', 4], ['data', 6], ['clerk', 3], ['builder', 3], ['reporter', 2]];
/** Those whose story is followed in the browser. */
const BROWSED = { 林一舟: 'general', 苏晚晴: 'office', 陆长风: 'reporter', 程知夏: 'network' };

/** Thirty candidates. */
export function candidates() {
  const left = new Map(CROWD);
  const list = Object.entries(BROWSED).map(([name, post]) => ({ name, post, browsed: true }));
  for (const one of list) left.set(one.post, left.get(one.post) - 1);
  for (const [post, count] of left) {
    for (let at = 0; at < count; at += 1) {
      const number = list.length;
      list.push({ name: FAMILY[number % FAMILY.length] + GIVEN[number % GIVEN.length], post, browsed: false });
    }
  }
  return list.map((one, number) => ({
    ...one,
    ...({ network: COMPUTING, data: COMPUTING, builder: CIVIL }[one.post] ?? ARTS),
    number: idNumber(`${1997 + (number % 4)}0${1 + (number % 9)}1${number % 9}`, 11 + number),
    mobile: `1387550${String(1000 + number)}`,
    password: `Lotus-bridge-44${String(10 + number)}`,
  }));
}
