/* Buttons and a count for a strip of photos. Without this script it scrolls and snaps by itself.
 *
 * <gallery-strip class="gallery" data-back="Previous photo" data-next="Next photo"> around
 * [.gallery__track], whose children are the photos.
 */

class GalleryStrip extends HTMLElement {
  connectedCallback() {
    this.track = this.querySelector(".gallery__track");
    this.photos = [...this.track.children];
    if (this.photos.length < 2) return;
    this.back = this.button("back", "chevron-left", () => this.go(-1));
    this.next = this.button("next", "chevron-right", () => this.go(1));
    this.count = document.createElement("p");
    this.count.className = "gallery__count";
    this.count.setAttribute("aria-hidden", "true");
    this.append(this.back, this.next, this.count);
    this.track.addEventListener("scroll", () => this.show(), { passive: true });
    this.show();
  }

  button(name, picture, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `button button--icon gallery__button gallery__button--${name}`;
    button.setAttribute("aria-label", this.dataset[name]);
    button.append(icon(picture));
    button.addEventListener("click", act);
    return button;
  }

  /* From the left edge of one photo to that of the next. */
  get step() {
    return this.photos[1].offsetLeft - this.photos[0].offsetLeft;
  }

  go(direction) {
    this.track.scrollBy({ left: direction * this.step });
  }

  show() {
    const { scrollLeft, clientWidth, scrollWidth } = this.track;
    const isAtEnd = scrollLeft + clientWidth >= scrollWidth - 2;
    const place = isAtEnd ? this.photos.length : Math.round(scrollLeft / this.step) + 1;
    this.count.textContent = `${place} / ${this.photos.length}`;
    this.switch(this.back, this.next, scrollLeft <= 2);
    this.switch(this.next, this.back, isAtEnd);
  }

  /* A button that goes away hands its focus to the other. */
  switch(button, other, isOff) {
    const hadFocus = document.activeElement === button;
    button.disabled = isOff;
    if (isOff && hadFocus) other.focus();
  }
}

const SVG = "http://www.w3.org/2000/svg";

/* As the tag {% icon %} draws it; where the drawings are, the page shows. */
function icon(name) {
  const [sprite] = document.querySelector("use").getAttribute("href").split("#");
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

customElements.define("gallery-strip", GalleryStrip);
