/* A chat that feels instant: what one writes stands there at once, what the other writes comes by
 * itself, and a draft survives the closing of the tab. Without this script the form is a form.
 */

const chat = document.querySelector("[data-chat]");
const list = chat.querySelector("[data-messages]");
const DRAFT = `ghar-draft-${chat.dataset.chat}`;
const PICTURE_EVERY = 1500;
const LOOK_AGAIN = 3000;

const composer = () => document.querySelector("[data-composer]");
const form = () => composer().querySelector("[data-send]");
const newest = () => Math.max(0, ...[...list.querySelectorAll("[data-number]")].map((row) => +row.dataset.number));

/* --- Drafts -------------------------------------------------------------------------------- */

function restoreDraft() {
  const field = form()?.elements.body;
  if (field && !field.value) field.value = localStorage.getItem(DRAFT) || "";
}

document.addEventListener("input", ({ target }) => {
  if (target.form && target.form === form() && target.name === "body") localStorage.setItem(DRAFT, target.value);
});

/* --- What is new --------------------------------------------------------------------------- */

function append(html) {
  const fresh = new DOMParser().parseFromString(`<ol>${html}</ol>`, "text/html");
  const wasAtEnd = chat.scrollTop + chat.clientHeight > chat.scrollHeight - 80;
  for (const row of fresh.querySelectorAll("li")) {
    const { number, clientId } = row.dataset;
    if (number && list.querySelector(`[data-number="${number}"]`)) continue;
    if (clientId) list.querySelector(`[data-waiting="${CSS.escape(clientId)}"]`)?.remove();
    if (number) chat.querySelector("[data-no-messages]")?.remove();
    list.append(row);
    if (number && !clientId) announce(row);
  }
  if (wasAtEnd) chat.scrollTop = chat.scrollHeight;
}

function announce(row) {
  const words = row.querySelector(".message__body")?.textContent;
  if (words) document.getElementById("live-status").textContent = words;
}

let looking = Promise.resolve();
let again;

/* One look at a time, so that no message comes in twice; one that fails is repeated. */
function look() {
  looking = looking.then(lookNow).catch(() => {
    clearTimeout(again);
    again = setTimeout(look, LOOK_AGAIN);
  });
}

async function lookNow() {
  const answer = await fetch(`?after=${newest()}`, { cache: "no-store" });
  if (answer.status >= 500) throw new Error(answer.statusText);
  if (answer.status === 404) close();
  if (!answer.ok || answer.redirected) return;
  append(await answer.text());
  read();
}

/* The conversation is not there any more for the reader: what was read stays on the screen. */
function close() {
  const words = document.createElement("p");
  words.className = "notice";
  words.setAttribute("role", "alert");
  words.textContent = chat.dataset.closed;
  composer().replaceChildren(words);
}

async function read() {
  const marking = document.querySelector("[data-read]");
  if (document.hidden || !newest()) return;
  const token = (marking || form() || document.querySelector("form")).querySelector("[name=csrfmiddlewaretoken]");
  if (!token || lastRead === newest()) return;
  lastRead = newest();
  const body = new URLSearchParams({ csrfmiddlewaretoken: token.value });
  await fetch(`${location.pathname}read/`, { method: "POST", body }).catch(() => null);
}

let lastRead = 0;

document.addEventListener("ghar:event", ({ detail: { type, data } }) => {
  const isHere = data.route === location.pathname || type === "reset";
  if (isHere && ["new_message", "conversation_updated", "reset"].includes(type)) look();
});
document.addEventListener("visibilitychange", read);

/* --- Sending ------------------------------------------------------------------------------- */

function waiting(id, words) {
  const row = document.createElement("li");
  row.className = "message message--mine message--waiting";
  row.dataset.waiting = id;
  const body = document.createElement("p");
  body.className = "message__body";
  body.textContent = words;
  row.append(body);
  list.append(row);
  chat.scrollTop = chat.scrollHeight;
  return row;
}

async function post(data, row) {
  list.querySelector("[data-refused]")?.remove();
  const answer = await fetch(`?after=${newest()}`, { method: "POST", body: data }).catch(() => null);
  if (!answer || answer.status >= 500 || answer.redirected) {
    offerAgain(row, data);
    return;
  }
  if (!answer.ok) row.remove();
  append(await answer.text());
  if (!answer.ok && !form().elements.body.value) form().elements.body.value = data.get("body");
}

function offerAgain(row, data) {
  const again = document.createElement("button");
  again.type = "button";
  again.className = "button button--quiet button--small";
  again.textContent = chat.dataset.again;
  const note = document.createElement("p");
  note.setAttribute("role", "alert");
  note.append(chat.dataset.notSent, " ", again);
  again.addEventListener("click", () => {
    note.remove();
    post(data, row);
  });
  row.append(note);
}

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  const { elements } = event.target;
  const words = elements.body.value.trim();
  if (!words && !elements.attachment_id?.value) return;
  const data = new FormData(event.target);
  const row = waiting(elements.client_msg_id.value, words || "…");
  elements.body.value = "";
  localStorage.removeItem(DRAFT);
  elements.client_msg_id.value = crypto.randomUUID();
  event.target.querySelector(".message__picture")?.remove();
  elements.attachment_id?.remove();
  post(data, row);
});

/* Enter sends, Shift+Enter makes a line; on a phone the button does. */
document.addEventListener("keydown", (event) => {
  const isBody = event.target.name === "body" && event.target.form === form();
  if (!isBody || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  if (matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  form().requestSubmit();
});

/* --- A picture on its way ------------------------------------------------------------------ */

async function watchPicture() {
  if (!composer().querySelector("[data-picture-waiting]")) return;
  await new Promise((resolve) => setTimeout(resolve, PICTURE_EVERY));
  const answer = await fetch(location.pathname, { cache: "no-store" }).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const draft = form()?.elements.body.value;
    composer().replaceWith(page.querySelector("[data-composer]"));
    if (draft && form()) form().elements.body.value = draft;
  }
  watchPicture();
}

chat.scrollTop = chat.scrollHeight;
restoreDraft();
read();
watchPicture();
