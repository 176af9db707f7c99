/* Times for a viewing: one row to begin with and more on demand. Without this script all rows show.
 *
 * <time-picker> around rows [data-option-row] with [data-row-title], a button [data-add-row] and a
 * <template data-remove-template> with the button that takes a row away.
 */

class TimePicker extends HTMLElement {
  connectedCallback() {
    this.rows = [...this.querySelectorAll("[data-option-row]")];
    this.titles = this.rows.map((row) => titleOf(row).textContent);
    this.addButton = this.querySelector("[data-add-row]");
    this.addButton.addEventListener("click", () => this.add());
    this.rows.slice(1).forEach((row) => {
      row.hidden = isEmpty(row);
      row.querySelector(".time-row__head").append(this.removeButton(row));
    });
    this.show();
  }

  removeButton(row) {
    const template = this.querySelector("[data-remove-template]");
    const button = template.content.firstElementChild.cloneNode(true);
    button.addEventListener("click", () => this.remove(row));
    return button;
  }

  add() {
    const row = this.rows.find((each) => each.hidden);
    const shown = this.shown();
    row.hidden = false;
    shown.at(-1).after(row);
    this.show();
    row.querySelector("input").focus();
  }

  remove(row) {
    row.hidden = true;
    for (const field of row.querySelectorAll("input")) field.value = "";
    this.show();
    this.addButton.focus();
  }

  shown() {
    return [...this.querySelectorAll("[data-option-row]:not([hidden])")];
  }

  show() {
    const shown = this.shown();
    shown.forEach((row, place) => (titleOf(row).textContent = this.titles[place]));
    this.addButton.hidden = shown.length === this.rows.length;
  }
}

function titleOf(row) {
  return row.querySelector("[data-row-title]");
}

function isEmpty(row) {
  return [...row.querySelectorAll("input")].every((field) => !field.value);
}

customElements.define("time-picker", TimePicker);
