// ⌘K / Ctrl-K: search over everything, in a dialog on every page. Without it the link leads to the page of search.
//
//   <a data-palette href="/search/">         opens the dialog; its address is asked with the header HX-Request: true
//   <dialog id="palette"> … <input type="search"> <div data-palette-found> <p data-palette-status>
//
// Requests: 200 ms after the last key, none while a Chinese word is being composed or for words asked before; a new one
// aborts the older, and only the answer to what stands in the field now is shown, in whatever order answers come.
// The numbers of records opened in this browser (no names) are kept per person and shown while the field is empty;
// they go when the person leaves by 退出登录.
(function () {
  const dialog = document.getElementById("palette");
  const user = document.body.dataset.user;
  if (!dialog || !user || !dialog.showModal) return;
  const input = dialog.querySelector("input[type=search]");
  const list = dialog.querySelector("[data-palette-found]");
  const status = dialog.querySelector("[data-palette-status]");
  const address = dialog.querySelector("form").getAttribute("action");
  const KEY = `opened:${user}`;
  const WAIT = 200;
  const MOST = 8;
  const KINDS = { leads: "lead", projects: "project", roadshows: "trip", funds: "fund", policies: "policy", spaces: "space" };
  const known = new Map();
  let timer, asking, composing = false, chosen = -1;

  function store(act) {
    try {
      return act(window.localStorage);
    } catch (error) {
      return null; // storage is switched off or full: nothing is remembered
    }
  }
  const opened = () => store((kept) => JSON.parse(kept.getItem(KEY))) || [];

  function remember() {
    const found = location.pathname.match(/^\/([a-z]+)\/(\d+)\//);
    const kind = found && KINDS[found[1]];
    if (!kind) return;
    const one = `${kind}:${found[2]}`;
    const all = [one, ...opened().filter((other) => other !== one)].slice(0, MOST);
    store((kept) => kept.setItem(KEY, JSON.stringify(all)));
  }
  remember();
  store((kept) => Object.keys(kept).filter((key) => key.startsWith("opened:") && key !== KEY).forEach((key) => kept.removeItem(key)));
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-forget-drafts]")) store((kept) => kept.removeItem(KEY));
  });

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) return dialog.close();
    if (!document.querySelector("dialog[open]")) open();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-palette]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-palette-close]")) dialog.close(); // beside the box, too
  });

  function open() {
    known.clear();
    dialog.showModal();
    input.select();
    ask();
  }

  input.addEventListener("compositionstart", () => (composing = true));
  input.addEventListener("compositionend", () => ((composing = false), soon()));
  input.addEventListener("input", () => composing || soon());

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  }

  const asked = () => input.value.trim();

  async function ask() {
    clearTimeout(timer);
    const query = asked();
    asking?.abort();
    asking = null;
    if (known.has(query)) return show(known.get(query));
    const mine = (asking = new AbortController());
    const parameters = query ? { q: query } : { opened: opened().join(",") };
    try {
      const answer = await fetch(`${address}?${new URLSearchParams(parameters)}`, {
        headers: { "HX-Request": "true" },
        signal: mine.signal,
      });
      const home = answer.headers.get("HX-Redirect");
      if (answer.status === 401 && home) return location.assign(home);
      const html = await answer.text();
      if (mine !== asking || query !== asked()) return; // somebody typed on
      if (!answer.ok && !html.includes("data-refusal")) throw new Error(answer.status);
      if (answer.ok && query) known.set(query, html);
      window.app.released(() => mine === asking && query === asked() && show(html));
    } catch (error) {
      if (error.name === "AbortError" || mine !== asking) return;
      list.replaceChildren();
      status.textContent = "没有搜到：网络不通或系统出错，请稍后重试。";
      status.classList.remove("visually-hidden");
    }
  }

  const hits = () => [...list.querySelectorAll("a.found-hit")];

  function show(html) {
    const piece = document.createElement("template");
    piece.innerHTML = html;
    list.replaceChildren(piece.content);
    list.dataset.answers = asked();
    list.querySelectorAll("section").forEach((group) => group.setAttribute("role", "group"));
    list.querySelectorAll("ul, li, .found").forEach((box) => box.setAttribute("role", "none"));
    hits().forEach((hit, number) => {
      hit.id = `palette-hit-${number}`;
      hit.tabIndex = -1;
      hit.setAttribute("role", "option");
    });
    const number = list.querySelector("[data-found]")?.dataset.found || "0";
    status.classList.add("visually-hidden");
    status.textContent = asked() ? (number === "0" ? `没有找到「${asked()}」。` : `找到 ${number} 条，用上下方向键选择。`) : "";
    choose(asked() && hits().length ? 0 : -1);
  }

  function choose(number) {
    const all = hits();
    chosen = all.length ? number : -1;
    all.forEach((hit, place) => hit.setAttribute("aria-selected", String(place === chosen)));
    if (chosen < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  }

  input.addEventListener("keydown", (event) => {
    const all = hits();
    if (event.isComposing || composing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!all.length) return;
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(chosen < 0 ? (step > 0 ? 0 : all.length - 1) : (chosen + step + all.length) % all.length);
    } else if (event.key === "Enter" && (!asked() || known.has(asked()))) {
      event.preventDefault(); // words without an answer yet go to the page of search
      if (chosen >= 0) all[chosen].click();
    }
  });
  list.addEventListener("pointermove", (event) => {
    const place = hits().indexOf(event.target.closest("a.found-hit"));
    if (place >= 0 && place !== chosen) choose(place);
  });
})();
