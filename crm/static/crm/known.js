// 判重 while typing: says under the field of a company's name who holds it already, and blocks nothing.
//
//   <div data-known="/leads/known/">          holds one input, or a textarea with one company a line
//     data-known-with="uscc=id_uscc …"         parameter=id of further fields of the form that tell companies apart
//     data-known-besides="17"                  the lead that is edited: it does not warn of itself
//     <div data-known-told>                    where it is told; made (aria-live) when it is not there
//
// Asks 300 ms after the last key, not while a word is being composed and not for what was asked last; a new
// question aborts the older, so that the last answer stands.
(function () {
  const WAIT = 300;

  function start(holder) {
    const field = holder.querySelector("input, textarea");
    if (!field || holder.dataset.knownReady) return;
    holder.dataset.knownReady = "1";
    const told = holder.querySelector("[data-known-told]") || place(holder, field);
    const further = (holder.dataset.knownWith || "").split(" ").filter(Boolean).map((pair) => pair.split("="));
    const others = further.map(([name, id]) => [name, document.getElementById(id)]).filter(([, other]) => other);
    let timer, asking, last = question();

    field.addEventListener("input", (event) => event.isComposing || soon());
    field.addEventListener("compositionend", soon);
    others.forEach(([, other]) => other.addEventListener("change", soon));

    function soon() {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    }

    function question() {
      const data = new URLSearchParams({ [field.tagName === "TEXTAREA" ? "lines" : "company_name"]: field.value.trim() });
      others.forEach(([name, other]) => other.value && data.set(name, other.value));
      if (holder.dataset.knownBesides) data.set("besides", holder.dataset.knownBesides);
      return data.toString();
    }

    async function ask() {
      const data = question();
      if (data === last) return;
      last = data;
      asking?.abort();
      const mine = (asking = new AbortController());
      if (!field.value.trim()) return told.replaceChildren();
      try {
        const answer = await fetch(holder.dataset.known, {
          method: "POST",
          body: new URLSearchParams(data),
          headers: { "HX-Request": "true", "X-CSRFToken": window.app.csrf() },
          signal: mine.signal,
        });
        const html = answer.ok ? await answer.text() : "";
        window.app.released(() => mine === asking && (told.innerHTML = html));
      } catch (error) {
        if (mine === asking) last = ""; // nothing is told, and the next key asks again
      }
    }
  }

  function place(holder, field) {
    const told = document.createElement("div");
    told.id = `${field.id}-known`;
    told.setAttribute("aria-live", "polite");
    field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), told.id].filter(Boolean).join(" "));
    holder.append(told);
    return told;
  }

  document.querySelectorAll("[data-known]").forEach(start);
})();
