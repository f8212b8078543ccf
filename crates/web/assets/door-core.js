// What a phone at the door makes of a ticket's QR: read it, verify it, judge it. Pure: no page, no network, no clock.
// The bytes are those of `domain::ticket::pass`; the vectors of both are crates/domain/fixtures/ticket_pass.json.
// Syntax: what Chrome 80 and Safari 14.1 know.

const PREFIX = "BK1";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const CONTEXT = new TextEncoder().encode("baokao ticket 1\0");
const ED25519 = 1;
const SIGNATURE = 64;
const BODY_MOST = 300;
const NAME_MOST = 45;
const MINUTE = 60000;
const BEIJING = 8 * 60 * MINUTE;

// The bytes of base 32 without padding; null for what nobody would have written, so that no content has two texts.
function bytesOf(text) {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let count = 0;
  for (const letter of text) {
    const digit = ALPHABET.indexOf(letter);
    if (digit < 0) return null;
    bits = (bits << 5) | digit;
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes[count] = bits >> held;
      count += 1;
      bits &= (1 << held) - 1;
    }
  }
  return held < 5 && bits === 0 ? bytes : null;
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const fromHex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));

class Cursor {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  take(length) {
    if (this.at + length > this.bytes.length) throw new RangeError("too short");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  // Up to 32 bits: shifts would make the highest a sign.
  number(length) {
    return this.take(length).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  // As text: 63 bits are more than a number holds exactly.
  exam() {
    const [high, low] = [this.number(4), this.number(4)];
    if (high > 0x7fffffff) throw new RangeError("a negative exam");
    return (BigInt(high) * BigInt(4294967296) + BigInt(low)).toString();
  }

  digits() {
    const length = this.number(1);
    const packed = hex(this.take(Math.ceil(length / 2)));
    const digits = packed.slice(0, length);
    if (length < 6 || length > 20 || !/^\d+$/.test(digits) || !/^f?$/.test(packed.slice(length))) {
      throw new RangeError("no ticket number");
    }
    return digits;
  }

  seats() {
    const seats = [];
    for (let left = this.count(); left > 0; left -= 1) {
      const sessions = Array.from(this.take(this.count()));
      seats.push({ sessions, room: this.number(4), seat: this.number(2) });
    }
    return seats;
  }

  count() {
    const count = this.number(1);
    if (count === 0) throw new RangeError("nothing counted");
    return count;
  }

  name() {
    const length = this.number(1);
    if (length > NAME_MOST) throw new RangeError("too long a name");
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(length));
  }
}

// What a scanned text says: {pass, key, message, signature}, or null for what no ticket of ours says. `pass` is
// {exam: "123", plan, expires (minutes since 1970), ticketNo, seats: [{sessions, room, seat}], name}, true only if verified.
export function read(text) {
  if (typeof text !== "string" || !text.startsWith(PREFIX)) return null;
  const bytes = bytesOf(text.slice(PREFIX.length));
  if (!bytes || bytes.length <= SIGNATURE || bytes.length > BODY_MOST + SIGNATURE) return null;
  const body = bytes.subarray(0, bytes.length - SIGNATURE);
  const rest = new Cursor(body);
  try {
    if (rest.number(1) !== ED25519) return null;
    const key = hex(rest.take(4));
    const pass = {
      exam: rest.exam(),
      plan: rest.number(2),
      expires: rest.number(4),
      ticketNo: rest.digits(),
      seats: rest.seats(),
      name: rest.name(),
    };
    if (rest.at !== body.length) return null;
    const message = new Uint8Array(CONTEXT.length + body.length);
    message.set(CONTEXT);
    message.set(body, CONTEXT.length);
    return { pass, key, message, signature: bytes.slice(body.length) };
  } catch (error) {
    return null;
  }
}

// Whose signature it is: "good", "forged", or "unknown" for a key that this phone doesn't have.
// `keys`: [[id, public key]] in hexadecimal digits, as the server gives them. `ed`: @noble/ed25519.
export async function verify(sealed, keys, ed) {
  const known = keys.find(([id]) => id === sealed.key);
  if (!known) return "unknown";
  try {
    // Not ZIP 215: what the server itself would refuse is refused here.
    const good = await ed.verifyAsync(sealed.signature, sealed.message, fromHex(known[1]), { zip215: false });
    return good ? "good" : "forged";
  } catch (error) {
    return "forged";
  }
}

const verdict = (tone, title, lines, more) => ({ tone, title, lines, ticketNo: "", seat: null, admit: false, ...more });

const roomText = (room) => String(room).padStart(3, "0");

const placeText = (seat) => `第 ${roomText(seat.room)} 考场 ${seat.seat} 号`;

// Hours and minutes in Beijing, whatever the phone is set to.
function clock(at) {
  const local = new Date(at + BEIJING);
  return `${local.getUTCHours()}:${String(local.getUTCMinutes()).padStart(2, "0")}`;
}

function printedSeat(pass, session) {
  const group = pass.seats.find((one) => one.sessions.includes(session));
  return group ? { room: group.room, seat: group.seat } : null;
}

function listedSeat(person, session) {
  const found = person.seats.find(([number]) => number === session);
  return found ? { room: found[1], seat: found[2] } : null;
}

// The verdict: {tone: "good" | "warn" | "bad", title, lines, ticketNo, seat: {room, seat} | null, admit}. `admit`: whether he
// may be let in by one touch. `sealed`: of `read`, or null; `signature`: of `verify`. `here`:
//   exam      "123", what this phone's pass is for
//   plan      version of the seat plan that the roster was taken from
//   session   number of the session
//   now       milliseconds since 1970, corrected by the server's clock
//   site      numbers of all rooms of the site
//   rooms     numbers of the rooms that this phone looks after
//   roster    Map: ticket number → {name, seats: [[session, room, seat]], extra (percent of more time)}
//   marks     Map: ticket number → {kind: "present" | "refused" | "undone", at, device}, the last word in this session
export function judge(sealed, signature, here) {
  if (!sealed) return verdict("bad", "无法识别", ["不是准考证上的二维码。请重新扫，或输入准考证号。"]);
  const { pass } = sealed;
  const about = { ticketNo: pass.ticketNo };
  if (pass.exam === "0") return verdict("bad", "样张", ["这是核对版式用的样张，不是准考证。"]);
  if (signature === "unknown") {
    const lines = ["不是本系统签发的，或本机名单太旧。", "请联网更新名单后再扫；仍然如此，请核对证件并报告考务办公室。"];
    return verdict("bad", "签名不符，疑似伪造", lines);
  }
  if (signature !== "good") return verdict("bad", "签名不符，疑似伪造", ["请核对证件，并报告考务办公室。"]);
  if (pass.exam !== here.exam) return verdict("bad", "不是本场考试", [pass.name, "这是另一场考试的准考证。"], about);
  if (here.now >= pass.expires * MINUTE) return verdict("bad", "已过期", [pass.name, "这张准考证的考试已经结束。"], about);
  if (pass.plan > here.plan) {
    return verdict("warn", "本机名单太旧", [pass.name, "考场编排有更新，请联网更新名单后再扫。"], about);
  }
  return placed(pass, here.roster.get(pass.ticketNo), here);
}

// The same for a number that was typed or came from the bar code: nothing proves that the paper is genuine.
export function judgeTyped(ticketNo, here) {
  const person = here.roster.get(ticketNo);
  if (!person) return verdict("bad", "名单中没有这个准考证号", ["请核对号码；核对无误的，请到考务办公室查询。"], { ticketNo });
  const found = placed({ ticketNo, plan: here.plan, seats: [], name: person.name }, person, here);
  if (!found.admit) return found;
  return { ...found, tone: "warn", title: "未验签名，请核对证件" };
}

// A genuine ticket: is it here and now, and is he in already? The list's seat counts; the ticket's is as old as the ticket.
function placed(pass, person, here) {
  const printed = printedSeat(pass, here.session);
  if (!person && pass.plan < here.plan) {
    const lines = [pass.name, "座位已调整，不在本机名单中。请到考务办公室查询。"];
    return verdict("warn", "旧版准考证", lines, { ticketNo: pass.ticketNo });
  }
  const seat = person ? listedSeat(person, here.session) : printed;
  const name = person ? person.name : pass.name;
  const about = { ticketNo: pass.ticketNo, seat };
  if (!seat) return verdict("bad", "本场次没有他的考试", [name, "请核对场次。"], about);
  const where = `应到${placeText(seat)}`;
  if (!here.site.includes(seat.room)) return verdict("bad", "走错考点", [name, `${where}，不在本考点。`], about);
  if (!here.rooms.includes(seat.room)) return verdict("bad", "走错考场", [name, where], about);

  const lines = [name, placeText(seat)];
  if (person && person.extra > 0) lines.push(`合理便利：延长 ${person.extra}%`);
  // The printed name is cut to 45 bytes.
  if (person && !person.name.startsWith(pass.name)) lines.push(`准考证上的姓名是${pass.name}，请核对证件。`);
  const mark = here.marks.get(pass.ticketNo);
  if (mark && mark.kind === "present") {
    lines.push(`${clock(mark.at)} 已由${mark.device || "本机"}核验。`);
    return verdict("warn", "已核验过", lines, about);
  }
  if (mark && mark.kind === "refused") lines.push(`${clock(mark.at)} 曾被${mark.device || "本机"}退回。`);
  const may = { ...about, admit: true };
  if (!person) return verdict("warn", "名单中没有此人", [...lines, "签名无误。请联网更新名单，并核对证件。"], may);
  if (printed && (printed.room !== seat.room || printed.seat !== seat.seat)) {
    return verdict("warn", "旧版准考证", [...lines, `座位已调整，原为${placeText(printed)}。`], may);
  }
  return verdict(mark && mark.kind === "refused" ? "warn" : "good", "通过", lines, may);
}
