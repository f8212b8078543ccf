// What a phone at the door keeps: in IndexedDB, so that it is there without a network and after the page was closed.

const NAME = "baokao-door";

// What each store holds:
//   meta    "self" → who this phone is, what its pass is for, how far it is
//   people  the list, by ticket number
//   photos  ticket number → bytes of a JPEG
//   marks   what was noted and isn't handed in, by key
//   words   "session/ticket number" → the last word about a person
const STORES = ["meta", "people", "photos", "marks", "words"];

const answer = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

// Kept only when the whole transaction is: a mark that is shown as noted has to be there after the battery is empty.
const settled = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onerror = () => reject(transaction.error);
  transaction.onabort = () => reject(transaction.error);
});

class Store {
  constructor(db) {
    this.db = db;
  }

  get(name, key) {
    return answer(this.db.transaction(name).objectStore(name).get(key));
  }

  all(name) {
    return answer(this.db.transaction(name).objectStore(name).getAll());
  }

  keys(name) {
    return answer(this.db.transaction(name).objectStore(name).getAllKeys());
  }

  // All of [store, value, key] or none of them; without a key where the value has its own.
  put(rows) {
    const names = Array.from(new Set(rows.map(([name]) => name)));
    if (names.length === 0) return Promise.resolve();
    const transaction = this.db.transaction(names, "readwrite");
    for (const [name, value, ...key] of rows) transaction.objectStore(name).put(value, ...key);
    return settled(transaction);
  }

  remove(name, keys) {
    if (keys.length === 0) return Promise.resolve();
    const transaction = this.db.transaction(name, "readwrite");
    for (const key of keys) transaction.objectStore(name).delete(key);
    return settled(transaction);
  }

  // A new list in place of the old one: never half of each.
  replacePeople(people) {
    const transaction = this.db.transaction("people", "readwrite");
    const store = transaction.objectStore("people");
    store.clear();
    for (const person of people) store.put(person);
    return settled(transaction);
  }

  clear(names = STORES) {
    const transaction = this.db.transaction(names, "readwrite");
    for (const name of names) transaction.objectStore(name).clear();
    return settled(transaction);
  }
}

export function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    const db = request.result;
    db.createObjectStore("meta");
    db.createObjectStore("people", { keyPath: "ticket" });
    db.createObjectStore("photos");
    db.createObjectStore("marks", { keyPath: "key" });
    db.createObjectStore("words");
  };
  return answer(request).then((db) => new Store(db));
}
