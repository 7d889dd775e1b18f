"use strict";
(() => {
  const search = document.querySelector("input[type=search]");
  const levels = [...document.querySelectorAll("input[name=level]")];
  const findings = [...document.querySelectorAll("details.finding")];
  const count = document.querySelector("output");
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const on = new Set(levels.filter((box) => box.checked).map((box) => box.value));
    let shown = 0;
    for (const finding of findings) {
      const text = finding.dataset.text;
      const hit = on.has(finding.dataset.level) && words.every((word) => text.includes(word));
      finding.hidden = !hit;
      shown += hit;
    }
    const filtered = words.length > 0 || on.size < levels.length;
    for (const section of document.querySelectorAll("section.chart")) {
      const speaks = section.querySelector("details.finding:not([hidden])") ||
        (!filtered && section.querySelector("details.suppressed"));
      section.hidden = findings.length > 0 && !speaks;
    }
    count.textContent = `${shown} of ${findings.length}`;
  };
  document.querySelector("form").hidden = false;
  document.querySelector("form").addEventListener("input", apply);
  document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  document.querySelector("#open").addEventListener("click", () => {
    const open = !findings.every((finding) => finding.open);
    for (const finding of findings) finding.open = open;
  });
  apply();
})();
