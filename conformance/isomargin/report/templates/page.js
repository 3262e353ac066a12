"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const kept = {
    // A page opened from a file may have no storage; then nothing is remembered.
    get(key) { try { return localStorage.getItem(`isomargin.${key}`); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(`isomargin.${key}`, value); } catch { /* as above */ } },
  };
  const shown = (element) => element.getClientRects().length > 0;

  // Language
  const languages = all("[data-language]");
  const tags = languages.map((button) => button.dataset.language);
  const speak = (tag) => {
    root.lang = tag;
    for (const button of languages) button.setAttribute("aria-pressed", String(button.dataset.language === tag));
  };
  const choose = (tag) => { speak(tag); kept.set("language", tag); };
  for (const button of languages) button.addEventListener("click", () => choose(button.dataset.language));
  speak(tags.includes(kept.get("language")) ? kept.get("language") : root.lang);

  // Theme: as the system, light, dark
  const themes = ["", "light", "dark"];
  const paint = (theme) => { if (theme) root.dataset.theme = theme; else delete root.dataset.theme; };
  const nextTheme = () => {
    const theme = themes[(themes.indexOf(root.dataset.theme ?? "") + 1) % themes.length];
    paint(theme);
    kept.set("theme", theme);
  };
  if (themes.includes(kept.get("theme"))) paint(kept.get("theme"));
  one(".theme").addEventListener("click", nextTheme);

  // Search and filters
  const input = one("#search");
  const filters = all("[data-filter]");
  const things = [...all(".failure"), ...all(".leaf"), ...all("tr.case")].map((element) => ({
    element,
    holder: element.closest("li, .failure, tr"),
    text: element.textContent.toLowerCase(),
    statuses: (element.dataset.statuses ?? element.dataset.status).trim().split(" "),
  }));
  const find = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = filters.filter((one) => one.ariaPressed === "true").map((one) => one.dataset.filter);
    const narrowed = words.length > 0 || wanted.length > 0;
    let count = 0;
    for (const thing of things) {
      const fits = words.every((word) => thing.text.includes(word))
        && (!wanted.length || wanted.some((status) => thing.statuses.includes(status)));
      thing.holder.hidden = !fits;
      count += fits;
    }
    for (const branch of all(".branch")) {
      branch.hidden = !all("li", branch).some((leaf) => !leaf.hidden && leaf.querySelector(".leaf"));
      if (narrowed) branch.open = true;
    }
    one("output").textContent = narrowed ? `${count} / ${things.length}` : "";
  };
  input.addEventListener("input", find);
  for (const button of filters) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.ariaPressed !== "true"));
      find();
    });
  }
  const clear = () => {
    input.value = "";
    for (const button of filters) button.setAttribute("aria-pressed", "false");
    find();
  };
  one(".finder").addEventListener("submit", (event) => event.preventDefault());

  // Going to a rule or a case opens what hides it
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) clear();
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    const inner = target.querySelector(":scope > details");
    if (inner) inner.open = true;
    target.scrollIntoView();
    (target.querySelector("summary") ?? target).focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Copying a command
  const copied = async (code) => {
    try { await navigator.clipboard.writeText(code.textContent); return true; } catch { /* the older way */ }
    getSelection().selectAllChildren(code);
    return document.execCommand("copy");
  };
  for (const button of all(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await copied(button.previousElementSibling);
      button.dataset.copied = String(done);
      setTimeout(() => delete button.dataset.copied, 1500);
    });
  }

  // The keyboard
  const step = (by) => {
    const failures = all(".failure > details > summary").filter(shown);
    const at = failures.indexOf(document.activeElement?.closest?.(".failure")?.querySelector("summary"));
    const next = failures[at < 0 ? (by > 0 ? 0 : failures.length - 1) : at + by];
    if (next) { next.focus(); next.scrollIntoView({ block: "start" }); }
  };
  const walk = (event) => {
    const here = event.target.closest(".tree summary");
    if (!here) return;
    const summaries = all(".tree summary").filter(shown);
    const at = summaries.indexOf(here);
    const details = here.parentElement;
    const moves = {
      ArrowDown: () => summaries[at + 1]?.focus(),
      ArrowUp: () => summaries[at - 1]?.focus(),
      ArrowRight: () => { if (details.open) summaries[at + 1]?.focus(); else details.open = true; },
      ArrowLeft: () => {
        if (details.open) details.open = false;
        else details.parentElement.closest("details")?.querySelector("summary").focus();
      },
    };
    if (moves[event.key]) { event.preventDefault(); moves[event.key](); }
  };
  const keys = {
    "/": () => { input.focus(); input.select(); },
    j: () => step(1),
    k: () => step(-1),
    l: () => choose(tags[(tags.indexOf(root.lang) + 1) % tags.length]),
    t: nextTheme,
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") { clear(); document.activeElement?.blur?.(); return; }
    if (event.target.closest?.("input")) return;
    walk(event);
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  // Paper shows everything that is folded
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of folded) details.open = false; });

  for (const element of all(".languages, .theme, .finder")) element.hidden = false;
})();
