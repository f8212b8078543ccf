// What a phone at the door asks of the server, and what it makes of the answers. The token goes in a header that no browser sends by
// itself.

const PATIENCE = 20000;

// Most of one request: the server takes no more.
export const MARKS = 200;
export const PHOTOS = 40;
export const PEOPLE = 500;

// The server answered, and said no. `code`: door_revoked and so on, or "fields" with what to mend, or "status".
export class Refused extends Error {
  constructor(status, said) {
    super(said.text || `服务器暂时不能处理（${status}），请稍后再试`);
    this.status = status;
    this.code = said.code || "status";
    this.title = said.title || "";
    this.fields = said.fields || {};
  }

  // Whether the phone itself is turned away, for good.
  get isOut() {
    return this.code === "door_revoked" || this.code === "door_unknown";
  }
}

// No answer at all.
export class Offline extends Error {}

async function said(response) {
  const json = (response.headers.get("content-type") || "").startsWith("application/json");
  return json ? response.json() : {};
}

// Sends `body` and gives the answer: a value, or bytes.
export async function call(path, token, body, { bytes = false, patience = PATIENCE } = {}) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const response = await fetch(path, {
      method: "POST", headers, body: JSON.stringify(body), signal: stop.signal, credentials: "omit", cache: "no-store",
    });
    if (!response.ok) throw new Refused(response.status, await said(response));
    return bytes ? await response.arrayBuffer() : await response.json();
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Offline("连不上服务器");
  } finally {
    clearTimeout(timer);
  }
}

// How far a phone's clock is behind the server's, from an answer and the instants of asking and hearing, in milliseconds.
export const behind = (server, asked, heard) => Math.round(server - (asked + heard) / 2);

// The photos of an answer: [index, bytes], with no bytes for who has none. What came half is left out and asked for again.
export function photosOf(buffer) {
  const view = new DataView(buffer);
  const photos = [];
  let at = 0;
  while (at + 6 <= buffer.byteLength) {
    const length = view.getUint32(at + 2);
    if (at + 6 + length > buffer.byteLength) break;
    photos.push([view.getUint16(at), buffer.slice(at + 6, at + 6 + length)]);
    at += 6 + length;
  }
  return photos;
}

// A list in pieces that one request takes.
export function pieces(list, most) {
  const all = [];
  for (let at = 0; at < list.length; at += most) all.push(list.slice(at, at + most));
  return all;
}

// A mark as it is sent.
export const sent = (mark) => [mark.key, mark.ticket, mark.session, mark.kind, mark.how, mark.note, mark.at];

// Whether a word takes the place of the one that is known: the later one does.
export const isLater = (word, known) => !known || word.at >= known.at;
