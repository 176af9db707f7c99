/* Photos go up one by one, each with its meter. Without this script the form sends all at once.
 *
 * <photo-upload data-max-bytes="…" data-too-large="a sentence" data-lost="a sentence"> around a
 * multipart form with <input type="file" name="file" multiple>. After each photo `photos-changed`
 * goes to the document.
 */

class PhotoUpload extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.form.elements.file;
    this.rows = document.createElement("ul");
    this.rows.className = "stack stack--s";
    this.form.after(this.rows);
    this.sent = Promise.resolve();
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.dropping();
  }

  submit(event) {
    if (!this.input.files.length) return; // the server says what is missing
    event.preventDefault();
    this.take(this.input.files);
    this.input.value = "";
  }

  take(files) {
    for (const file of files) {
      const row = new Row(file.name);
      this.rows.append(row.element);
      this.sent = this.sent.then(() => this.send(file, row));
    }
  }

  async send(file, row) {
    if (file.size > Number(this.dataset.maxBytes)) {
      row.fail(this.dataset.tooLarge);
      return;
    }
    const data = new FormData(this.form);
    data.set(this.input.name, file);
    const answer = await post(this.form.action, data, (share) => row.show(share));
    // A redirect to anywhere else is the sign-in page.
    if (answer.status === 200 && answer.responseURL !== this.form.action) {
      location.assign(answer.responseURL);
    } else if (answer.status === 200) {
      row.element.remove();
      document.dispatchEvent(new CustomEvent("photos-changed"));
    } else {
      row.fail(reasonIn(answer.responseText) || this.dataset.lost);
    }
  }

  dropping() {
    const mark = (isOver) => this.form.classList.toggle("drop--over", isOver);
    this.form.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      mark(true);
    });
    this.form.addEventListener("dragleave", () => mark(false));
    this.form.addEventListener("drop", (event) => {
      event.preventDefault();
      mark(false);
      this.take(event.dataTransfer.files);
    });
  }
}

/* One photo on its way. */
class Row {
  constructor(name) {
    this.element = document.createElement("li");
    this.meter = document.createElement("progress");
    this.meter.className = "meter";
    this.meter.max = 1;
    this.meter.value = 0;
    this.meter.setAttribute("aria-label", name);
    this.element.append(name, this.meter);
  }

  show(share) {
    this.meter.value = share;
  }

  fail(reason) {
    const words = document.createElement("p");
    words.className = "field__error";
    words.setAttribute("role", "alert");
    words.textContent = reason;
    this.meter.replaceWith(words);
  }
}

/* fetch does not tell how far an upload has come. */
function post(url, data, onProgress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded / total));
    request.addEventListener("loadend", () => resolve(request));
    request.open("POST", url);
    request.send(data);
  });
}

/* The sentences of the notice on the page that refuses, or the page's heading. */
function reasonIn(page) {
  const parsed = new DOMParser().parseFromString(page, "text/html");
  const words = [...parsed.querySelectorAll("[role=alert] p")];
  if (!words.length) return parsed.querySelector("h1")?.textContent.trim() || "";
  return words.map((each) => each.textContent.trim()).join(" ");
}

customElements.define("photo-upload", PhotoUpload);
