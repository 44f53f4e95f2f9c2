"use strict";
const form = document.querySelector("form.filter");
if (form) {
  const [words, only] = form.querySelectorAll("input");
  const found = form.querySelector("output");
  const rows = Array.from(document.querySelectorAll("#results tr.r"));
  const leaves = Array.from(document.querySelectorAll("#results .leaf"));
  const matches = (row, wanted, heading) => {
    const hit = wanted.every((word) => (heading + row.textContent).toLowerCase().includes(word));
    return only.checked ? (row.classList.contains("bad") ? hit : false) : hit;
  };
  const apply = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const heading = row.closest(".leaf").querySelector("h3");
      const is = matches(row, wanted, heading ? heading.textContent + " " : "");
      row.hidden = !is;
      shown += is ? 1 : 0;
      const next = row.nextElementSibling;
      if (next ? next.classList.contains("why") : false) next.hidden = !is;
    }
    for (const leaf of leaves) {
      const own = Array.from(leaf.querySelectorAll("tr.r"));
      leaf.hidden = own.length > 0 ? own.every((row) => row.hidden) : false;
    }
    found.textContent = shown === rows.length ? "" : shown + " of " + rows.length + " rows";
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
}
