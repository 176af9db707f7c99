/* Live updates. One tab of the browser holds the event stream and tells the others.
 *
 * Events are hints: whatever shows the object fetches itself anew.
 *   <section data-live="viewing_request:ID" data-live-url="/viewings/ID/_status">
 *   <ul data-live-type="notification listing" data-live-url="...">   any object of these kinds
 * The answer is the same element again. Its data-live-message, if any, is read out to those who
 * cannot see the change. Other scripts listen to `ghar:event` on the document, whose detail is
 * {type, data}; the type `reset` means that something may have been missed.
 */

const EVENT_TYPES = [
  "new_match", "new_message", "conversation_updated", "visit_updated",
  "listing_status_changed", "new_notification", "viewing_updated", "reset",
];
const NAME = "ghar-stream";
const BEAT = 15_000;
const LOST_AFTER = 45_000;
const LONGEST_PAUSE = 30_000;
const GATHER = 100;

const { streamUrl, summaryUrl } = document.body.dataset;

/* --- What this tab knows ------------------------------------------------------------------- */

const tabs = new BroadcastChannel(NAME);
let lastSign = Date.now();

function hear(message) {
  lastSign = Date.now();
  document.body.dataset.stream = "live";
  if (!message.type) return;
  const { type, data } = message;
  document.dispatchEvent(new CustomEvent("ghar:event", { detail: { type, data } }));
  refreshWhatShows(type, data);
}

function tell(message) {
  // Kept for the next page too: what happens while it loads is replayed to it.
  if (message.lastEventId) localStorage.setItem(NAME, message.lastEventId);
  tabs.postMessage(message);
  hear(message);
}

/* --- The tab that holds the stream --------------------------------------------------------- */

function lead() {
  let source = null;
  let failures = 0;
  let timer = null;

  function connect() {
    const address = new URL(streamUrl, location.href);
    const lastEventId = localStorage.getItem(NAME);
    if (lastEventId) address.searchParams.set("lastEventId", lastEventId);
    source = new EventSource(address);
    source.onopen = () => {
      failures = 0;
      // Without a place nobody knows what came between the page and its stream.
      tell(lastEventId ? {} : { type: "reset", data: {} });
    };
    source.onerror = failed;
    for (const type of EVENT_TYPES) source.addEventListener(type, pass);
  }

  function pass(event) {
    tell({ type: event.type, data: JSON.parse(event.data), lastEventId: event.lastEventId });
  }

  // After a refusal (503 while a process starts) an EventSource never tries again by itself.
  function failed() {
    source.close();
    failures += 1;
    const pause = Math.min(LONGEST_PAUSE, 1000 * 2 ** (failures - 1));
    timer = setTimeout(connect, pause * (0.5 + Math.random()));
  }

  setInterval(() => {
    if (source.readyState === EventSource.OPEN) tell({});
  }, BEAT);
  addEventListener("online", () => {
    clearTimeout(timer);
    source.close();
    connect();
  });
  connect();
}

/* --- Without a stream: one cheap look now and then ----------------------------------------- */

let etag = "";

async function lookAtSummary() {
  if (Date.now() - lastSign < LOST_AFTER) return;
  document.body.dataset.stream = "lost";
  if (!summaryUrl || document.hidden) return;
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(summaryUrl, { headers, cache: "no-store" }).catch(() => null);
  if (!answer || !answer.ok) return; // 304 too: nothing is new
  etag = answer.headers.get("ETag") || "";
  refreshWhatShows("reset", {});
}

/* --- What refreshes itself ----------------------------------------------------------------- */

/* By address, for the element is another one after each refresh: which will be fetched in a moment,
 * which are being fetched, and of which something came meanwhile, which the answer may not know. */
const waiting = new Set();
const underway = new Set();
const outdated = new Set();

function refreshWhatShows(type, data) {
  for (const element of document.querySelectorAll("[data-live-url]")) {
    if (type === "reset" || shows(element, data)) refreshSoon(element.dataset.liveUrl);
  }
}

function shows(element, { object_type: kind, object_id: id }) {
  const { live = "", liveType = "" } = element.dataset;
  return live === `${kind}:${id}` || liveType.split(" ").includes(kind);
}

/* Several events of one change make one fetch. */
function refreshSoon(address) {
  if (underway.has(address)) outdated.add(address);
  else if (!waiting.has(address)) {
    waiting.add(address);
    setTimeout(refreshNow, GATHER, address);
  }
}

async function refreshNow(address) {
  waiting.delete(address);
  underway.add(address);
  await refresh(address);
  underway.delete(address);
  if (outdated.delete(address)) refreshSoon(address);
}

async function refresh(address) {
  if (!standsAt(address) || isInUse(address)) return;
  const answer = await fetch(address, { cache: "no-store" }).catch(() => null);
  // A redirect leads to the sign-in page; what stands here stays until the reader moves on.
  if (!answer || !answer.ok || answer.redirected) return;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = parsed.body.firstElementChild;
  const element = standsAt(address);
  if (fresh && element && !isInUse(address)) replace(element, fresh);
}

function standsAt(address) {
  const all = [...document.querySelectorAll("[data-live-url]")];
  return all.find((element) => element.dataset.liveUrl === address);
}

/* Nobody loses what they are typing: it is refreshed when they leave the field. Nor what they press:
 * a button that is another one when the finger goes up does nothing. */
function isInUse(address) {
  const [element, field] = [standsAt(address), document.activeElement];
  const isBeingEdited = element.contains(field) && field.matches("input, textarea, select");
  const isPressed = element.matches(":active");
  if (isBeingEdited) {
    element.addEventListener("focusout", () => refreshSoon(address), { once: true });
  } else if (isPressed) {
    refreshSoon(address);
  }
  return isBeingEdited || isPressed;
}

function replace(element, fresh) {
  const focused = placeOfFocus(element);
  keepOpen(element, fresh);
  keepTyped(element, fresh);
  element.replaceWith(fresh);
  window.htmx?.process(fresh);
  focused(fresh)?.focus({ preventScroll: true });
  announce(fresh.dataset.liveMessage, element.dataset.liveMessage);
}

/* What the reader has unfolded stays so, as long as it is there. */
function keepOpen(element, fresh) {
  const title = (details) => details.querySelector("summary")?.textContent.trim();
  const opened = [...element.querySelectorAll("details[open]")].map(title);
  for (const details of fresh.querySelectorAll("details")) {
    if (opened.includes(title(details))) details.open = true;
  }
}

/* What they have typed or chosen and not sent goes along to the same form. */
function keepTyped(element, fresh) {
  const forms = [...fresh.querySelectorAll("form")];
  for (const form of element.querySelectorAll("form")) {
    const action = form.getAttribute("action");
    const same = forms.find((each) => each.getAttribute("action") === action);
    if (!same) continue;
    // What is wrong in it is said nowhere else.
    if (form.querySelector("[role=alert]")) same.replaceWith(form);
    else for (const field of form.elements) keepField(field, same);
  }
}

function keepField(field, form) {
  const twin = [...form.elements].find((each) => isTwin(each, field));
  if (!twin || !copyTouched(field, twin)) return;
  // What they had read when they wrote goes along: the server sees whether it still stands.
  const [read, stands] = [field.form, form].map((each) => each.elements[`initial-${field.name}`]);
  if (read && stands) stands.value = read.value;
}

function isTwin(one, other) {
  const isChoice = ["radio", "checkbox"].includes(other.type);
  return one.name === other.name && one.type === other.type && (!isChoice || one.value === other.value);
}

function copyTouched(field, twin) {
  const isTyped = field.matches("input:not([type=hidden]), textarea") && field.value !== field.defaultValue;
  if (field.checked !== field.defaultChecked) twin.checked = field.checked;
  else if (isTyped || field.matches("select")) twin.value = field.value;
  else return false;
  return true;
}

const FOCUSABLE = "a[href], button, summary, [tabindex]";

/* How to find, in the fresh element, what had the focus: by its id, or else by its order. */
function placeOfFocus(element) {
  const active = document.activeElement;
  if (!element.contains(active)) return () => null;
  const order = [...element.querySelectorAll(FOCUSABLE)].indexOf(active);
  return (fresh) =>
    (active.id && fresh.querySelector(`#${CSS.escape(active.id)}`)) ||
    fresh.querySelectorAll(FOCUSABLE)[order] ||
    null;
}

function announce(message, before) {
  const region = document.getElementById("live-status");
  if (region && message && message !== before) region.textContent = message;
}

/* --- Begin --------------------------------------------------------------------------------- */

if (streamUrl) {
  tabs.onmessage = (event) => hear(event.data);
  setInterval(lookAtSummary, BEAT);
  if (navigator.locks) {
    navigator.locks.request(NAME, () => new Promise(lead));
  } else {
    lead(); // an address without TLS: this tab on its own
  }
}
