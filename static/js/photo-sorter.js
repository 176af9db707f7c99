/* The order of a listing's photos. Without this script the server moves a photo for each press.
 *
 * <photo-sorter> around a list [data-photos] of [data-photo], each with a hidden input `order` and
 * buttons `move` ("<id>:earlier", "<id>:later", "<id>:first") of one form. With the script a photo
 * moves at once, also by dragging its picture, and the form is posted behind it. Afterwards
 * `photos-changed` lets the list fetch itself: the cover may be another one.
 */

// The list may be replaced after a move; the new one gives the focus back.
let pressed = null;

class PhotoSorter extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("[data-photos]");
    this.form = this.querySelector('[name="order"]').form;
    this.saved = Promise.resolve();
    this.waiting = 0;
    this.form.addEventListener("submit", (event) => this.press(event));
    this.dragging();
    focusAgain(this);
  }

  press(event) {
    if (event.submitter?.name !== "move") return;
    event.preventDefault();
    pressed = event.submitter.value;
    this.move(event.submitter.closest("[data-photo]"), pressed.split(":")[1]);
    focusAgain(this);
    this.save();
  }

  move(photo, where) {
    if (where === "earlier") photo.previousElementSibling?.before(photo);
    else if (where === "later") photo.nextElementSibling?.after(photo);
    else this.list.prepend(photo);
    this.showEnds();
  }

  /* The first cannot go forward, the last cannot go back. */
  showEnds() {
    const photos = [...this.list.children];
    photos.forEach((photo, place) => {
      photo.querySelector('[value$=":earlier"]').disabled = place === 0;
      photo.querySelector('[value$=":later"]').disabled = place === photos.length - 1;
    });
  }

  /* One after the other, or an older order could come last. */
  save() {
    const order = new FormData(this.form);
    this.waiting += 1;
    this.saved = this.saved.then(() => this.post(order));
  }

  async post(order) {
    const answer = await fetch(this.form.action, {
      method: "POST",
      body: order,
      redirect: "manual",
    }).catch(() => null);
    this.waiting -= 1;
    if (answer?.type === "opaqueredirect") {
      if (!this.waiting) document.dispatchEvent(new CustomEvent("photos-changed"));
    } else if (answer) {
      this.form.submit(); // the page that comes says why
    }
  }

  dragging() {
    let dragged = null;
    for (const picture of this.list.querySelectorAll(".photo__picture")) picture.draggable = true;
    this.list.addEventListener("dragstart", ({ target, dataTransfer }) => {
      dragged = target.closest("[data-photo]");
      dragged.classList.add("photo--moving");
      dataTransfer.effectAllowed = "move";
    });
    this.list.addEventListener("dragover", (event) => {
      const over = event.target.closest("[data-photo]");
      if (!dragged || !over) return;
      event.preventDefault();
      if (over !== dragged) putBeside(dragged, over);
    });
    // Firefox would open the picture that is dropped.
    this.list.addEventListener("drop", (event) => event.preventDefault());
    this.list.addEventListener("dragend", () => {
      if (!dragged) return;
      dragged.classList.remove("photo--moving");
      dragged = null;
      this.showEnds();
      this.save();
    });
  }
}

function putBeside(photo, over) {
  const isBefore = photo.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
  if (isBefore) over.after(photo);
  else over.before(photo);
}

/* On the button that was pressed, or beside it when it cannot be pressed any more. */
function focusAgain(sorter) {
  const button = pressed && sorter.querySelector(`[name="move"][value="${pressed}"]`);
  if (!button) return;
  const other = button.closest("[data-photo]").querySelector('[name="move"]:not([disabled])');
  (button.disabled ? other : button)?.focus();
}

document.addEventListener("focusin", ({ target }) => {
  if (target.name !== "move") pressed = null;
});

customElements.define("photo-sorter", PhotoSorter);
