{% load static %}{# Never a page of a signed-in reader: only the offline page, asked for without cookies. #}
const CACHE = "ghar-shell";
const OFFLINE = "{% url "offline" %}";
const SHELL = [
  "{% static 'css/tokens.css' %}",
  "{% static 'css/base.css' %}",
  "{% static 'css/layout.css' %}",
  "{% static 'css/forms.css' %}",
  "{% static 'css/components.css' %}",
  "{% static 'css/journeys.css' %}",
  "{% static 'img/icons.svg' %}",
  "{% static 'img/favicon.svg' %}",
  "{% static 'img/offline.svg' %}",
];

async function fill() {
  const cache = await caches.open(CACHE);
  const fresh = [OFFLINE, ...SHELL].map(
    (url) => new Request(url, { cache: "reload", credentials: "omit" }),
  );
  await cache.addAll(fresh);
}

/* The network has the truth; what was kept serves when there is none. */
async function fromNetworkOr(kept, request) {
  try {
    return await fetch(request);
  } catch (error) {
    const answer = await caches.match(kept);
    if (answer) return answer;
    throw error;
  }
}

addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(clients.claim());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(fromNetworkOr(OFFLINE, request));
  else if (SHELL.includes(pathname)) event.respondWith(fromNetworkOr(pathname, request));
});

/* --- Browser push: {title, body, route, tag} ------------------------------------------------- */

function showNote({ title, body, route, tag }) {
  const icon = "{% static 'img/icon-192.png' %}";
  return registration.showNotification(title, { body, tag, icon, data: { route } });
}

async function openRoute(route) {
  const address = new URL(route || "/notifications/", location.origin);
  if (address.origin !== location.origin) return;
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = pages.find((page) => page.url === address.href);
  await (open ? open.focus() : clients.openWindow(address.href));
}

addEventListener("push", (event) => {
  event.waitUntil(showNote(event.data.json()));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openRoute(event.notification.data.route));
});
