// The outbox: a quick record (记一家) that found no network waits in localStorage and is sent later, exactly once.
//
//   window.outbox.all()            the records of this person: {key, data, at, state, told, ...}
//   window.outbox.put(data, key)   keep one; with the key of one that is there, in its place
//   window.outbox.drop(key)        give one up
//   window.outbox.send()           send what waits; `send(key)` also one that was refused
//
// Every record has a key made here. It goes with it as Idempotency-Key: when the answer to the first sending was
// lost, the second is answered with the first result and writes nothing (crm/api/idempotency.py). A record that was
// changed gets a new key, since it is another statement. What was sent stays as it was sent, the hour included.
//
// A record belongs to who wrote it: another person at this browser is told how many wait, never what they say.
(function () {
  const PERSON = "unsent-person", BOX = "unsent:", LOST = "unsent-lost";
  const FIELDS = ["company_name", "contact_name", "contact_phone", "roadshow", "next_contact_on", "content", "next_step"];
  const EVERY = 60 * 1000;
  let sending = null;

  function store(act) {
    try {
      return act(window.localStorage);
    } catch (error) {
      return null; // switched off or full; who keeps something looks whether it was kept
    }
  }
  const read = (key) => store((kept) => JSON.parse(kept.getItem(key)));
  const write = (key, value) => store((kept) => (kept.setItem(key, JSON.stringify(value)), true)) === true;

  const person = () => read(PERSON);
  const all = () => (person() && read(BOX + person().id)) || [];

  function save(records) {
    const done = records.length ? write(BOX + person().id, records) : store((kept) => (kept.removeItem(BOX + person().id), true));
    document.dispatchEvent(new CustomEvent("outbox"));
    return done === true;
  }

  function others() {
    const mine = BOX + (person() ? person().id : "");
    const keys = store((kept) => Object.keys(kept).filter((key) => key.startsWith(BOX) && key !== mine)) || [];
    return keys.reduce((sum, key) => sum + (read(key) || []).length, 0);
  }

  // crypto.randomUUID wants https; getRandomValues does not.
  function newKey() {
    return "phone-" + [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  }

  function put(data, key) {
    const records = all();
    const place = records.findIndex((one) => one.key === key);
    const record = { key: newKey(), data: data, at: place < 0 ? Date.now() : records[place].at, state: "waiting", told: "" };
    if (place < 0) records.push(record);
    else records[place] = record;
    if (!save(records)) return "";
    forgetDraft(data.company_name);
    return record.key;
  }

  // What waits here is written for good: the form it was begun in (crm/static/crm/drafts.js) does not offer it again.
  // More than fits in here stays a draft.
  function forgetDraft(name) {
    const key = `draft:${person().id}:/leads/new/`, typed = read(key)?.typed || {};
    const more = Object.keys(typed).some((field) => typed[field] && !FIELDS.includes(field));
    if (typed.company_name?.trim() === name && !more) store((kept) => kept.removeItem(key));
  }

  function drop(key) {
    save(all().filter((one) => one.key !== key));
  }

  function note(key, changes) {
    save(all().map((one) => (one.key === key ? { ...one, ...changes } : one)));
  }

  // One sending at a time in this page; another page that sends the same is answered the same by the server.
  function send(key) {
    sending = sending || work(key).finally(() => (sending = null));
    return sending;
  }

  async function work(key) {
    const due = all().filter((one) => one.key === key || (!key && one.state !== "refused"));
    if (!due.length) return [];
    let door;
    try {
      door = await open();
    } catch (error) {
      due.forEach((one) => note(one.key, { state: "waiting", told: error.told || "网络不通，联网后自动发出。" }));
      return [];
    }
    const sent = [];
    for (const one of due) if (await deliver(one.key, door)) sent.push(one.data.company_name);
    if (sent.length) document.dispatchEvent(new CustomEvent("outbox-sent", { detail: sent }));
    return sent;
  }

  // Who is logged in now, the mark against forged requests, and the hour of the server.
  async function open() {
    const answer = await fetch("/leads/unsent/", { redirect: "manual", cache: "no-store", headers: { Accept: "application/json" } });
    if (answer.type === "opaqueredirect" || answer.status === 401) throw { told: "登录已过期，请重新登录，登录后自动发出。", login: true };
    if (answer.status === 403) throw { told: "您的角色不能登记线索，请联系本单位负责人。" };
    if (!answer.ok) throw { told: "系统暂时不可用，稍后自动再试。" };
    const told = await answer.json();
    if (String(told.user) !== String(person().id)) throw { told: "现在登录的是另一个人，请由记下的人登录后发出。" };
    return { csrf: told.csrf, ahead: Date.now() - Date.parse(told.now) };
  }

  async function deliver(key, door) {
    const record = all().find((one) => one.key === key);
    if (!record) return false; // another page sent it
    const body = record.body || bodyOf(record, door.ahead);
    note(key, { body: body, state: "waiting", told: "正在发送…" });
    try {
      const answer = await fetch("/api/v1/leads/", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": door.csrf, "Idempotency-Key": key },
        body: JSON.stringify(body),
      });
      if (answer.ok) {
        await answer.text(); // an answer that breaks off is no answer
        drop(key);
        return true;
      }
      note(key, await refusal(answer));
    } catch (error) {
      note(key, { state: "waiting", told: "没有收到系统的答复，联网后自动再发；同一条不会登记两次。" });
    }
    return false;
  }

  function bodyOf(record, ahead) {
    const body = {};
    FIELDS.forEach((name) => {
      if (record.data[name]) body[name] = name === "roadshow" ? Number(record.data[name]) : record.data[name];
    });
    // when it was written down, by the clock of the server
    if (body.content || body.roadshow) body.met_at = new Date(Math.min(record.at, Date.now()) - ahead - 1000).toISOString();
    return body;
  }

  async function refusal(answer) {
    const told = await answer.json().catch(() => ({}));
    if (answer.status >= 500 || answer.status === 429 || told.code === "in_flight") return { state: "waiting", told: "系统正忙，稍后自动再试。" };
    if (answer.status === 401 || told.code === "csrf") return { state: "waiting", told: "登录已过期，请重新登录，登录后自动发出。" };
    const errors = (told.errors || []).map((one) => one.detail);
    return { state: "refused", told: errors.length ? errors.join(" ") : told.detail || "系统没有收下，请核对后修改。" };
  }

  function line(text, href, link) {
    const box = document.createElement("p");
    box.className = "alert alert-warning outbox-line";
    box.append(text);
    const a = document.createElement("a");
    a.className = "tap ms-2 fw-bold";
    a.href = href;
    a.textContent = link;
    box.append(a);
    return box;
  }

  // On every page but the one without network: how many wait, and where.
  function show() {
    const messages = document.getElementById("messages");
    if (!messages || document.getElementById("quick")) return;
    messages.querySelectorAll(".outbox-line").forEach((old) => old.remove());
    const records = all(), refused = records.some((one) => one.state === "refused");
    if (records.length) messages.prepend(line(`未发送 ${records.length} 条${refused ? "，有没收下的要改" : ""}`, "/offline/", "查看"));
  }

  // The trips the form offers are remembered for the form without network; gone with 退出登录.
  function learn() {
    const user = document.body.dataset.user;
    if (!user) return;
    const known = person(), mine = known && known.id === user ? known : { id: user, trips: [], trip: "" };
    const select = document.querySelector("form[data-outbox] select[name=roadshow]");
    if (select) {
      mine.trips = [...select.options].filter((one) => one.value).map((one) => [one.value, one.textContent]);
      mine.trip = select.value;
    }
    write(PERSON, mine);
  }

  // 记一家 sent without network goes to the outbox instead of into an error page of the browser. What goes out and is
  // never answered is kept until the answer shows, so that the page without network can offer it again.
  function guard(form) {
    form.addEventListener("submit", (event) => {
      const data = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name] ? form.elements[name].value.trim() : ""]));
      store(() => sessionStorage.setItem(LOST, JSON.stringify({ user: (person() || {}).id, data: data })));
      if (navigator.onLine) return;
      event.preventDefault();
      location.assign("/offline/");
    });
  }

  // What this person sent and never saw answered; nobody else's.
  function lost() {
    const kept = store(() => JSON.parse(sessionStorage.getItem(LOST)));
    return kept && person() && kept.user === person().id ? kept.data : null;
  }
  const found = () => store(() => sessionStorage.removeItem(LOST));

  window.outbox = { lost: lost, found: found, all: all, put: put, drop: drop, send: send, person: person, others: others, fields: FIELDS };
  learn();
  document.querySelectorAll("form[data-outbox]").forEach(guard);
  if (document.querySelector("form[data-outbox]")) found();
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-forget-drafts]")) store((kept) => kept.removeItem(PERSON));
  });
  document.addEventListener("outbox", show);
  document.addEventListener("outbox-sent", (event) => window.app && window.app.say(`已发出 ${event.detail.join("、")}`, "success"));
  show();
  const soon = () => navigator.onLine && all().length && send();
  addEventListener("online", soon);
  setInterval(soon, EVERY);
  if (document.body.dataset.user || document.getElementById("quick")) soon();
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js", { scope: "/" }).catch(() => {});
})();
