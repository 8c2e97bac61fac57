// The service worker of one round: keeps its page and what the page needs, for when there is no connection.
// self.WALK is set by the script that imports this one: the name of the cache, the page, the assets.
// It touches nothing but that page and those assets, and of other rounds on this phone nothing at all.

const { cache: name, prefix, page, assets } = self.WALK;
const PATIENCE_MS = 4000;
const known = new Set(assets.map((path) => new URL(path, self.location).href));

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(name);
    await cache.addAll(assets);
    await keepPage(await fetch(page, { cache: "no-store" }));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const other of await caches.keys()) if (other.startsWith(prefix) && other !== name) await caches.delete(other);
    await self.clients.claim();
  })());
});

async function keepPage(answer) {
  const cache = await caches.open(name);
  if (answer.ok) await cache.put(page, answer.clone());
  else if (answer.status === 404 || answer.status === 410) await cache.delete(page); // withdrawn, expired or planned anew
  return answer;
}

async function freshOrKept() {
  const kept = await (await caches.open(name)).match(page);
  const fresh = fetch(page, { cache: "no-store" }).then(keepPage);
  if (!kept) return fresh;
  fresh.catch(() => {});
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE_MS, kept); });
  return Promise.race([fresh.then((answer) => (answer.status >= 500 ? kept : answer)).catch(() => kept), late]);
}

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  const url = new URL(event.request.url);
  if (event.request.mode === "navigate" && url.pathname === page) event.respondWith(freshOrKept());
  else if (known.has(url.href)) event.respondWith(caches.match(event.request, { cacheName: name }).then((kept) => kept ?? fetch(event.request)));
});
