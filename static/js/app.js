/* Small comforts of every page. Each works on what carries its `data-` hook, whenever it came in. */

const CONFIRMED = new WeakSet();
const SENT_FOR = 15_000; // by then an answer is here, or the reader may try again

/* --- Ask before what cannot be taken back: data-confirm on a form or its button ------------- */

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
  if (CONFIRMED.delete(form)) return;
  const { confirm, confirmAnswer } = submitter?.dataset.confirm ? submitter.dataset : form.dataset;
  if (!confirm) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await ask(confirm, confirmAnswer)) || !form.isConnected) return;
  CONFIRMED.add(form);
  form.requestSubmit(submitter);
}

/* --- A POST goes out once ------------------------------------------------------------------ */

function guardAgainstTwice(event) {
  const { target: form, submitter } = event;
  if (form.method !== "post" || "resubmit" in form.dataset) return;
  if ("sent" in form.dataset) {
    event.preventDefault();
    return;
  }
  // After this tick: a script may have taken the form over, and a busy button must still be sent.
  setTimeout(() => {
    if (event.defaultPrevented) return;
    form.dataset.sent = "";
    submitter?.setAttribute("aria-busy", "true");
    setTimeout(release, SENT_FOR, form);
  });
}

function release(form) {
  delete form.dataset.sent;
  for (const button of form.elements) button.removeAttribute("aria-busy");
}

// Not delegated from the bubble: stopImmediatePropagation must keep htmx and the guard waiting.
document.addEventListener("submit", confirmFirst, { capture: true });
document.addEventListener("submit", guardAgainstTwice);
// The back button shows the page as it was left, its sent forms included.
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

/* --- How many characters are left: data-count ---------------------------------------------- */

function showCount(field) {
  let counter = field.nextElementSibling;
  if (!counter?.matches(".field__count")) {
    counter = document.createElement("p");
    counter.className = "field__count";
    counter.setAttribute("aria-hidden", "true"); // maxlength speaks for itself
    field.after(counter);
  }
  counter.textContent = `${field.value.length} / ${field.maxLength}`;
}

function countAll(root) {
  root.querySelectorAll("[data-count][maxlength]").forEach(showCount);
}

/* --- Sharing, copying, dismissing ---------------------------------------------------------- */

const canCopy = Boolean(navigator.clipboard);

function say(sentence) {
  document.getElementById("live-status").textContent = sentence;
}

async function copy(text, button) {
  await navigator.clipboard.writeText(text);
  const { copied } = document.body.dataset;
  const label = button.querySelector("[data-label]") || button;
  const before = label.textContent;
  say(copied);
  label.textContent = copied;
  setTimeout(() => (label.textContent = before), 2500);
}

function share(button) {
  const page = { title: document.title, url: location.href };
  // Closing the sheet again is no failure.
  return navigator.share ? navigator.share(page).catch(() => null) : copy(page.url, button);
}

function copyFrom(button) {
  const source = document.querySelector(button.dataset.copy);
  return copy(source.href || source.value || source.textContent.trim(), button);
}

function dismiss(button) {
  button.closest("[data-toast]").remove();
}

const CLICKS = [
  ["[data-share]", share],
  ["[data-copy]", copyFrom],
  ["[data-dismiss]", dismiss],
];

document.addEventListener("click", ({ target }) => {
  for (const [hook, act] of CLICKS) {
    const button = target.closest(hook);
    if (button) act(button);
  }
  closeMenus(target);
});

/* --- Menus close when one looks elsewhere -------------------------------------------------- */

function closeMenus(target) {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
}

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("focusin", ({ target }) => closeMenus(target));

/* --- Fields -------------------------------------------------------------------------------- */

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-count][maxlength]")) showCount(target);
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("select[data-autosubmit]")) target.form.requestSubmit();
});

/* --- What only a script can do is shown only with one -------------------------------------- */

function enhance(root) {
  countAll(root);
  root.querySelectorAll("[data-dismiss]").forEach((button) => (button.hidden = false));
  root.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = !canCopy));
  const canShare = canCopy || Boolean(navigator.share);
  root.querySelectorAll("[data-share]").forEach((button) => (button.hidden = !canShare));
}

enhance(document);
document.addEventListener("htmx:after:swap", () => enhance(document));

/* --- Offline ------------------------------------------------------------------------------- */

function showConnection() {
  document.body.toggleAttribute("data-offline", !navigator.onLine);
}

addEventListener("online", showConnection);
addEventListener("offline", showConnection);
showConnection();

if (navigator.serviceWorker) {
  // Refused in private windows and where storage is full; the site works without it.
  navigator.serviceWorker.register("/sw.js").catch(() => null);
}
