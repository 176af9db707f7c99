/* Small comforts of every page. Each works on what carries its `data-` hook, whenever it came in. */

const ANSWERED_BY = 15_000; // after that the reader may send a form again
const TOAST_FOR = 4_000;

const liveStatus = document.getElementById("live-status");

/* --- Ask before what cannot be taken back: data-confirm on a form or its button ------------- */

const confirmed = new WeakSet();

async function ask(question, answer) {
  const dialog = document.getElementById("confirm-dialog");
  const yes = dialog.querySelector("[data-answer]");
  yes.dataset.usual ??= yes.textContent;
  dialog.querySelector("[data-question]").textContent = question;
  yes.textContent = answer || yes.dataset.usual;
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "yes";
}

async function confirmFirst(event) {
  const { target: form, submitter } = event;
  if (confirmed.delete(form)) return;
  const { confirm, confirmAnswer } = submitter?.dataset.confirm ? submitter.dataset : form.dataset;
  if (!confirm) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await ask(confirm, confirmAnswer)) || !form.isConnected) return;
  confirmed.add(form);
  // Where there is no dialog, the server asks before it acts.
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed", value: "1" }));
  form.requestSubmit(submitter);
}

// While it comes down, so that nothing else has sent the form before the answer.
document.addEventListener("submit", confirmFirst, { capture: true });

/* --- A POST goes out once; data-resubmit lets a form go again ------------------------------ */

function sendOnce(event) {
  const { target: form, submitter } = event;
  if (form.method !== "post" || "resubmit" in form.dataset) return;
  if ("sent" in form.dataset) {
    event.preventDefault();
    return;
  }
  // A script that took the form over has its own way of waiting.
  if (event.defaultPrevented) return;
  form.dataset.sent = "";
  submitter?.setAttribute("aria-busy", "true");
  setTimeout(release, ANSWERED_BY, form);
}

function release(form) {
  delete form.dataset.sent;
  for (const control of form.elements) control.removeAttribute("aria-busy");
}

document.addEventListener("submit", sendOnce);
// The back button shows the page as it was left, with its forms sent.
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

/* --- Fields: data-count -------------------------------------------------------------------- */

const COUNTED = "[data-count][maxlength]";

function showCount(field) {
  let counter = field.nextElementSibling;
  if (!counter?.matches(".field__count")) {
    counter = document.createElement("p");
    counter.className = "field__count";
    counter.setAttribute("aria-hidden", "true"); // a screen reader knows maxlength by itself
    field.after(counter);
  }
  counter.textContent = `${field.value.length} / ${field.maxLength}`;
}

document.addEventListener("input", ({ target }) => {
  if (target.matches(COUNTED)) showCount(target);
});

/* --- Buttons: data-share, data-share-text, data-copy, data-dismiss ----------------------------- */

function toast(sentence) {
  const note = document.createElement("div");
  const words = document.createElement("p");
  words.textContent = liveStatus.textContent = sentence;
  note.className = "toast";
  note.append(words);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), TOAST_FOR);
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast(liveStatus.dataset.copied);
}

/* The address in data-share, or else that of the page. */
function share(button) {
  const url = button.dataset.share || location.href;
  return navigator.share ? openSheet({ title: document.title, url }) : copy(url);
}

function openSheet(data) {
  // Closing the sheet without sharing is no failure.
  return navigator.share(data).catch(() => null);
}

const ON_CLICK = {
  "[data-share]": share,
  // Alone: the address of a page may be more than a friend should have.
  "[data-share-text]": (button) => openSheet({ text: button.dataset.shareText }),
  "[data-copy]": (button) => copy(button.dataset.copy),
  "[data-dismiss]": (button) => button.closest("[data-toast]").remove(),
};

document.addEventListener("click", ({ target }) => {
  for (const [hook, act] of Object.entries(ON_CLICK)) {
    const button = target.closest(hook);
    if (button) act(button);
  }
});

/* --- Menus close when one goes elsewhere --------------------------------------------------- */

function closeMenusBut(target) {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
}

document.addEventListener("click", ({ target }) => closeMenusBut(target));
document.addEventListener("focusin", ({ target }) => closeMenusBut(target));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

/* --- What only a script can do shows only with one ----------------------------------------- */

function enhance(root) {
  const show = (hook, isPossible) =>
    root.querySelectorAll(hook).forEach((button) => (button.hidden = !isPossible));
  show("[data-dismiss]", true);
  show("[data-share]", Boolean(navigator.share || navigator.clipboard));
  show("[data-share-text]", Boolean(navigator.share));
  show("[data-copy]", Boolean(navigator.clipboard));
  root.querySelectorAll(COUNTED).forEach(showCount);
  for (const input of root.querySelectorAll("[data-timezone]")) {
    input.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}

/* The rows behind "Show more" take the focus of the link that they replace. */
function greetMore(root) {
  const first = root.closest("[data-more]") ?? root.querySelector("[data-more]");
  if (!first) return;
  liveStatus.textContent = first.dataset.more;
  first.removeAttribute("data-more");
  first.querySelector("a").focus();
}

enhance(document);
// Fragments that come later, by htmx itself or by stream.js.
document.addEventListener("htmx:after:process", ({ target }) => {
  enhance(target);
  greetMore(target);
});

/* --- What a reader leaves behind goes with them: drafts of messages ------------------------ */

document.addEventListener("submit", ({ target }) => {
  if (new URL(target.getAttribute("action") ?? "", location.href).pathname !== "/logout/") return;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("ghar-draft-")) localStorage.removeItem(key);
  }
});

/* --- data-unless-seen: a button at the edge rests while its twin in the page is in sight ------ */

for (const bar of document.querySelectorAll("[data-unless-seen]")) {
  const twin = document.querySelector(bar.dataset.unlessSeen);
  if (twin) new IntersectionObserver(([{ isIntersecting }]) => (bar.inert = isIntersecting)).observe(twin);
}

/* --- Without a network --------------------------------------------------------------------- */

function showConnection() {
  document.body.toggleAttribute("data-offline", !navigator.onLine);
}

addEventListener("online", showConnection);
addEventListener("offline", showConnection);
showConnection();

// Browsers refuse it in private windows, and where the address has no TLS.
navigator.serviceWorker?.register("/sw.js").catch(() => null);
