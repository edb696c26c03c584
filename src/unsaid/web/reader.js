"use strict";
// The reader's keys and corrections. Everything works on what the server rendered; nothing here makes HTML of a story's words.
(() => {
  // What a person prefers is kept in cookies: the reader's port, and with it all else that a browser keeps, changes.
  const keep = (name, value) => { document.cookie = `unsaid-${name}=${value}; Path=/; Max-Age=31536000; SameSite=Strict`; };
  const theme = document.cookie.match(/(?:^|; )unsaid-theme=(light|dark)/)?.[1];
  if (theme) document.documentElement.dataset.theme = theme;
  document.getElementById("theme")?.addEventListener("click", () => {
    const order = [undefined, "light", "dark"], root = document.documentElement;
    const next = order[(order.indexOf(root.dataset.theme) + 1) % order.length];
    if (next) root.dataset.theme = next; else delete root.dataset.theme;
    keep("theme", next ?? "system");
  });
  const wait = document.getElementById("wait");
  if (wait) {
    const ask = async () => {
      const now = await (await fetch(wait.dataset.state)).json();
      if (now.state === "ready" || now.state === "failed") return location.reload();
      wait.querySelector("progress").value = now.progress;
      document.getElementById("waiting").textContent = now.doing ? `Reading: ${now.doing}` : "Reading …";
      setTimeout(ask, 300);
    };
    if (wait.querySelector("progress")) setTimeout(ask, 200);
    return;
  }
  const $ = (id) => document.getElementById(id);
  const finder = $("finder");
  if (finder) return find();
  const text = $("text");
  if (!text) return;
  const base = text.dataset.work, page = Number(text.dataset.page);
  let people = JSON.parse($("cast").textContent);
  let version = text.dataset.version;
  let chosen = null; // the id of the line that keys act on

  // The library: what is found changes as one types; the server sends that part of its page anew.
  function find() {
    let asked = 0, timer;
    const fold = () => { // on a phone, works come first
      if (matchMedia("(max-width:50rem)").matches) $("found").querySelectorAll("details:not([data-chosen])").forEach((e) => { e.open = false; });
    };
    fold();
    const ask = async () => {
      const mine = ++asked, query = new URLSearchParams([...new FormData(finder)].filter(([, value]) => value));
      const answer = await fetch(`/library/found?${query}`).catch(() => null);
      if (mine !== asked || !answer?.ok) return; // a later question has been asked meanwhile
      const part = document.createElement("template");
      part.innerHTML = await answer.text(); // the server's own, escaped there
      const wrong = part.content.querySelector(".refused");
      if (wrong) { // half a query is no reason to take away what is shown
        $("found").querySelector(".refused")?.remove();
        return $("found").prepend(wrong);
      }
      $("found").replaceChildren(part.content);
      fold();
      $("told").textContent = $("found").querySelector("[data-told]")?.dataset.told ?? "";
      history.replaceState(null, "", `/?${query}`);
    };
    finder.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
    const step = (by) => {
      const links = [...$("found").querySelectorAll(".works a")], at = links.indexOf(document.activeElement);
      links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
    };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const typing = /^(INPUT|SELECT)$/.test(event.target.tagName);
      if (event.key === "ArrowDown" && event.target === $("q")) { event.preventDefault(); step(1); }
      else if (!typing && event.key === "/") { event.preventDefault(); $("q").focus(); }
      else if (!typing && (event.key === "j" || event.key === "k")) step(event.key === "j" ? 1 : -1);
    });
  }

  const pieces = (line) => text.querySelectorAll(`[data-line="${CSS.escape(line)}"]`);
  const lines = () => [...new Set([...text.querySelectorAll("[data-line]")].filter((e) => !e.classList.contains("away")).map((e) => e.dataset.line))];
  const span = () => text.querySelector(`.m[data-of="${CSS.escape(chosen)}"]`)?.dataset.at ?? chosen; // ids may be counted anew meanwhile
  const say = (words) => { $("said").textContent = words; clearTimeout(say.timer); say.timer = setTimeout(() => { $("said").textContent = ""; }, 4000); };
  const name = (who) => (people.find((p) => p.id === who) || { name: "nobody known" }).name;

  function choose(line, scroll = true) {
    text.querySelectorAll(".sel").forEach((e) => e.classList.remove("sel"));
    chosen = line;
    why(line);
    if (!line) return;
    const held = pieces(line);
    held.forEach((e) => e.classList.add("sel"));
    if (held[0]) {
      held[0].tabIndex = -1;
      held[0].focus({ preventScroll: true });
      if (scroll) held[0].scrollIntoView({ block: "center" });
    }
  }

  // How a line's speaker is known, in words that the server wrote.
  function why(line) {
    const margin = line && text.querySelector(`.m[data-of="${CSS.escape(line)}"]`);
    $("why").textContent = margin ? margin.dataset.why : "";
  }

  function step(by) {
    const all = lines();
    const at = all.indexOf(chosen);
    if (at < 0 && all.length) { // the first line that can be seen
      const seen = all.findIndex((line) => pieces(line)[0].getBoundingClientRect().top > 0);
      return choose(all[Math.max(0, seen)]);
    }
    if (all[at + by]) return choose(all[at + by]);
    onward("line", by < 0); // in another chapter
  }

  const turn = (by) => { const link = document.querySelector(by > 0 ? ".bar [rel=next]" : ".bar [rel=prev]"); if (link) location.href = link.href; };

  function offset() {
    const margin = chosen && text.querySelector(`.m[data-of="${CSS.escape(chosen)}"]`);
    if (margin) return Number(margin.dataset.at.split("-")[0]);
    const at = new URLSearchParams(location.search).get("at");
    return at === null ? Number(text.dataset.start) - 1 : Number(at);
  }
  function onward(what, back = false) {
    const asked = new URLSearchParams({ from: offset(), page, who: $("person").value, kind: $("kind").value });
    if (back) asked.set("back", "1");
    location.href = `${base}next/${what}?${asked}`;
  }

  function filter() {
    const who = $("person").value, kind = $("kind").value;
    sessionStorage.setItem(base, JSON.stringify({ who, kind })); // followed from chapter to chapter
    text.querySelectorAll("[data-line]").forEach((e) => {
      const margin = text.querySelector(`.m[data-of="${CSS.escape(e.dataset.line)}"]`);
      const unsure = !e.dataset.who || (margin && Number(margin.dataset.sure) < 0.6);
      const shown = (!who || e.dataset.who === who) && (!kind || (kind === "unsure" ? unsure : e.classList.contains(kind)));
      e.classList.toggle("away", !shown);
      if (margin) margin.classList.toggle("away", !shown);
    });
  }

  async function change(asked) {
    const answer = await fetch(`${base}${page}/change`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked) });
    const said = await answer.json().catch(() => ({ why: "no answer" }));
    if (!answer.ok) return say(`Not done: ${said.why}`);
    text.innerHTML = said.html; // the server's own, escaped there
    people = said.people;
    $("undo").disabled = !said.undo;
    $("redo").disabled = !said.redo;
    filter();
    if (chosen) choose(pieces(chosen).length ? chosen : null, false);
    version = said.version;
    say(said.others ? `Done; ${said.others} other ${said.others === 1 ? "line follows" : "lines follow"}.` : "Done.");
  }

  // --- whose line it is
  const fitting = () => {
    const letters = $("letters").value.trim().toLowerCase();
    const starts = (p) => p.name.toLowerCase().split(/\s+/).some((word) => word.startsWith(letters)) || p.name.toLowerCase().startsWith(letters);
    const found = nearest().filter(starts).slice(0, 40);
    return found.length || !letters ? found : [{ id: "", name: `Somebody new: ${$("letters").value.trim()}`, face: "" }];
  };
  // People in the order in which they are likely to be meant: whoever speaks or is spoken to around the line comes first.
  function nearest() {
    const all = [...text.querySelectorAll(".m[data-of]")], at = all.findIndex((m) => m.dataset.of === chosen);
    const far = new Map();
    all.forEach((m, n) => {
      for (const who of (m.dataset.near ?? "").split(" ")) far.set(who, Math.min(far.get(who) ?? Infinity, Math.abs(n - at)));
    });
    const rank = (p) => { const steps = far.get(p.id) ?? Infinity; return steps <= 12 ? steps : 13; };
    return people.map((p, n) => [rank(p), n, p]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((ranked) => ranked[2]);
  }
  function list() {
    $("people").replaceChildren(...fitting().map((p, n) => {
      const item = document.createElement("li");
      item.textContent = p.name;
      item.className = p.face;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(n === 0));
      item.addEventListener("click", () => give(p));
      return item;
    }));
  }
  function give(p) {
    const called = p.id ? p.name : $("letters").value.trim();
    $("assign").close();
    const asked = p.id ? { who: p.id, called } : { who: called, new: "1" };
    if (chosen) change({ do: "speaker", line: span(), ...asked });
  }
  function assign() {
    if (!chosen) return say("Choose a line first: j, or click on it.");
    $("letters").value = "";
    list();
    $("assign").showModal();
    $("letters").focus();
  }
  $("letters").addEventListener("input", list);
  $("letters").addEventListener("keydown", (event) => {
    const nth = fitting()[Number(event.key) - 1];
    if ($("letters").value === "" && /^[1-9]$/.test(event.key) && nth) { event.preventDefault(); give(nth); }
  });
  $("assign").addEventListener("submit", (event) => { event.preventDefault(); const first = fitting()[0]; if (first) give(first); });

  function follow() {
    const who = chosen ? pieces(chosen)[0]?.dataset.who : "";
    if (!who && !$("person").value) return say("Choose a line whose speaker is known.");
    $("person").value = who && who !== $("person").value ? who : "";
    filter();
  }
  const retype = (to) => (chosen ? change({ do: "retype", line: span(), to }) : say("Choose a line first: j, or click on it."));
  const keys = {
    j: () => step(1), k: () => step(-1), u: () => onward("unsure"), U: () => onward("unsure", true), d: () => onward("doubt"),
    f: () => onward("finding"), F: () => onward("finding", true), a: assign, g: follow,
    s: () => retype("speech"), t: () => retype("thought"), w: () => retype("writing"),
    x: () => (chosen ? change({ do: "none", line: span() }) : say("Choose a line first: j, or click on it.")),
    z: () => change({ do: "undo" }), y: () => change({ do: "redo" }), n: () => turn(1), p: () => turn(-1),
    "/": () => $("q").focus(), "?": () => $("help").showModal(),
    Escape: () => { choose(null); $("person").value = ""; $("kind").value = ""; filter(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || !$("single").checked) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) { if (event.key === "Escape") event.target.blur(); return; }
    const number = Number(event.key);
    if (chosen && number >= 1 && nearest()[number - 1]) return give(nearest()[number - 1]);
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  text.addEventListener("click", (event) => {
    const margin = event.target.closest(".m[data-of]");
    if (margin) {
      const line = pieces(margin.dataset.of)[0];
      const who = line ? line.dataset.who : "";
      $("person").value = $("person").value === who ? "" : who;
      return filter();
    }
    const line = event.target.closest("[data-line]");
    if (line) choose(line.dataset.line, false);
  });
  $("pages").addEventListener("change", () => { location.href = `${base}${$("pages").value}`; });
  $("person").addEventListener("change", filter);
  $("kind").addEventListener("change", filter);
  $("undo").addEventListener("click", keys.z);
  $("redo").addEventListener("click", keys.y);
  $("helps").addEventListener("click", keys["?"]);

  $("single").checked = !/(?:^|; )unsaid-keys=off/.test(document.cookie);
  $("single").addEventListener("change", () => keep("keys", $("single").checked ? "on" : "off"));

  // What another window has saved meanwhile.
  setInterval(async () => {
    if (document.hidden || document.querySelector("dialog[open]")) return;
    const now = await fetch(`${base}state`).then((answer) => answer.json()).catch(() => ({}));
    if (now.version && now.version !== version) location.reload();
  }, 4000);

  const held = JSON.parse(sessionStorage.getItem(base) ?? "{}");
  if (people.some((p) => p.id === held.who)) $("person").value = held.who;
  if (held.kind) $("kind").value = held.kind;
  filter();

  // A link that leads to a line chooses it; what was asked for and is not there is said.
  const none = new URLSearchParams(location.search).get("none");
  if (none) say({ finding: "No finding.", line: "No such line there.", unsure: "Every line is sure enough.", doubt: "Nothing to ask about." }[none] ?? "");
  const goal = location.hash.slice(1);
  if (/^u\d+$/.test(goal)) choose(goal);
  else if (location.hash) { const place = $(goal); if (place) place.scrollIntoView({ block: "center" }); }
})();
