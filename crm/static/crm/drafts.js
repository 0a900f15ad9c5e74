// Drafts: what is typed into a long form outlives a session that ends, a lost network and a reload.
//
//   <form data-draft>   keeps what the person changed in localStorage, per person and address of the form, and puts
//                       it back when the form is shown again, with a line that says so and a button to discard it.
//   <body data-user="7">  the person; without one (the login page) nothing is read and nothing is kept.
//
// Never kept: passwords, telephone numbers, files. Hidden inputs are kept only beside a change: the version and the
// hidden twins the form was opened with, so that a draft over a record that others changed since is still noticed.
// A draft goes when the form is written (the server names the address in a cookie, or htmx tells), is discarded, is a week old, when
// the person leaves by 退出登录, and when somebody else logs in at this browser.
(function () {
  let user = document.body.dataset.user;
  if (!user) return;
  const MINE = `draft:${user}:`;
  const OLDEST = Date.now() - 7 * 86400 * 1000;
  const NEVER = /password|phone|csrf/;

  const keyOf = (form) => MINE + new URL(form.getAttribute("action") || location.href, location.href).pathname;

  function store(act) {
    try {
      return act(window.localStorage);
    } catch (error) {
      return null; // storage is switched off or full: the form works without drafts
    }
  }

  function forget(which) {
    store((kept) => Object.keys(kept).filter((key) => key.startsWith("draft:") && which(key)).forEach((key) => kept.removeItem(key)));
  }

  function read(key) {
    return store((kept) => JSON.parse(kept.getItem(key)));
  }

  // The cookie of crm/answers.py, read once.
  function saved() {
    const found = document.cookie.match(/(?:^|; )((?:__Host-)?saved)=([^;]*)/);
    if (!found) return;
    document.cookie = `${found[1]}=; Max-Age=0; Path=/; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;
    forget((key) => key === MINE + decodeURIComponent(found[2]));
  }

  const boxes = (field) => field.type === "checkbox" || field.type === "radio";
  const kept = (field) => field.name && !NEVER.test(field.name) && !["password", "tel", "file", "submit", "button"].includes(field.type);
  const fields = (form) => [...form.elements].filter((field) => kept(field) && field.type !== "hidden");
  const hidden = (form) => [...form.elements].filter((field) => kept(field) && field.type === "hidden");

  function changed(field) {
    if (boxes(field)) return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected) && !untouched(field);
    return field.value !== field.defaultValue;
  }

  // A select without a selected option shows its first one.
  const untouched = (select) => select.selectedIndex === 0 && ![...select.options].some((option) => option.defaultSelected);

  const place = (field) => (boxes(field) ? `${field.name}=${field.value}` : field.name);
  const valueOf = (field) => (boxes(field) ? field.checked : field.value);

  // A refused form comes back with what was typed as its defaults: what was a change before stays one.
  function write(form) {
    if (!user) return;
    const key = keyOf(form);
    const known = read(key)?.typed || {};
    const own = fields(form).filter((field) => changed(field) || place(field) in known);
    const typed = Object.fromEntries(own.map((field) => [place(field), valueOf(field)]));
    if (!Object.keys(typed).length) return forget((one) => one === key);
    const opened = Object.fromEntries(hidden(form).map((field) => [field.name, field.value]));
    store((box) => box.setItem(key, JSON.stringify({ at: Date.now(), typed: typed, opened: opened })));
  }

  function restore(form) {
    const draft = read(keyOf(form));
    if (!draft) return;
    const differing = fields(form).filter((field) => place(field) in draft.typed && valueOf(field) !== draft.typed[place(field)]);
    if (!differing.length) return;
    const before = hidden(form).map((field) => [field, field.value]);
    differing.forEach((field) => put(field, draft.typed[place(field)]));
    const names = differing.map((field) => field.name);
    hidden(form)
      .filter((field) => field.name in draft.opened && (isVersion(field) || names.includes(twinOf(field))))
      .forEach((field) => (field.value = draft.opened[field.name]));
    tell(form, draft, before);
  }

  const isVersion = (field) => /(^|-)version$/.test(field.name);
  const twinOf = (field) => field.name.replace(/^initial-/, "");

  function put(field, value) {
    if (boxes(field)) field.checked = value;
    else field.value = value;
    for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function tell(form, draft, before) {
    const line = document.createElement("p");
    line.className = "draft-line";
    line.setAttribute("role", "status");
    const clock = new Date(draft.at).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn-plain";
    button.textContent = "丢弃";
    button.addEventListener("click", () => {
      form.reset();
      before.forEach(([field, value]) => (field.value = value));
      fields(form).forEach((field) => field.dispatchEvent(new Event("change", { bubbles: true })));
      forget((key) => key === keyOf(form));
      line.remove();
    });
    line.title = `写于 ${clock}`;
    line.append("已恢复未保存的内容 · ", button);
    form.prepend(line);
  }

  function keep(form) {
    let waiting = 0;
    const now = () => {
      clearTimeout(waiting);
      waiting = 0;
      write(form);
    };
    const soon = () => {
      clearTimeout(waiting);
      waiting = setTimeout(now, 300);
    };
    restore(form);
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    form.addEventListener("submit", now);
    addEventListener("pagehide", () => waiting && now());
  }

  saved();
  forget((key) => !key.startsWith(MINE) || !(read(key)?.at > OLDEST));
  document.querySelectorAll("form[data-draft]").forEach(keep);
  // a form that came as a piece, and what was written by it
  document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && event.detail.elt.querySelectorAll("form[data-draft]").forEach(keep));
  document.addEventListener("htmx:afterRequest", (event) => {
    const sent = event.detail.requestConfig; // its form may be gone by now
    const form = sent?.verb === "post" && event.detail.successful && sent.elt.closest("form[data-draft]");
    if (form) forget((key) => key === keyOf(form));
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-forget-drafts]")) return;
    user = "";
    forget(() => true);
  });
})();
