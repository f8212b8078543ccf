// Candidates without a browser: they ask for the public pages, fill in the forms that they find there, and send them.

import assert from 'node:assert/strict';

import { prove } from './visitor.mjs';

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'", '#39': "'", '#38': '&', '#60': '<', '#62': '>', '#34': '"' };
const plain = (text) => text.replaceAll(/&(#?\w+);/g, (whole, name) => ENTITIES[name] ?? whole);
const words = (html) => plain(html.replaceAll(/<[^>]*>/g, ' ')).replaceAll(/\s+/g, ' ').trim();

/** The attributes of a tag as it stands in the page. */
function attributes(tag) {
  const found = {};
  for (const [, name, , value] of tag.matchAll(/([\w-]+)(=(?:"([^"]*)"))?/g)) found[name] = value === undefined ? '' : plain(value);
  return found;
}

/** The fields of a form as a browser would send them untouched: name and value, in their order. */
function fields(html) {
  const list = [];
  for (const [tag, kind] of html.matchAll(/<(input|select|textarea)\b[^>]*>/g)) {
    const at = attributes(tag);
    if (!at.name || 'disabled' in at) continue;
    const rest = html.slice(html.indexOf(tag) + tag.length);
    if (kind === 'select') {
      const options = [...rest.slice(0, rest.indexOf('</select>')).matchAll(/<option\b([^>]*)>([^<]*)/g)]
        .map(([, own, text]) => ({ ...attributes(own), text: plain(text).trim() }));
      list.push({ name: at.name, value: (options.find((one) => 'selected' in one) ?? options[0])?.value ?? '', options });
    } else if (kind === 'textarea') {
      list.push({ name: at.name, value: plain(rest.slice(0, rest.indexOf('</textarea>')).replace(/^\r?\n/, '')) });
    } else if (at.type === 'checkbox' || at.type === 'radio') {
      list.push({ name: at.name, value: at.value ?? 'on', box: true, on: 'checked' in at });
    } else if (at.type !== 'file') {
      list.push({ name: at.name, value: at.value ?? '' });
    }
  }
  return list;
}

/** Somebody who talks to the server by plain requests. */
export class Caller {
  constructor(base) {
    this.base = base;
    this.jar = new Map();
    this.url = new URL(base);
    this.html = '';
    this.status = 0;
  }

  async #ask(address, init = {}) {
    let url = new URL(address, this.url);
    let asked = init;
    for (let hops = 0; hops < 10; hops += 1) {
      const own = `${url.host}`;
      const cookies = [...(this.jar.get(own) ?? new Map())].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(url, { ...asked, redirect: 'manual', headers: { ...asked.headers, cookie: cookies } });
      if (!this.jar.has(own)) this.jar.set(own, new Map());
      for (const line of answer.headers.getSetCookie()) {
        const [pair] = line.split(';');
        const at = pair.indexOf('=');
        this.jar.get(own).set(pair.slice(0, at), pair.slice(at + 1));
      }
      if (![301, 302, 303].includes(answer.status)) {
        this.url = url;
        this.status = answer.status;
        this.html = await answer.text();
        return this;
      }
      await answer.arrayBuffer();
      url = new URL(answer.headers.get('location'), url);
      asked = {};
    }
    throw new Error(`too many redirects from ${address}`);
  }

  /** Asks for a page and asserts that it came. */
  async go(address) {
    await this.#ask(new URL(address, this.base));
    assert.equal(this.status, 200, `GET ${address}: ${this.text().slice(0, 400)}`);
    return this;
  }

  /** What the page says. */
  text() {
    return words(this.html.replaceAll(/<(script|style|head)\b[\s\S]*?<\/\1>/g, ''));
  }

  /** The address of the first link whose words begin so, or are like that. */
  link(begin) {
    for (const [, own, inner] of this.html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/g)) {
      if (begin instanceof RegExp ? begin.test(words(inner)) : words(inner).startsWith(begin)) return attributes(own).href;
    }
    throw new Error(`no link “${begin}” on ${this.url}: ${this.text().slice(-700)}`);
  }

  /** Fills in the form that has a button of these words, and sends it. Lists are chosen by what they say or by code. */
  async send(button, values = {}, file = null) {
    for (const [, own, inner] of this.html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)) {
      const pressed = [...inner.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g)].find(([, , text]) => words(text).startsWith(button));
      if (!pressed) continue;
      const form = attributes(own);
      const on = attributes(pressed[1]);
      const list = [];
      const left = new Set(Object.keys(values));
      for (const field of fields(inner)) {
        const typed = values[field.name];
        left.delete(field.name);
        if (field.box) {
          if (typed === undefined ? field.on : typed === true || [].concat(typed).includes(field.value)) list.push([field.name, field.value]);
        } else if (typed === undefined) list.push([field.name, field.value]);
        else list.push([field.name, field.options?.find((one) => one.text === typed)?.value ?? typed]);
      }
      assert.deepEqual([...left], [], `fields that are not on the form of “${button}” at ${this.url}`);
      if (on.name) list.push([on.name, on.value ?? '']);
      const proof = inner.match(/data-captcha[^>]*data-bits="(\d+)"|data-bits="(\d+)"[^>]*data-captcha/);
      if (proof) {
        const token = list.find(([name]) => name === 'captcha_token')[1];
        list.find(([name]) => name === 'captcha_proof')[1] = prove(token, Number(proof[1] ?? proof[2]));
      }
      let body = new URLSearchParams(list);
      if (file) {
        body = new FormData();
        for (const [name, value] of list) body.append(name, value);
        body.append(file.field, new Blob([file.bytes], { type: file.type }), file.name);
      }
      const at = this.url;
      await this.#ask(on.formaction ?? form.action ?? this.url, { method: 'POST', body, headers: { origin: at.origin, referer: at.href } });
      return this;
    }
    throw new Error(`no button “${button}” on ${this.url}: ${this.text().slice(0, 600)}`);
  }

  /** The page says so. */
  says(...phrases) {
    for (const phrase of phrases) assert.ok(this.text().includes(phrase), `“${phrase}” is not on ${this.url}: ${this.text().slice(0, 900)}`);
    return this;
  }
}
