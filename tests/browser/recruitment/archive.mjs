// The exam is archived by two people, its file is made and handed over. What is due is deleted afterwards by a timer that runs
// by the hour (tests/it/archive.rs has that, and the certificate).

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { until } from './reviews.mjs';

const run = promisify(execFile);

/** What a PDF says, without the spaces that setting puts between Chinese and figures. */
async function read(walk, bytes) {
  const file = path.join(walk.server.folder, 'read.pdf');
  await writeFile(file, bytes);
  return (await run('pdftotext', [file, '-'])).stdout.replaceAll(/\s/g, '');
}

/** Sends a form of the page by request: what comes back is a file. */
async function taken(desk, form) {
  const answer = await desk.context.request.post(await form.getAttribute('action'), {
    form: Object.fromEntries(await form.locator('input[type="hidden"]').evaluateAll((all) => all.map((one) => [one.name, one.value]))),
  });
  assert.equal(answer.status(), 200);
  return answer.body();
}

/** Asked for by one, agreed to by another. */
export async function archive(walk) {
  const desk = await walk.desk('exam');
  await desk.go(walk.path);
  await desk.press('归档');
  await desk.look('archive');
  await desk.fill('reason', '招聘工作已结束，聘用人员已公示');
  await desk.page.locator('main [name="keep.content"]').fill('0');
  const aware = desk.page.locator('main [name="aware"]');
  if (await aware.count()) await aware.check();
  await desk.press('提交复核');
  await desk.says('须由另一位工作人员复核');
  await desk.look('archive asked');
  const here = new URL(desk.page.url()).pathname;
  const second = await walk.desk('money');
  await second.go(here);
  await second.look('archive to agree to');
  await second.press('同意归档');
  await until(desk, here, '档案文件已生成');
  await desk.look('archive made');
  await desk.keep('archive');
}

/** Every file is taken, the list of contents is read for its code, and the file is handed over. */
export async function handOver(walk) {
  const desk = await walk.desk('exam');
  const all = desk.page.locator('main form[action$="/take-all"]');
  assert.equal((await taken(desk, all)).subarray(0, 2).toString(), 'PK');
  const row = desk.page.locator('main tbody tr', { hasText: /卷内目录.*\.pdf/ }).first();
  const contents = await read(walk, await taken(desk, row.locator('form')));
  assert.ok(contents.includes(walk.title));
  const proof = contents.match(/校验码[^\w]*(\w{8})/)?.[1] ?? assert.fail(contents);
  await desk.go(`${walk.path}/archive`);
  await desk.fillAll({ receiver: '县人社局档案室 王敏', proof });
  await desk.press('确认移交');
  await desk.says('档案已移交');
  await desk.look('archive handed over');
}
