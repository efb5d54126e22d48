/* Filters and sorts the ledger; the address keeps the choice: ?q=5&verdict=refuted&sort=distance.
 *
 * Rows say by what they are found (hw2utils/reporting/ledger.py). A page in both languages has a table and
 * controls for each, which follow each other.
 */
(() => {
  "use strict";

  const forms = [...document.querySelectorAll(".hw2-filter")];
  const fields = ["q", "verdict", "sort"];
  const tables = forms.map((form) => {
    const table = form.parentElement.querySelector("table.hw2-ledger");
    const rows = [...table.tBodies[0].rows];
    const order = [...form.elements.verdict.options].map((option) => option.value);
    let words = null;  // dear to make, and rarely asked for
    const far = (row) => (row.dataset.distance ? Number(row.dataset.distance) : Infinity);
    const place = (row) => rows.indexOf(row);
    const by = {
      verdict: (a, b) => order.indexOf(a.dataset.verdict) - order.indexOf(b.dataset.verdict),
      distance: (a, b) => (far(a) === far(b) ? 0 : far(a) - far(b)),
      name: (a, b) => {
        words ??= new Intl.Collator(form.closest("[lang]").lang);
        return words.compare(a.cells[1].textContent, b.cells[1].textContent);
      },
    };
    return (chosen) => {
      const sorted = [...rows].sort((a, b) => by[chosen.sort]?.(a, b) || place(a) - place(b));
      for (const row of sorted) {
        row.hidden = (chosen.q !== "" && row.dataset.question !== chosen.q)
          || (chosen.verdict !== "" && row.dataset.verdict !== chosen.verdict);
      }
      if (sorted.some((row, number) => row !== table.tBodies[0].rows[number])) table.tBodies[0].append(...sorted);
      const said = form.querySelector("output");
      const shown = rows.filter((row) => !row.hidden).length;
      said.textContent = said.dataset.words.replace("{shown}", shown.toLocaleString(form.closest("[lang]").lang));
    };
  });

  /* What is chosen, in every form, table and address. */
  function choose(chosen, keep = true) {
    const address = new URL(location.href);
    for (const name of fields) {
      if (chosen[name]) address.searchParams.set(name, chosen[name]);
      else address.searchParams.delete(name);
    }
    forms.forEach((form, number) => {
      for (const name of fields) form.elements[name].value = chosen[name];
      tables[number](chosen);
      const link = new URL(address);
      link.hash = "";
      form.querySelector("a").href = link;
    });
    if (!keep || address.href === location.href) return;
    try { history.replaceState(null, "", address); } catch { /* the link has it */ }
  }

  const nothing = Object.fromEntries(fields.map((name) => [name, ""]));
  function asked() {
    const query = new URLSearchParams(location.search);
    const offered = (name) => [...forms[0].elements[name].options].map((option) => option.value);
    return Object.fromEntries(fields.map((name) => [name, offered(name).find((one) => one === query.get(name)) ?? ""]));
  }

  for (const form of forms) {
    form.addEventListener("change", () => choose(Object.fromEntries(new FormData(form))));
    form.addEventListener("reset", (event) => { event.preventDefault(); choose(nothing); });
    form.addEventListener("submit", (event) => event.preventDefault());
  }
  if (forms.length) choose(asked(), false);
})();
