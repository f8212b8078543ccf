import { begin, publishExam, announce, signUp, fillProfile } from './story.mjs';
import * as story from './story.mjs';
const walk = await begin({ kind: process.env.KIND ?? 'sqlite', width: 'desk', scripts: true, pictures: '/tmp/shots/walk' });
const soft = async (name) => { try { await story[name](walk); console.log('OK', name); return true; } catch (e) { console.log('FAIL', name, String(e.message).slice(0, 1500)); for (const v of [walk.candidate, walk.desks[process.env.DESK ?? 'officer']]) { console.log('AT', v.page.url()); console.log((await v.page.locator('main').innerText().catch(()=>'')).replaceAll(/\n+/g,' | ').slice(0,500)); } return false; } };
for (const step of process.argv.slice(2)) if (!(await soft(step))) break;
for (const v of [walk.candidate]) { console.log(v.page.url()); console.log(await v.page.evaluate(() => [...document.querySelectorAll('main button, main a, main input:not([type=hidden]), main select, main textarea')].map(e => e.tagName+' '+(e.type||'')+' '+(e.name||'')+' '+(e.getAttribute('href')||'')+' '+(e.innerText||'').trim().replaceAll('\n',' ').slice(0,60)).join('\n'))); }
await walk.end();
