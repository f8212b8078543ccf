// A whole recruitment, from an empty server to its end, by five members of staff with different roles and thirty candidates.
// The walk on SQLite looks at every page and leaves pictures in target/recruitment/; the one on PostgreSQL does the same work.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { album } from './lib/manual.mjs';
import * as archive from './recruitment/archive.mjs';
import * as candidates from './recruitment/candidates.mjs';
import * as closing from './recruitment/closing.mjs';
import * as examday from './recruitment/examday.mjs';
import * as reviews from './recruitment/reviews.mjs';
import * as setup from './recruitment/setup.mjs';

const PICTURES = process.env.RECRUITMENT_PICTURES ?? path.resolve('target/recruitment');
const MANUAL = process.env.STAFF_MANUAL_PICTURES ?? path.resolve('target/staff-manual');
const WALKS = [{ name: 'sqlite', kind: 'sqlite', look: true }, { name: 'postgres', kind: 'postgres', look: false }];
const CHAPTERS = [
  setup.accounts, setup.draft, setup.parts, setup.table, setup.reviewers, setup.publish,
  candidates.browsed, candidates.crowd, candidates.counts,
  reviews.photos, reviews.apart, reviews.firstA, reviews.firstB, reviews.mended, reviews.appeals, reviews.second,
  closing.cancel, closing.move, closing.remind, closing.pay, closing.figures, closing.ratio, closing.close,
  examday.seats, examday.tickets, examday.scores,
  archive.archive, archive.handOver, closing.audit,
];

for (const { name, ...setting } of WALKS) {
  test(`a whole recruitment: ${name}`, { timeout: 900_000 }, async (t) => {
    const pictures = setting.look ? await album(MANUAL) : null;
    const walk = await setup.begin({ ...setting, pictures: path.join(PICTURES, name), keep: pictures?.keep });
    let failed = null;
    try {
      for (const chapter of CHAPTERS) {
        await t.test(chapter.name, () => chapter(walk).catch(async (error) => {
          failed = error;
          await walk.photograph();
          throw error;
        }));
        // Each chapter goes on where the one before it ended.
        if (failed) break;
      }
    } finally {
      await walk.end();
    }
    if (failed || !pictures) return;
    if (process.env.STAFF_MANUAL_REFRESH) await pictures.refresh();
    await t.test('the staff manual shows what was taken', async () => assert.deepEqual(await pictures.check(), []));
  });
}
