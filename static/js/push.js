/* Notifications in this browser. The panel stays hidden where the browser has no push.
 *
 * <section data-push="VAPID key" data-push-devices="/api/v1/notifications/devices" hidden> with
 * [data-push-state="on|off|blocked"] shown in that state, [data-push-do="allow|stop"] on its buttons.
 */

const panel = document.querySelector("[data-push]");

function show(state) {
  for (const part of panel.querySelectorAll("[data-push-state]")) {
    part.hidden = part.dataset.pushState !== state;
  }
}

async function call(method, address, body) {
  const token = panel.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(address, {
    method,
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

/* The same subscription again is the same device: this also says its id. */
function register(subscription) {
  const body = { platform: "web", subscription: subscription.toJSON() };
  return call("POST", panel.dataset.pushDevices, body);
}

async function allow({ pushManager }) {
  const options = { userVisibleOnly: true, applicationServerKey: panel.dataset.push };
  if ((await Notification.requestPermission()) !== "granted") return showState();
  const subscription = await pushManager.subscribe(options);
  try {
    await register(subscription);
  } catch (error) {
    await subscription.unsubscribe();
    throw error;
  }
  return location.reload(); // with the choices of this channel
}

async function stop({ pushManager }) {
  const subscription = await pushManager.getSubscription();
  if (subscription) {
    const { id } = await register(subscription);
    await call("DELETE", `${panel.dataset.pushDevices.replace(/\/$/, "")}/${id}`);
    await subscription.unsubscribe();
  }
  location.reload();
}

async function showState() {
  const { pushManager } = await navigator.serviceWorker.ready;
  if (Notification.permission === "denied") show("blocked");
  else show((await pushManager.getSubscription()) ? "on" : "off");
}

const DOES = { allow, stop };

async function act({ currentTarget: button }) {
  const failed = panel.querySelector("[data-push-failed]");
  failed.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    await DOES[button.dataset.pushDo](await navigator.serviceWorker.ready);
  } catch {
    failed.hidden = false;
  }
  button.removeAttribute("aria-busy");
}

if (panel && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  for (const button of panel.querySelectorAll("[data-push-do]")) {
    button.addEventListener("click", act);
  }
  showState().then(() => (panel.hidden = false));
}
