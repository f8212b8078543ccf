// What makes pages more comfortable; every page works without it. No library, no eval, nothing stored in the browser.
(function () {
  'use strict';
  const $ = (selector, from) => (from || document).querySelector(selector);
  const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));
  const skew = Number(document.body.dataset.now) - Date.now();
  const now = () => Date.now() + skew;
  const two = (n) => String(n).padStart(2, '0');
  const clockOf = (at) => {
    const d = new Date(at + 288e5); // Beijing, UTC+8
    return `${d.getUTCFullYear()}年${d.getUTCMonth() + 1}月${d.getUTCDate()}日 ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
  };

  // Errors take focus, so that screen readers and small screens begin with them.
  const errors = $('[data-errors]');
  if (errors) errors.focus();

  all('[data-js-only]').forEach((e) => { e.hidden = false; });
  all('[data-print]').forEach((b) => { b.hidden = false; b.addEventListener('click', () => window.print()); });
  const go = $('form[data-continue]');
  if (go) go.submit();
  // On to a channel's page, once: whoever comes back by the browser's own button stays.
  const on = $('a[data-go]');
  if (on && performance.getEntriesByType('navigation')[0]?.type === 'navigate') location.assign(on.href);
  // A page that waits for a payment channel asks by itself, a few times.
  const auto = $('form[data-auto]');
  if (auto) setTimeout(() => auto.submit(), Number(auto.dataset.auto));

  // A page from which somebody pays looks now and then whether the money has come, and goes on then; or whether another tab has begun
  // another payment, and says so then. Whoever comes back to the tab doesn't wait for that.
  const watch = $('[data-watch]');
  if (watch) {
    let pause = 3000, timer = 0, looking = false;
    const look = async () => {
      if (looking) return;
      looking = true;
      clearTimeout(timer);
      const reply = await fetch(watch.dataset.watch, { credentials: 'same-origin', cache: 'no-store' }).catch(() => null);
      const said = reply && reply.ok ? await reply.text().catch(() => 'paying') : 'paying';
      if (said !== 'paying') {
        location.replace(said === 'over' ? watch.dataset.over : watch.dataset.then);
        return;
      }
      looking = false;
      pause = Math.min(pause * 1.1, 15000);
      timer = setTimeout(look, pause);
    };
    timer = setTimeout(look, pause);
    document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
  }
  // Inside WeChat its own bridge opens the cashier; what it says is no evidence, the page that follows asks the channel.
  const inApp = $('[data-in-app]');
  if (inApp) {
    const open = () => window.WeixinJSBridge.invoke('getBrandWCPayRequest', JSON.parse(inApp.dataset.inApp), (said) => {
      if (said && said.err_msg === 'get_brand_wcpay_request:ok') location.replace(watch.dataset.then);
    });
    const ready = () => { inApp.hidden = false; inApp.addEventListener('click', open); open(); };
    if (window.WeixinJSBridge) ready();
    else document.addEventListener('WeixinJSBridgeReady', ready, { once: true });
  }

  // The server's clock, and countdowns to an instant.
  const tick = () => {
    all('[data-clock]').forEach((e) => { e.textContent = clockOf(now()); });
    all('[data-until]').forEach((e) => {
      const left = Math.floor((Number(e.dataset.until) - now()) / 1000);
      if (left <= 0) {
        if ('reload' in e.dataset && left > -5) location.reload();
        return;
      }
      const days = Math.floor(left / 86400);
      e.textContent = days > 0 ? `还剩 ${days} 天`
        : `还剩 ${two(Math.floor(left / 3600))}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`;
    });
  };
  tick();
  setInterval(tick, 1000);

  // A form is sent once; a second press says so instead of sending again.
  all('form[data-once]').forEach((form) => {
    let sent = 0;
    form.addEventListener('submit', (event) => {
      if (event.defaultPrevented) return;
      if (Date.now() - sent < 15000) { event.preventDefault(); return; }
      sent = Date.now();
      const button = event.submitter || $('button:not([type=button])', form);
      if (button) button.setAttribute('aria-disabled', 'true');
      form.setAttribute('aria-busy', 'true');
    });
    window.addEventListener('pageshow', () => {
      sent = 0;
      form.removeAttribute('aria-busy');
      all('[aria-disabled=true]', form).forEach((b) => b.removeAttribute('aria-disabled'));
    });
  });

  // Captcha: another picture without losing what was typed, the spoken form, and the proof of work.
  all('[data-captcha]').forEach((box) => {
    const token = $('[name=captcha_token]', box), proof = $('[name=captcha_proof]', box);
    const answer = $('[name=captcha]', box), picture = $('[data-captcha-picture]', box);
    const sound = $('[data-captcha-sound]', box), work = $('[data-captcha-proof]', box);
    const say = (text) => { $('[data-captcha-status]', box).textContent = text; };
    let run = 0;
    const fresh = async () => {
      run += 1;
      const reply = await fetch('/captcha/new', { credentials: 'same-origin', cache: 'no-store' });
      const next = (await reply.json()).token;
      token.value = next;
      proof.value = '';
      answer.value = '';
      answer.disabled = false;
      picture.src = `/captcha/${next}/picture`;
      sound.href = `/captcha/${next}/sound`;
      say('');
    };
    const again = () => fresh().then(() => answer.focus(), () => say('网络不通，请稍后再试'));
    $('[data-captcha-again]', box).addEventListener('click', (event) => { event.preventDefault(); again(); });
    picture.addEventListener('click', again);
    sound.addEventListener('click', (event) => {
      event.preventDefault();
      answer.focus();
      new Audio(sound.href).play().catch(() => say('这台设备不能播放声音'));
    });
    // A picture is good for ten minutes.
    setInterval(() => { if (!answer.value && !proof.value) fresh().catch(() => {}); }, 54e4);
    if (!window.crypto || !crypto.subtle) return;
    work.hidden = false;
    work.addEventListener('click', async () => {
      const mine = (run += 1), bits = Number(box.dataset.bits), text = new TextEncoder();
      say('正在验证，约需几秒');
      for (let from = 0; mine === run; from += 256) {
        const tries = Array.from({ length: 256 }, (_, i) => crypto.subtle.digest('SHA-256', text.encode(`${token.value}:${from + i}`)));
        const found = (await Promise.all(tries)).findIndex((hash) => Math.clz32(new DataView(hash).getUint32(0)) >= bits);
        if (found >= 0 && mine === run) {
          proof.value = String(from + found);
          answer.value = '';
          answer.disabled = true;
          say('验证通过，不用输入验证码');
          return;
        }
      }
    });
  });

  // Drafts: what is typed is kept on the server a few seconds later, again when the network is back.
  all('form[data-draft]').forEach((form) => {
    const say = $('[data-draft-say]', form);
    let timer = 0, dirty = false, done = false;
    const keep = async (last) => {
      if (!dirty || done) return;
      dirty = false;
      const body = new URLSearchParams();
      new FormData(form).forEach((value, name) => { if (typeof value === 'string') body.append(name, value); });
      all('[type=password]', form).forEach((e) => body.delete(e.name));
      try {
        const reply = await fetch(form.dataset.draft, { method: 'POST', body, credentials: 'same-origin', keepalive: last === true });
        if (reply.ok) { if (say) say.textContent = `已暂存 ${clockOf(now()).slice(-5)}`; return; }
        if (say && reply.status < 500) say.textContent = '登录已过期，填写的内容在保存时不会丢失';
      } catch (e) {
        dirty = true;
        clearTimeout(timer);
        timer = setTimeout(keep, 15000);
        if (say) say.textContent = '网络不通，恢复后自动暂存';
      }
    };
    form.addEventListener('input', () => { dirty = true; clearTimeout(timer); timer = setTimeout(keep, 2500); });
    form.addEventListener('submit', () => { done = true; clearTimeout(timer); });
    window.addEventListener('pageshow', () => { done = false; });
    window.addEventListener('online', keep);
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') keep(true); });
  });

  // A word before the session ends, and one when it has.
  const life = Number(document.body.dataset.session);
  if (life > 0) {
    const bar = document.createElement('div');
    bar.className = 'bk-session';
    bar.setAttribute('role', 'alert');
    bar.hidden = true;
    document.body.appendChild(bar);
    const show = (text, label, act) => {
      bar.textContent = text;
      if (label) {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'btn btn-secondary btn-sm';
        button.textContent = label;
        button.addEventListener('click', act);
        bar.appendChild(button);
      }
      bar.hidden = false;
    };
    const watch = () => {
      const warn = setTimeout(() => show('登录将在 5 分钟后过期，请尽快保存。', '继续使用', async () => {
        const reply = await fetch(location.href, { method: 'HEAD', credentials: 'same-origin', redirect: 'manual' }).catch(() => null);
        if (reply && reply.ok) { bar.hidden = true; clearTimeout(end); watch(); }
      }), Math.max(life - 3e5, 0));
      const end = setTimeout(() => {
        clearTimeout(warn);
        show('登录已过期。保存时会请您重新登录，填写的内容不会丢失。');
      }, life);
    };
    if (life < 2e9) watch();
  }

  // 浏览, the manual's word for it: the browser's own control speaks the browser's language. Without scripts it stays as it is.
  if (!document.body.classList.contains('bk-office')) all('input.bk-file').forEach((input) => {
    const row = document.createElement('div'), button = document.createElement('label'), name = document.createElement('span');
    const say = () => { name.textContent = input.files.length ? Array.from(input.files, (f) => f.name).join('、') : '还没有选择文件'; };
    // A file that was chosen anew answers what was wrong with the last one.
    const mended = () => {
      const field = input.closest('.bk-field'), link = $(`[data-errors] a[href="#${input.id}"]`);
      field.classList.remove('bk-field--bad');
      input.classList.remove('is-invalid');
      input.removeAttribute('aria-invalid');
      all('.invalid-feedback', field).forEach((e) => e.remove());
      if (link) link.closest('li').remove();
      if (errors && !$('li', errors)) errors.remove();
    };
    row.className = 'bk-browse';
    button.className = 'btn btn-secondary';
    button.htmlFor = input.id;
    button.textContent = '浏览';
    row.append(button, name);
    input.classList.remove('form-control', 'bk-file');
    input.classList.add('bk-browse-in');
    input.after(row);
    input.addEventListener('change', () => { say(); if (input.files.length) mended(); });
    input.addEventListener('cleared', say);
    if (input.form) input.form.addEventListener('reset', () => setTimeout(say, 0));
    say();
  });

  // The photo: crop and compress to the exact size. Without Cropper the exact file is sent as it is.
  all('[data-photo]').forEach((box) => {
    const form = $('form', box), input = $('input[type=file]', form), image = $('[data-photo-image]', box);
    const stage = $('[data-photo-crop]', box), preview = $('[data-photo-preview]'), result = $('[data-photo-result]');
    const width = Number(box.dataset.width), height = Number(box.dataset.height), max = Number(box.dataset.max);
    const say = (text, tone = '') => {
      const line = $('[data-photo-say]', box);
      line.textContent = text;
      line.dataset.photoSay = tone;
    };
    if (!window.Cropper || !HTMLCanvasElement.prototype.toBlob) return;
    let cropper = null, url = '', ready = false, timer = 0;
    // What the preview shows, while it is what would be cut: 上传 sends it at once.
    let made = null;
    const kb = (size) => `${Math.ceil(size / 1024)} KB`;
    const clear = () => {
      if (cropper) cropper.destroy();
      if (url) URL.revokeObjectURL(url);
      cropper = null; url = ''; ready = false; made = null;
      stage.hidden = true; preview.hidden = true;
      say('');
    };
    const blobOf = (canvas, quality) => new Promise((done) => canvas.toBlob(done, 'image/jpeg', quality));
    const cut = async () => {
      const canvas = cropper.getCroppedCanvas({ width, height, fillColor: '#fff', imageSmoothingQuality: 'high' });
      for (const quality of [0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]) {
        const blob = await blobOf(canvas, quality);
        if (blob && blob.size <= max) return blob;
      }
      return null;
    };
    const show = (blob, text) => {
      if (result.src) URL.revokeObjectURL(result.src);
      result.src = URL.createObjectURL(blob);
      $('[data-photo-size]').textContent = `约 ${kb(blob.size)}`;
      preview.hidden = false;
      say(text);
    };
    const later = () => {
      clearTimeout(timer);
      made = null;
      timer = setTimeout(async () => {
        const from = timer, blob = cropper && await cut();
        if (!blob || from !== timer) return;
        made = blob;
        show(blob, `裁剪后 ${width}×${height}，${kb(blob.size)}，可以上传。`);
      }, 200);
    };
    input.addEventListener('change', () => {
      clear();
      const file = input.files[0];
      if (!file) return;
      url = URL.createObjectURL(file);
      const probe = new Image();
      probe.onerror = () => { clear(); input.value = ''; input.dispatchEvent(new Event('cleared')); say('这个文件打不开，照片要用 jpg 格式，请换一张。', 'bad'); };
      probe.onload = () => {
        if (file.type === 'image/jpeg' && probe.naturalWidth === width && probe.naturalHeight === height && file.size <= max) {
          ready = true;
          show(file, `照片大小正好，${kb(file.size)}，可以上传。`);
          return;
        }
        if (probe.naturalWidth < width || probe.naturalHeight < height) say(`照片只有 ${probe.naturalWidth}×${probe.naturalHeight} 像素，放大后可能不清楚，建议换一张。`, 'wait');
        stage.hidden = false;
        image.src = url;
        cropper = new window.Cropper(image, {
          aspectRatio: width / height, viewMode: 1, dragMode: 'move', autoCropArea: 0.9, checkOrientation: false,
          checkCrossOrigin: false, cropBoxMovable: false, cropBoxResizable: false, toggleDragModeOnDblclick: false,
          ready: later, crop: later,
        });
      };
      probe.src = url;
    });
    all('[data-photo-zoom]', box).forEach((b) => b.addEventListener('click', () => cropper && cropper.zoom(Number(b.dataset.photoZoom) / 10)));
    $('[data-photo-turn]', box).addEventListener('click', () => cropper && cropper.rotate(90));
    stage.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: [-5, 0], ArrowRight: [5, 0], ArrowUp: [0, -5], ArrowDown: [0, 5] }[event.key];
      if (!cropper || event.target.tagName === 'BUTTON') return;
      if (step) { event.preventDefault(); cropper.move(step[0], step[1]); }
      if (event.key === '+' || event.key === '=') cropper.zoom(0.1);
      if (event.key === '-') cropper.zoom(-0.1);
    });
    form.addEventListener('reset', () => setTimeout(clear, 0));
    form.addEventListener('submit', async (event) => {
      if (!cropper || ready) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      let blob = made;
      // A window that has just changed its size is being cropped anew: that takes a moment.
      for (let tries = 0; !blob; tries += 1) {
        try {
          blob = await cut();
          break;
        } catch (e) {
          if (tries === 20) { say('照片还没有裁剪好，请再点一次“上传”。'); return; }
          await new Promise((done) => setTimeout(done, 150));
        }
      }
      if (!blob) { say('照片内容过于复杂，压缩后仍然太大，请换一张背景干净的照片。', 'bad'); return; }
      const files = new DataTransfer();
      files.items.add(new File([blob], 'photo.jpg', { type: 'image/jpeg' }));
      input.files = files.files;
      ready = true;
      form.submit();
    }, true);
  });
}());
