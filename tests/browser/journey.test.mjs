// The manual, walked from 注册 to 成绩查询 by a candidate and the staff between. Every page is looked at: a picture at 1280
// and at 390 wide in target/journey/, valid HTML, nothing serious for axe, no side-scrolling, no trouble in the console.

import path from 'node:path';
import { test } from 'node:test';

import * as story from './story.mjs';

const PICTURES = process.env.JOURNEY_PICTURES ?? path.resolve('target/journey');
const WALKS = [
  { name: 'sqlite', kind: 'sqlite', width: 'desk', scripts: true },
  { name: 'postgres', kind: 'postgres', width: 'phone', scripts: true },
  { name: 'no-scripts', kind: 'sqlite', width: 'desk', scripts: false },
];

for (const { name, ...setting } of WALKS) {
  test(`the manual, end to end: ${name}`, { timeout: 900_000 }, async (t) => {
    const walk = await story.begin({ ...setting, pictures: path.join(PICTURES, name) });
    try {
      for (const step of story.STEPS) await t.test(step.name, () => step(walk));
    } finally {
      await walk.end();
    }
  });
}
