/* One time: a suggested one or one that is typed, and what is chosen said below them.
 *
 * <fieldset data-times> around radio buttons named `slot` with data-said, one of them empty for
 * what is typed in the fields `day` and `time`, and [data-said-here] with a <strong>. Fragments come
 * later too, so the document listens.
 */

function slots(picker) {
  return [...picker.querySelectorAll("[name=slot]")];
}

function typed(picker) {
  return ["day", "time"].map((name) => picker.querySelector(`[name=${name}]`));
}

/* As it was typed: the clock of the place, whatever the clock here says. */
function inWords([day, time]) {
  const date = day.valueAsDate?.toLocaleDateString(document.documentElement.lang, {
    weekday: "long", day: "numeric", month: "long", timeZone: "UTC",
  });
  return [date, time.value].filter(Boolean).join(", ");
}

function say(picker) {
  const chosen = slots(picker).find((slot) => slot.checked);
  const words = chosen?.value ? chosen.dataset.said : inWords(typed(picker));
  const place = picker.querySelector("[data-said-here]");
  place.hidden = !words;
  place.querySelector("strong").textContent = words;
}

function keepOne({ target }) {
  const picker = target.closest("[data-times]");
  if (!picker) return;
  if (target.name === "slot" && target.value) {
    for (const field of typed(picker)) field.value = "";
  } else if (typed(picker).includes(target) && target.value) {
    slots(picker).find((slot) => !slot.value).checked = true;
  }
  say(picker);
}

/* Another place may lie in another time zone, and the times are those of its clock. */
async function showTimesOf({ target: place }) {
  if (place.name !== "place") return;
  const picker = place.form.querySelector("[data-times]");
  const answer = await fetch(`?place=${encodeURIComponent(place.value)}`).catch(() => null);
  if (!answer?.ok || !place.checked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-times]");
  const chosen = slots(picker).find((slot) => slot.checked && slot.value)?.value;
  picker.replaceWith(fresh);
  const same = slots(fresh).find((slot) => slot.value && slot.value === chosen);
  if (same) same.checked = true;
  say(fresh);
}

document.addEventListener("change", showTimesOf);
document.addEventListener("input", keepOne);
document.querySelectorAll("[data-times]").forEach(say);
