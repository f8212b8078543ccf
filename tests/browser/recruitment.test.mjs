// A whole recruitment, from an empty server to its end, by five members of staff with different roles and thirty candidates.
// The walk on SQLite looks at every page and leaves pictures in target/recruitment/; the one on PostgreSQL does the same work.

import path from 'node:path';
import { test } from 'node:test';

import * as candidates from './recruitment/candidates.mjs';
import * as closing from './recruitment/closing.mjs';
import * as reviews from './recruitment/reviews.mjs';
import * as setup from './recruitment/setup.mjs';

const PICTURES = process.env.RECRUITMENT_PICTURES ?? path.resolve('target/recruitment');
const WALKS = [{ name: 'sqlite', kind: 'sqlite', look: true }, { name: 'postgres', kind: 'postgres', look: false }];
const CHAPTERS = [
  setup.accounts, setup.draft, setup.parts, setup.table, setup.reviewers, setup.publish, candidates.browsed, candidates.crowd, reviews.photos, reviews.apart, reviews.firstA, reviews.firstB,
  reviews.mended, reviews.appeals, reviews.second, closing.cancel, closing.move, closing.remind,
  closing.pay, closing.figures, closing.ratio, closing.close,
];

for (const { name, ...setting } of WALKS) {
  test(`a whole recruitment: ${name}`, { timeout: 900_000 }, async (t) => {
    const walk = await setup.begin({ ...setting, pictures: path.join(PICTURES, name) });
    try {
      for (const chapter of CHAPTERS) {
        let failed = null;
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
  });
}
