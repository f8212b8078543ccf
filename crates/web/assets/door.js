// The page of phones at the door: join by a code, take the list along, scan or type, say in one word whether somebody may go in, hand in
// what was noted when there is a network. Works without one. Syntax: what Chrome 80 and Safari 14.1 know.
const files = document.body.dataset;
const by = (id) => document.getElementById(id);
const EVERY = 20000;
const CLOCK_OFF = 5 * 60000;

let core; let net; let ed; let store; let eye;

// Who this phone is: token, about (of the server), plan (of the list), since (of the news), session, rooms: [first, last], behind (of
// the clock), whole (the list is there).
let self = null;
let people = new Map();
// By session: ticket number → {kind, at, device}.
let words = new Map();
// Noted and not handed in, by key.
let queue = new Map();
let verdict = null;
let looking = false;
// What is done again when a download came to nothing.
let retry = null;
let sending = null;
let online = true;
let sure = false;

const now = () => Date.now() + (self ? self.behind : 0);

function show(name) {
  for (const view of document.querySelectorAll(".bk-gate-view")) view.hidden = view.id !== `view-${name}`;
  by("to-settings").hidden = !self || !self.whole || name !== "desk";
  const head = by(`view-${name}`).querySelector("h2");
  window.scrollTo(0, 0);
  if (head) head.focus();
  looking = name === "desk";
}

// Chrome 80 has no `replaceChildren`.
function fill(place, nodes) {
  place.textContent = "";
  place.append(...nodes);
}

function tell(text) {
  by("problem").textContent = text;
  by("problem").hidden = !text;
}

const keepSelf = () => store.put([["meta", self, "self"]]);

// ---- asking the server

async function ask(path, body, more) {
  const asked = Date.now();
  try {
    const answer = await net.call(path, self && self.token, body, more);
    online = true;
    const server = answer.now || (answer.about && answer.about.now);
    if (server && self) self.behind = net.behind(server, asked, Date.now());
    return answer;
  } catch (error) {
    online = error instanceof net.Refused;
    if (online && error.isOut && self) await lockOut(error);
    throw error;
  }
}

// The office took this phone back: nobody's name or photo stays here. What wasn't handed in can't be any more, and is counted.
async function lockOut(error) {
  const lost = queue.size;
  await forget();
  tell(`${error.title}。${error.message}${lost ? `本机有 ${lost} 条核验没有上报，请当面告诉考务办公室。` : ""}`);
  show("join");
}

async function forget() {
  eye.stop();
  await store.clear();
  self = null;
  people = new Map();
  words = new Map();
  queue = new Map();
  by("top-place").textContent = "";
}

// ---- joining

async function join(event) {
  event.preventDefault();
  tell("");
  const [code, holder] = [by("code").value.trim(), by("holder").value.trim()];
  mend({ code: code ? "" : "请填写授权码", holder: holder ? "" : "请填写监考人员姓名" });
  if (!code || !holder) return;
  const old = self;
  if (old && queue.size > 0 && !(await send())) {
    tell(`还有 ${queue.size} 条核验没有上报。请联网上报后再更换授权。`);
    return;
  }
  try {
    const asked = Date.now();
    const { token, about } = await net.call("/door/devices", null, { code, holder });
    if (old) await forget();
    const behind = net.behind(about.now, asked, Date.now());
    self = { token, about, plan: about.plan, since: "0", session: 0, rooms: null, behind, whole: false };
    await keepSelf();
    by("code").value = "";
    await load();
  } catch (error) {
    if (error instanceof net.Refused && error.code === "fields") mend(error.fields);
    else tell(error.title ? `${error.title}。${error.message}` : error.message);
  }
}

function mend(fields) {
  let first = null;
  for (const name of ["code", "holder"]) {
    const message = fields[name] || "";
    by(`${name}-e`).textContent = message;
    by(`${name}-e`).hidden = !message;
    by(name).setAttribute("aria-invalid", message ? "true" : "false");
    if (message && !first) first = by(name);
  }
  if (first) first.focus();
}

// ---- the list and the photos

function progress(text, part, stopped = false) {
  by("load-text").textContent = text;
  by("load-bar").value = part;
  by("load-bar").hidden = stopped;
  by("load-again").hidden = !stopped;
  by("load-skip").hidden = !(self && self.whole);
}

async function download() {
  let [list, after, plan, about] = [[], "", 0, self.about];
  for (;;) {
    const page = await ask("/door/roster", { after, limit: net.PEOPLE });
    if (after && page.plan !== plan) {
      // The plan was replaced meanwhile: once more from the beginning.
      [list, after] = [[], ""];
    } else {
      plan = page.plan;
      if (page.about) about = page.about;
      list.push(...page.people.map(([ticket, name, number, seats, extra, photo]) => ({ ticket, name, number, seats, extra, photo })));
      progress(`正在下载名单：已下载 ${list.length} 人`, page.next ? 0.5 : 1);
      if (!page.next) return { list, about, plan };
      after = page.next;
    }
  }
}

// A new list takes the place of the old one at once, when all of it is there.
async function load() {
  show("load");
  retry = load;
  progress("正在下载名单，请不要关闭本页。", 0);
  try {
    const { list, about, plan } = await download();
    await store.replacePeople(list);
    people = new Map(list.map((person) => [person.ticket, person]));
    Object.assign(self, { about, plan, whole: true, since: "0" });
    if (!about.sessions.some((one) => one.number === self.session)) self.session = nextSession();
    await keepSelf();
    by("stale").hidden = true;
    if (list.length === 0) tell("名单是空的：这个授权的考场没有考生。请与考务办公室核对。");
    fillDesk();
    askRooms();
  } catch (error) {
    if (!self) return;
    progress(`名单没有下载完。${error.message}。`, 0, true);
  }
}

// The session that is on or comes next.
function nextSession() {
  const { sessions } = self.about;
  const next = sessions.find((one) => one.ends > now()) || sessions[sessions.length - 1];
  return next ? next.number : 0;
}

const isMine = (room) => !self.rooms || (room >= self.rooms[0] && room <= self.rooms[1]);

// Rooms of the pass; of those, the ones that this phone looks after.
const passRooms = () => self.about.rooms.map((room) => room.no)
  .filter((no) => self.about.mine[1] === 0 || (no >= self.about.mine[0] && no <= self.about.mine[1]));

const threeDigits = (room) => String(room).padStart(3, "0");

function askRooms() {
  const rooms = passRooms();
  const label = (no) => {
    const room = self.about.rooms.find((one) => one.no === no);
    return room && room.name ? `${threeDigits(no)}（${room.name}）` : threeDigits(no);
  };
  for (const id of ["room-first", "room-last"]) {
    fill(by(id), rooms.map((no) => new Option(label(no), String(no))));
  }
  const [first, last] = self.rooms || [rooms[0], rooms[rooms.length - 1]];
  if (rooms.length > 0) [by("room-first").value, by("room-last").value] = [String(first), String(last)];
  by("rooms-text").textContent = `名单共 ${people.size} 人，${rooms.length} 个考场。`;
  show("rooms");
}

async function takeRooms(event) {
  event.preventDefault();
  const chosen = [Number(by("room-first").value), Number(by("room-last").value)].sort((a, b) => a - b);
  self.rooms = chosen[1] ? chosen : null;
  await keepSelf();
  if (by("with-photos").checked) await loadPhotos();
  else enterDesk();
}

async function loadPhotos() {
  show("load");
  retry = loadPhotos;
  const kept = new Set(await store.keys("photos"));
  const mine = (person) => person.seats.some(([, room]) => isMine(room));
  let wanted = Array.from(people.values()).filter((one) => one.photo && mine(one) && !kept.has(one.ticket)).map((one) => one.ticket);
  const total = wanted.length;
  try {
    while (wanted.length > 0 && !by("view-load").hidden) {
      progress(`正在下载照片：${total - wanted.length} / ${total}`, 1 - wanted.length / total);
      const some = wanted.slice(0, net.PHOTOS);
      const photos = net.photosOf(await ask("/door/photos", { tickets: some }, { bytes: true, patience: 120000 }));
      await store.put(photos.filter(([, bytes]) => bytes.byteLength > 0).map(([index, bytes]) => ["photos", bytes, some[index]]));
      const got = new Set(photos.map(([index]) => some[index]));
      if (got.size === 0) throw new net.Offline("照片没有收全");
      wanted = wanted.filter((ticket) => !got.has(ticket));
    }
    if (self && !by("view-load").hidden) enterDesk();
  } catch (error) {
    if (self) progress(`照片还差 ${wanted.length} 张。${error.message}。没有照片也能核验。`, 0, true);
  }
}

// ---- noting

const wordsOf = (session) => {
  if (!words.has(session)) words.set(session, new Map());
  return words.get(session);
};

function hear(word) {
  const known = wordsOf(word.session).get(word.ticket);
  if (!net.isLater(word, known)) return null;
  const heard = { kind: word.kind, at: word.at, device: word.holder };
  wordsOf(word.session).set(word.ticket, heard);
  return ["words", { ...word }, `${word.session}/${word.ticket}`];
}

function drawKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Shown as noted only when it is kept. A second touch of the button finds nothing to note.
async function note(kind, why = "") {
  if (!verdict) return;
  const about = verdict;
  const { ticketNo: ticket, name, how } = about;
  verdict = null;
  const mark = { key: drawKey(), ticket, session: self.session, kind, how, note: why, at: Math.round(now()) };
  const word = { ticket, session: mark.session, kind, at: mark.at, holder: "" };
  try {
    await store.put([["marks", mark], ["words", word, `${word.session}/${ticket}`]]);
  } catch (error) {
    verdict = about;
    tell("没有记下来：手机存储空间不足或被限制。请清理后再按一次，或用纸笔登记。");
    return;
  }
  hear(word);
  queue.set(mark.key, mark);
  const said = { present: "已记录入场", refused: "已记录退回", undone: "已撤销核验" }[kind];
  by("last").textContent = `${said}：${name || ticket}`;
  enterDesk();
  send();
}

// ---- handing in, and hearing of the others

// One after the other; what is noted while something is on its way goes right after it.
async function send() {
  if (sending) {
    await sending;
    if (waiting().length === 0) return queue.size === 0;
  }
  if (!sending) sending = handIn().finally(() => { sending = null; });
  return sending;
}

const waiting = () => Array.from(queue.values()).filter((mark) => !mark.why);

async function handIn() {
  try {
    for (let some = waiting().slice(0, net.MARKS); some.length > 0; some = waiting().slice(0, net.MARKS)) {
      const { kept, refused } = await ask("/door/marks", { marks: some.map(net.sent) });
      await settle(kept, refused);
      if (kept.length + refused.length === 0) break;
    }
    await hearNews();
  } catch (error) {
    if (!self) return false;
    if (error instanceof net.Refused && error.code === "door_over") tell("核验时间已经结束，名单不再更新。已记录的仍会上报。");
  }
  drawState();
  return queue.size === 0;
}

async function settle(kept, refused) {
  await store.remove("marks", kept);
  for (const key of kept) queue.delete(key);
  for (const [key, why] of refused) {
    const mark = queue.get(key);
    if (mark) {
      mark.why = why;
      await store.put([["marks", mark]]);
    }
  }
}

async function hearNews() {
  for (;;) {
    const news = await ask("/door/news", { since: self.since });
    const rows = news.words.map(hear).filter(Boolean);
    await store.put(rows);
    self.since = news.since;
    if (self.whole) by("stale").hidden = news.plan === self.plan;
    await keepSelf();
    if (!news.more) return;
  }
}

// ---- the desk

function fillDesk() {
  by("top-title").textContent = self.about.title;
  by("top-place").textContent = `${self.about.site}${self.about.label && self.about.label !== self.about.site ? ` ${self.about.label}` : ""}`;
  const options = self.about.sessions.map((one) => new Option(`第 ${one.number} 场 ${one.subjects} ${one.when}`, String(one.number)));
  fill(by("session"), options);
  by("session").value = String(self.session);
}

const seatOf = (person) => person.seats.find(([session, room]) => session === self.session && isMine(room));

function expected() {
  return Array.from(people.values()).filter(seatOf);
}

const isIn = (person) => (wordsOf(self.session).get(person.ticket) || {}).kind === "present";

function drawState() {
  if (!self || !self.whole) return;
  const all = expected();
  by("count").textContent = `已到 ${all.filter(isIn).length} / ${all.length}`;
  by("net").textContent = online ? "已联网" : "没有网络，照常核验";
  by("net").className = online ? "" : "is-off";
  const refused = Array.from(queue.values()).filter((mark) => mark.why).length;
  const waiting = queue.size - refused;
  by("queue").textContent = queue.size === 0 ? "已全部上报" : `${waiting} 条待上报${refused ? `，${refused} 条未被接受` : ""}`;
  by("queue").className = queue.size === 0 ? "" : "is-off";
  by("sent").textContent = by("queue").textContent;
}

function enterDesk() {
  tell("");
  verdict = null;
  show("desk");
  drawState();
  eye.resume();
  stayAwake();
}

const here = () => ({
  exam: self.about.exam,
  plan: self.plan,
  session: self.session,
  now: now(),
  site: self.about.rooms.map((room) => room.no),
  rooms: passRooms().filter(isMine),
  roster: people,
  marks: wordsOf(self.session),
});

async function judgeText(text, how) {
  const sealed = core.read(text);
  const signature = sealed ? await core.verify(sealed, self.about.keys, ed) : "";
  // The phone may have been taken back meanwhile.
  if (self) await showVerdict(core.judge(sealed, signature, here()), how);
}

const digitsOf = (text) => text.normalize("NFKC").replace(/[\s-]/g, "");

async function byHand(event) {
  event.preventDefault();
  const text = digitsOf(by("number").value);
  const message = text ? "" : "请输入准考证号";
  by("number-e").textContent = message;
  by("number-e").hidden = !message;
  if (!text) {
    by("number").focus();
    return;
  }
  by("number").value = "";
  // A gun that reads codes types them.
  if (text.startsWith("BK1")) await judgeText(text, "scan");
  else await showVerdict(core.judgeTyped(text, here()), "typed");
}

// One transparent dot: a picture without an address is no valid HTML.
const BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=";
const TREMBLE = { good: [60], warn: [60, 80, 60], bad: [400] };

async function showVerdict(found, how) {
  const person = people.get(found.ticketNo);
  const bytes = person ? await store.get("photos", person.ticket) : null;
  if (!self) return;
  verdict = { ...found, how, name: person ? person.name : found.lines[0] };
  by("word").dataset.tone = found.tone;
  by("word-title").textContent = found.title;
  const lines = found.lines.map((line) => Object.assign(document.createElement("li"), { textContent: line }));
  if (person) lines.push(Object.assign(document.createElement("li"), { textContent: `证件号码 ${person.number}`, className: "is-number" }));
  fill(by("who-lines"), lines);
  const known = wordsOf(self.session).get(found.ticketNo);
  by("admit").hidden = !found.admit;
  by("refuse").hidden = !found.admit;
  by("undo").hidden = !(person && known && known.kind === "present");
  if (String(by("who-photo").src).startsWith("blob:")) URL.revokeObjectURL(by("who-photo").src);
  by("who-photo").src = bytes ? URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" })) : BLANK;
  by("who-photo").hidden = !bytes;
  by("who-none").hidden = Boolean(bytes) || !person;
  if (navigator.vibrate) navigator.vibrate(TREMBLE[found.tone]);
  show("verdict");
}

async function byPhoto(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  try {
    const text = await eye.read(file);
    if (text) await judgeText(text, "photo");
    else tell("照片里没有找到二维码。请靠近、拍清楚一些，或输入准考证号。");
  } catch (error) {
    tell("这张照片打不开，请重新拍。");
  }
}

// ---- the screen stays on

let lock = null;
async function stayAwake() {
  if (!navigator.wakeLock || (lock && !lock.released)) return;
  try {
    lock = await navigator.wakeLock.request("screen");
  } catch (error) {
    lock = null;
  }
}

// ---- settings, who is missing, the end

const line = (text) => Object.assign(document.createElement("li"), { textContent: text });

function settings() {
  sure = false;
  by("clear-sure").hidden = true;
  by("about").textContent = `${self.about.title}，${self.about.site}，${self.about.holder}。名单 ${people.size} 人，编排第 ${self.plan} 版。`;
  const minutes = Math.round(self.behind / 60000);
  by("clock").hidden = Math.abs(self.behind) < CLOCK_OFF;
  by("clock").textContent = `手机时间比服务器${minutes > 0 ? "慢" : "快"} ${Math.abs(minutes)} 分钟，核验时已自动校正。`;
  const refused = Array.from(queue.values()).filter((mark) => mark.why);
  fill(by("not-sent"), refused.map((mark) => line(`${mark.ticket}：${mark.why}`)));
  drawState();
  show("settings");
}

function missing() {
  const absent = expected().filter((person) => !isIn(person));
  const place = (person) => {
    const [, room, seat] = seatOf(person);
    return [room, seat];
  };
  absent.sort((a, b) => place(a)[0] - place(b)[0] || place(a)[1] - place(b)[1]);
  by("missing-text").textContent = absent.length ? `第 ${self.session} 场还有 ${absent.length} 人未到。` : "都到齐了。";
  fill(by("missing"), absent.map((person) => {
    const [room, seat] = place(person);
    const back = (wordsOf(self.session).get(person.ticket) || {}).kind === "refused";
    return line(`第 ${threeDigits(room)} 考场 ${seat} 号 ${person.name}${back ? "（已退回）" : ""}`);
  }));
  show("missing");
}

async function clear() {
  if (!sure) {
    sure = true;
    by("clear-sure").textContent = `${queue.size ? `还有 ${queue.size} 条核验没有上报，清除后找不回来。` : ""}再按一次“清除本机数据”就清除，之后要重新登记才能核验。`;
    by("clear-sure").hidden = false;
    return;
  }
  await forget();
  tell("");
  by("last").textContent = "";
  show("join");
}

// ---- the beginning

// Two days after the exam nobody's name or photo stays on a phone.
async function expire() {
  await forget();
  tell("授权早已过期，本机上的名单和照片已经删除。");
  show("join");
}

async function recall() {
  self = (await store.get("meta", "self")) || null;
  if (self && now() > self.about.until) await expire();
  if (!self) return;
  people = new Map((await store.all("people")).map((person) => [person.ticket, person]));
  queue = new Map((await store.all("marks")).map((mark) => [mark.key, mark]));
  for (const word of await store.all("words")) hear(word);
}

function listen() {
  by("join").addEventListener("submit", join);
  by("join-back").addEventListener("click", enterDesk);
  by("rooms").addEventListener("submit", takeRooms);
  by("typed").addEventListener("submit", byHand);
  by("load-again").addEventListener("click", () => retry());
  by("load-skip").addEventListener("click", enterDesk);
  by("session").addEventListener("change", async (event) => {
    self.session = Number(event.target.value);
    await keepSelf();
    drawState();
  });
  by("by-hand").addEventListener("click", () => {
    show("typed");
    by("number").focus();
  });
  by("by-photo").addEventListener("click", () => by("photo-file").click());
  by("photo-file").addEventListener("change", byPhoto);
  by("admit").addEventListener("click", () => note("present"));
  by("undo").addEventListener("click", () => note("undone"));
  by("refuse").addEventListener("click", () => {
    by("why-who").textContent = verdict ? verdict.name : "";
    show("why");
  });
  by("why").addEventListener("click", (event) => {
    const why = event.target.closest("[data-note]");
    if (why) note("refused", why.dataset.note);
  });
  by("why-back").addEventListener("click", () => show("verdict"));
  by("again").addEventListener("click", enterDesk);
  for (const back of document.querySelectorAll("[data-to-desk]")) back.addEventListener("click", enterDesk);
  by("to-settings").addEventListener("click", settings);
  by("to-missing").addEventListener("click", missing);
  by("to-rooms").addEventListener("click", askRooms);
  by("update").addEventListener("click", load);
  by("stale-update").addEventListener("click", load);
  by("clear").addEventListener("click", clear);
  by("send-now").addEventListener("click", async () => {
    for (const mark of queue.values()) delete mark.why;
    await send();
    if (self) settings();
  });
  const wake = async () => {
    if (!self || !self.whole || document.hidden) return;
    if (now() > self.about.until) {
      await expire();
      return;
    }
    send();
    if (looking) {
      eye.start();
      stayAwake();
    }
  };
  window.addEventListener("online", wake);
  window.addEventListener("offline", () => {
    online = false;
    drawState();
  });
  document.addEventListener("visibilitychange", wake);
  setInterval(wake, EVERY);
}

async function begin() {
  if (!window.isSecureContext || !window.crypto || !crypto.subtle || !window.indexedDB) {
    tell("这个浏览器不能核验。请用手机自带的浏览器，从 https 开头的网址打开本页。");
    return;
  }
  if (!files.ed || !files.qr) {
    tell("服务器上缺少核验用的脚本，请联系管理员。");
    return;
  }
  const names = [files.core, files.net, files.store, files.eye, files.ed, files.qr];
  const [judging, asking, keeping, seeing, curve, codes] = await Promise.all(names.map((name) => import(name)));
  [core, net, ed] = [judging, asking, curve];
  store = await keeping.open();
  eye = new seeing.Eye(by("video"), by("eye-text"), codes.decodeQR);
  // The code stays out of the address bar, and out of what is shared from it.
  const code = location.hash.slice(1).replace(/[^0-9A-Za-z-]/g, "");
  if (code) history.replaceState(null, "", location.pathname);
  await recall();
  listen();
  eye.watch(() => looking && Boolean(self), (text) => judgeText(text, "scan")).catch(() => {});
  by("in-chat").hidden = !/MicroMessenger|QQ\//i.test(navigator.userAgent);
  by("code").value = code;
  if (self) fillDesk();
  by("join-back").hidden = !(self && self.whole);
  if (!self || code) show("join");
  else if (!self.whole) load();
  else {
    enterDesk();
    send();
  }
  if (navigator.serviceWorker) navigator.serviceWorker.register("/door/worker.js", { scope: "/door" }).catch(() => {});
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
}

begin().catch(() => tell("本页没有打开成功，请刷新后再试。仍不行的，换用手机自带的浏览器。"));
