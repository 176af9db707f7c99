/* The deck without a new page for each swipe. Every gesture and key presses a button that is there:
 * without this script the same buttons work by themselves.
 *
 * <people-deck> holds the forms; a button with data-key is pressed by that key while the deck has
 * the focus. After each step the deck fetches itself: [data-first] gets the focus, and its
 * data-message is read out.
 */

const FAR_ENOUGH = 90;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

class PeopleDeck extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => this.step(event));
    if (this.classList.contains("deck--list")) return;
    this.addEventListener("keydown", (event) => this.press(event));
    this.addEventListener("pointerdown", (event) => this.take(event));
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const button = this.querySelector(`[data-key="${CSS.escape(key)}"]:not([disabled])`);
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  async step(event) {
    const form = event.target;
    if (form.method !== "post") return;
    event.preventDefault();
    if (this.isBusy) return;
    this.isBusy = true;
    const body = new FormData(form);
    if (event.submitter?.name) body.set(event.submitter.name, event.submitter.value);
    // A button named "action" hides form.action. The header goes along with the redirect, and the
    // page answers with the deck alone.
    const address = form.getAttribute("action");
    const answer = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
    this.isBusy = false;
    const fresh = answer && deckIn(await answer.text());
    if (!fresh) {
      // Signed out, or something that only a page can say.
      if (answer?.redirected) location.assign(answer.url);
      else HTMLFormElement.prototype.submit.call(withSubmitter(form, event.submitter));
      return;
    }
    this.replaceWith(fresh);
    greet(fresh);
  }

  /* --- By finger and mouse ---------------------------------------------------------------------- */

  take(event) {
    const card = event.target.closest("[data-card]");
    if (!card || event.button || event.target.closest("a, button")) return;
    const from = event.clientX;
    let moved = 0;
    const move = (to) => {
      moved = to.clientX - from;
      if (calm.matches) return;
      card.style.setProperty("--drag", `${moved}px`);
      card.style.setProperty("--tilt", `${moved / 30}deg`);
    };
    const drop = (end) => {
      card.removeEventListener("pointermove", move);
      card.style.removeProperty("--drag");
      card.style.removeProperty("--tilt");
      if (end.type === "pointerup" && Math.abs(moved) > FAR_ENOUGH) {
        card.querySelector(`[data-key="${moved > 0 ? "ArrowRight" : "ArrowLeft"}"]`).click();
      }
    };
    card.setPointerCapture(event.pointerId);
    card.addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"]) card.addEventListener(end, drop, { once: true });
  }
}

function deckIn(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("people-deck");
}

/* submit() leaves the pressed button out, and with it what was meant. */
function withSubmitter(form, button) {
  if (button?.name) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value });
    form.append(field);
  }
  return form;
}

function greet(deck) {
  const first = deck.querySelector("[data-first]");
  if (!first) return;
  first.focus({ preventScroll: true });
  first.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  const region = document.getElementById("live-status");
  if (region) region.textContent = first.dataset.message || first.textContent.trim().replace(/\s+/g, " ");
}

customElements.define("people-deck", PeopleDeck);
