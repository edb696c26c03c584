"use strict";
// The reader's keys and corrections. Everything works on what the server rendered; nothing here makes HTML of a story's words.
(() => {
  const wait = document.getElementById("wait");
  if (wait) {
    const ask = async () => {
      const now = await (await fetch(wait.dataset.state)).json();
      if (now.state === "ready" || now.state === "failed") return location.reload();
      wait.querySelector("progress").value = now.progress;
      setTimeout(ask, 300);
    };
    if (wait.querySelector("progress")) setTimeout(ask, 200);
    return;
  }
  const text = document.getElementById("text");
  if (!text) return;
  const $ = (id) => document.getElementById(id);
  const base = text.dataset.work, page = Number(text.dataset.page);
  let people = JSON.parse($("cast").textContent);
  let chosen = null; // the id of the line that keys act on

  const pieces = (line) => text.querySelectorAll(`[data-line="${CSS.escape(line)}"]`);
  const lines = () => [...new Set([...text.querySelectorAll("[data-line]")].filter((e) => !e.classList.contains("away")).map((e) => e.dataset.line))];
  const span = () => text.querySelector(`.m[data-of="${CSS.escape(chosen)}"]`)?.dataset.at ?? chosen; // ids may be counted anew meanwhile
  const say = (words) => { $("said").textContent = words; clearTimeout(say.timer); say.timer = setTimeout(() => { $("said").textContent = ""; }, 4000); };
  const name = (who) => (people.find((p) => p.id === who) || { name: "nobody known" }).name;

  function choose(line, scroll = true) {
    text.querySelectorAll(".sel").forEach((e) => e.classList.remove("sel"));
    chosen = line;
    if (!line) return;
    const held = pieces(line);
    held.forEach((e) => e.classList.add("sel"));
    if (held[0]) {
      held[0].tabIndex = -1;
      held[0].focus({ preventScroll: true });
      if (scroll) held[0].scrollIntoView({ block: "center" });
    }
  }

  function step(by) {
    const all = lines();
    if (!all.length) return;
    let at = all.indexOf(chosen);
    if (at < 0) { // the first line that can be seen
      at = all.findIndex((line) => pieces(line)[0].getBoundingClientRect().top > 0);
      return choose(all[Math.max(0, at)]);
    }
    if (at + by >= all.length) return turn(1);
    if (at + by < 0) return turn(-1);
    choose(all[at + by]);
  }

  const turn = (by) => { const link = document.querySelector(by > 0 ? ".bar [rel=next]" : ".bar [rel=prev]"); if (link) location.href = link.href; };

  function offset() {
    const at = new URLSearchParams(location.search).get("at");
    return at === null ? Number(text.dataset.start) - 1 : Number(at);
  }
  const onward = (what) => { location.href = `${base}next/${what}?from=${offset()}`; };

  function filter() {
    const who = $("person").value, kind = $("kind").value;
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
    say(said.others ? `Done; ${said.others} other ${said.others === 1 ? "line follows" : "lines follow"}.` : "Done.");
  }

  // --- whose line it is
  const fitting = () => {
    const letters = $("letters").value.trim().toLowerCase();
    const starts = (p) => p.name.toLowerCase().split(/\s+/).some((word) => word.startsWith(letters)) || p.name.toLowerCase().startsWith(letters);
    return people.filter(starts).slice(0, 40);
  };
  function list() {
    $("people").replaceChildren(...fitting().map((p, n) => {
      const item = document.createElement("li");
      item.textContent = p.name;
      item.className = p.face;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(n === 0));
      item.addEventListener("click", () => give(p.id));
      return item;
    }));
  }
  function give(who) {
    $("assign").close();
    if (chosen && who) change({ do: "speaker", line: span(), who, called: name(who) }).then(() => say(`${$("said").textContent} The line is ${name(who)}’s.`));
  }
  function assign() {
    if (!chosen) return say("Choose a line first: j, or click on it.");
    $("letters").value = "";
    list();
    $("assign").showModal();
    $("letters").focus();
  }
  $("letters").addEventListener("input", list);
  $("assign").addEventListener("submit", (event) => { event.preventDefault(); const first = fitting()[0]; if (first) give(first.id); });

  const retype = (to) => (chosen ? change({ do: "retype", line: span(), to }) : say("Choose a line first: j, or click on it."));
  const keys = {
    j: () => step(1), k: () => step(-1), u: () => onward("unsure"), f: () => onward("finding"), a: assign,
    s: () => retype("speech"), t: () => retype("thought"), w: () => retype("writing"),
    x: () => (chosen ? change({ do: "none", line: span() }) : say("Choose a line first: j, or click on it.")),
    z: () => change({ do: "undo" }), y: () => change({ do: "redo" }), n: () => turn(1), p: () => turn(-1),
    "/": () => $("q").focus(), "?": () => $("help").showModal(),
    Escape: () => { choose(null); $("person").value = ""; $("kind").value = ""; filter(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) { if (event.key === "Escape") event.target.blur(); return; }
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

  // A link that leads to a line chooses it; what was asked for and is not there is said.
  const none = new URLSearchParams(location.search).get("none");
  if (none) say(none === "finding" ? "No finding." : "Every line is sure enough.");
  const goal = location.hash.slice(1);
  if (/^u\d+$/.test(goal)) choose(goal);
  else if (location.hash) { const place = $(goal); if (place) place.scrollIntoView({ block: "center" }); }
})();
