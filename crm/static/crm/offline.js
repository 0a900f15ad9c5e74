// The page without network: the quick form, and what waits to be sent, with 重试, 修改 and 放弃.
(function () {
  const box = window.outbox, form = document.getElementById("quick"), list = document.getElementById("unsent-list");
  let editing = "";

  const day = (ahead) => {
    const date = new Date(Date.now() + ahead * 86400 * 1000);
    return new Date(date - date.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  };

  // as the server proposes it (leads/next_days.py), but for the holidays, which only the server knows
  const usual = () => {
    let ahead = 7;
    while ([0, 6].includes(new Date(`${day(ahead)}T12:00`).getDay())) ahead += 1;
    return day(ahead);
  };

  function tell(text, level) {
    const line = document.createElement("div");
    line.className = "alert alert-" + level;
    line.setAttribute("role", level === "danger" ? "alert" : "status");
    line.textContent = text;
    document.getElementById("messages").replaceChildren(line);
  }

  function button(words, act, kind) {
    const one = document.createElement("button");
    one.type = "button";
    one.className = "btn " + (kind || "");
    one.textContent = words;
    one.addEventListener("click", act);
    return one;
  }

  function row(record) {
    const item = document.createElement("li");
    item.className = "list-group-item px-0";
    const name = document.createElement("div");
    name.className = "fw-bold wrap-any";
    name.textContent = record.data.company_name;
    const told = document.createElement("div");
    told.className = record.state === "refused" ? "wrong" : "small-line";
    const when = new Date(record.at).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
    told.textContent = `${when} 记下。${record.state === "refused" ? "没有收下：" : ""}${record.told || "联网后自动发出。"}`;
    const buttons = document.createElement("div");
    buttons.className = "btn-list mt-2";
    buttons.append(button("重试", () => box.send(record.key), "btn-primary"), button("修改", () => edit(record)), button("放弃", () => giveUp(record)));
    item.append(name, told, buttons);
    if (/登录/.test(record.told)) {
      const login = document.createElement("a");
      login.className = "btn";
      login.href = `${document.body.dataset.login}?next=/offline/`;
      login.textContent = "去登录";
      buttons.prepend(login);
    }
    return item;
  }

  function giveUp(record) {
    if (!confirm(`放弃「${record.data.company_name}」？这条还没有发出，放弃后找不回来。`)) return;
    box.drop(record.key);
    if (editing === record.key) clear();
  }

  function edit(record) {
    editing = record.key;
    fill(record.data);
    form.scrollIntoView();
    document.getElementById("company_name").focus();
  }

  function fill(data) {
    box.fields.forEach((name) => {
      const field = form.elements[name];
      if (name === "roadshow" && data[name] && ![...field.options].some((one) => one.value === data[name])) field.add(new Option("记下时选的行程", data[name]));
      field.value = data[name] || "";
    });
  }

  function clear() {
    editing = "";
    form.reset();
    form.elements.roadshow.value = (box.person() || {}).trip || "";
    form.elements.next_contact_on.value = usual();
    form.elements.next_contact_on.min = day(0);
  }

  function show() {
    const records = box.all(), others = box.others();
    list.replaceChildren(...records.map(row));
    if (others) {
      const item = document.createElement("li");
      item.className = "list-group-item px-0 small-line";
      item.textContent = `这台手机上还有别人没发出的 ${others} 条，请记下的人登录后发出。`;
      list.append(item);
    }
    document.getElementById("unsent").hidden = !records.length && !others;
    document.getElementById("unsent-title").textContent = `未发送 ${records.length} 条`;
    document.getElementById("no-network").hidden = navigator.onLine;
    document.getElementById("nobody").hidden = Boolean(box.person());
    form.hidden = !box.person();
  }

  function wrong(name, is) {
    form.elements[name].classList.toggle("is-invalid", is);
    return is;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = Object.fromEntries(box.fields.map((name) => [name, form.elements[name].value.trim()]));
    const nameless = wrong("company_name", data.company_name.length < 2);
    const dayless = wrong("next_contact_on", !data.next_contact_on || data.next_contact_on < day(0));
    if (nameless || dayless) return form.querySelector(".is-invalid").focus();
    if (!box.put(data, editing)) return tell("这台手机存不下了，没有记下。请先抄在别处，或清理浏览器的存储空间。", "danger");
    box.found();
    tell(`已存在这台手机上：${data.company_name}。`, "success");
    clear();
    if (navigator.onLine) box.send();
  });

  const trips = form.elements.roadshow;
  ((box.person() || {}).trips || []).forEach(([value, label]) => trips.add(new Option(label, value)));
  clear();
  const lost = box.lost();
  if (lost) {
    fill(lost);
    tell("刚才填的没有收到系统的答复，已放回表单。请存下，联网后再发；如果已经登记，会告诉您。", "warning");
  }
  document.addEventListener("outbox", show);
  document.addEventListener("outbox-sent", (event) => tell(`已发出：${event.detail.join("、")}。`, "success"));
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
})();
