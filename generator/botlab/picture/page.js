"use strict";
// Search and highlighting in the picture. All texts are read from the picture's own attributes.
(function () {
  const svg = document.querySelector("svg.picture");
  const input = document.querySelector("input");
  const count = document.querySelector("output");
  const hint = count.textContent;
  const parts = Array.from(svg.querySelectorAll("[data-key]"));
  const words = new Map(parts.map((part) => [part, (part.dataset.words || "").toLowerCase()]));
  const related = new Map(parts.map((part) => [part, (part.dataset.related || "").split("\n")]));

  function enclosing(part) {
    const outer = [];
    for (let node = part.parentElement.closest("[data-key]"); node;
      node = node.parentElement.closest("[data-key]")) {
      outer.push(node);
    }
    return outer;
  }

  // A subordinate that is only named in the text of its principal has no shape of its own.
  function visible(part) {
    return [part].concat(enclosing(part)).find((each) => each.querySelector(":scope > .own"));
  }

  function mark(name, marked) {
    const all = new Set(marked);
    marked.forEach((part) => enclosing(part).forEach((outer) => all.add(outer)));
    parts.forEach((part) => part.classList.toggle(name, all.has(part)));
  }

  // A number is searched as a whole: "3" is in "node3", but not in "32 cores".
  function pattern(term) {
    const text = term.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    return new RegExp((/^\d/.test(term) ? "(?:^|\\D)" : "") + text + (/\d$/.test(term) ? "(?!\\d)" : ""));
  }

  // The parts with a name or text that has the terms together, or else the parts with each term.
  function matching(terms) {
    const having = (patterns) => parts.filter(
      (part) => patterns.every((each) => each.test(words.get(part))));
    const together = having([pattern(terms.join(" "))]);
    return together.length ? together : having(terms.map(pattern));
  }

  let first = null;

  function search() {
    choose(null);
    const terms = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = terms.length ? matching(terms) : [];
    svg.classList.toggle("searched", terms.length > 0);
    mark("match", hits);
    count.textContent = terms.length ? hits.length + (hits.length === 1 ? " match" : " matches") : hint;
    first = hits.length ? visible(hits[0]) : null;
    if (first) {
      first.scrollIntoView({ block: "center", inline: "nearest" });
    }
  }

  // What belongs to a part: the parts that it names, the parts that name it, and the applications
  // at the other ends of its relations. Relations of an application do not lead any further.
  function belonging(part) {
    const key = part.dataset.key;
    const keys = new Set(related.get(part).concat(key));
    const naming = parts.filter((each) => related.get(each).includes(key));
    naming.filter((each) => each.classList.contains("part-relation"))
      .forEach((each) => related.get(each).forEach((name) => keys.add(name)));
    return naming.concat(parts.filter((each) => keys.has(each.dataset.key)),
      Array.from(part.querySelectorAll("[data-key]")));
  }

  function choose(part) {
    svg.classList.toggle("chosen", part !== null);
    mark("related", part ? belonging(part) : []);
  }

  function clear() {
    input.value = "";
    search();
  }

  input.addEventListener("input", search);
  svg.addEventListener("click", (event) => {
    clear();
    choose(event.target.closest("[data-key]"));
  });
  document.addEventListener("keydown", (event) => {
    const active = document.activeElement;
    if (event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    if (event.key === "Escape") {
      clear();
    } else if (event.key === "Enter" && active === input && first) {
      first.focus();
    } else if ((event.key === "Enter" || event.key === " ") && active.dataset.key) {
      event.preventDefault();
      clear();
      choose(active);
    } else if (event.key === "/" && active !== input) {
      event.preventDefault();
      input.focus();
    }
  });
  parts.filter((part) => visible(part) === part).forEach((part) => {
    part.setAttribute("tabindex", "0");
    part.setAttribute("role", "group");
  });

  const dark = document.getElementById("dark");
  document.querySelector("button").addEventListener("click", () => {
    dark.media = window.matchMedia(dark.media).matches ? "not all" : "screen";
  });
}());
