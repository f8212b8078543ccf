// Keeps the page of the door and its files on the phone, so that it opens without a network. Made by the server: the list holds the
// files of this version.
const NAME = "baokao-door-{{version}}";
const PAGE = "/door";
const FILES = {{files}};

self.addEventListener("install", (event) => {
  const fetched = (path) => new Request(path, { cache: "reload", credentials: "omit" });
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll([PAGE, ...FILES].map(fetched))).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("baokao-door-") && name !== NAME;
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

// The page: as the server has it, or as it was, if the server doesn't answer soon. What is asked for is told by the path alone: the
// answer depends on no cookie.
const kept = (path) => caches.open(NAME).then((cache) => cache.match(path, { ignoreVary: true, ignoreSearch: true }));

async function page(request) {
  const stored = await kept(PAGE);
  if (!stored) return fetch(request);
  const late = new Promise((resolve) => setTimeout(() => resolve(stored), 2500));
  const fresh = fetch(request).then((answer) => (answer.ok ? answer : stored)).catch(() => stored);
  return Promise.race([fresh, late]);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE) {
    event.respondWith(page(request));
  } else if (FILES.includes(pathname)) {
    event.respondWith(kept(pathname).then((stored) => stored || fetch(request)));
  }
});
