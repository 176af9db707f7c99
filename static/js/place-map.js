/* Areas on a map, for whoever would rather look than read. Without this script their list is all.
 *
 * <place-map data-label data-zoom-in data-zoom-out data-tiles data-attribution> draws the [data-at]
 * of its section: data-at "latitude,longitude", data-box "south,west,north,east", data-number and
 * data-name. Each mark does what the link in its row does; keys and screen readers have the list.
 */

class PlaceMap extends HTMLElement {
  connectedCallback() {
    const rows = [...this.parentElement.querySelectorAll("[data-at]")];
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", this.dataset.label);
    this.map = this.draw();
    rows.forEach((row) => this.mark(row));
    const bounds = L.latLngBounds(rows.flatMap((row) => corners(row)));
    this.map.on("zoomend", () => this.thin());
    this.map.fitBounds(bounds, { padding: [this.clientWidth / 8, 32], maxZoom: 15 });
    this.thin();
  }

  draw() {
    const map = L.map(this, {
      attributionControl: Boolean(this.dataset.tiles),
      // One finger scrolls the page, two move the map.
      dragging: !L.Browser.mobile,
      keyboard: false,
      scrollWheelZoom: false,
      zoomControl: false,
      zoomSnap: 0.25,
    });
    const { zoomIn: zoomInTitle, zoomOut: zoomOutTitle } = this.dataset;
    L.control.zoom({ zoomInTitle, zoomOutTitle }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    if (this.dataset.tiles) {
      L.tileLayer(this.dataset.tiles, { attribution: this.dataset.attribution }).addTo(map);
    }
    return map;
  }

  // Where names would hide each other the numbers stand alone.
  thin() {
    this.classList.remove("map--crowded");
    const marks = [...this.querySelectorAll(".map__mark > span")];
    const boxes = marks.map((mark) => mark.getBoundingClientRect());
    const isCrowded = boxes.some((box, n) => boxes.slice(n + 1).some((other) => meet(box, other)));
    this.classList.toggle("map--crowded", isCrowded);
  }

  mark(row) {
    const link = row.querySelector("a");
    L.rectangle(corners(row), { className: "map__area", interactive: false }).addTo(this.map);
    const icon = L.divIcon({ className: "map__mark", html: label(row.dataset), iconSize: null });
    const marker = L.marker(row.dataset.at.split(","), { icon, keyboard: false }).addTo(this.map);
    const point = (isNear) => {
      row.classList.toggle("area--near", isNear);
      marker.getElement().classList.toggle("map__mark--near", isNear);
      marker.setZIndexOffset(isNear ? 1000 : 0);
    };
    marker.on("click", () => link.click());
    marker.on("mouseover", () => point(true)).on("mouseout", () => point(false));
    for (const type of ["mouseenter", "focusin"]) row.addEventListener(type, () => point(true));
    for (const type of ["mouseleave", "focusout"]) row.addEventListener(type, () => point(false));
  }
}

function corners(row) {
  const [south, west, north, east] = row.dataset.box.split(",");
  return [[south, west], [north, east]];
}

function meet(one, other) {
  const isBeside = one.right <= other.left || other.right <= one.left;
  return !isBeside && one.top < other.bottom && other.top < one.bottom;
}

function label({ number, name }) {
  const mark = document.createElement("span");
  const [count, words] = [document.createElement("b"), document.createElement("span")];
  count.textContent = number;
  words.textContent = ` ${name}`;
  mark.setAttribute("aria-hidden", "true");
  mark.append(count, words);
  return mark;
}

customElements.define("place-map", PlaceMap);
