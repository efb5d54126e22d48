/* What the book's pages do besides being read.
 *
 * Each stands there three times, finished in its languages when it is built (hw2utils/publishing/pages/
 * language_pages.py): book/x.html with both, fa/book/x.html and en/book/x.html with one. This script runs in
 * the head, before the body is parsed: it leads whoever asked for another language to that page, or chose it
 * before. Without JavaScript the links between the three still do.
 */
(() => {
  "use strict";

  const root = document.documentElement;
  const KEY = "hw2-language";
  const LANGUAGES = ["fa", "en", "both"];
  const SHOWN = root.dataset.lang;
  const FROM_FOLDER = location.protocol === "file:";
  const CARRIED = { lang: KEY, mode: "mode" };  // what an address may ask for, and the name it is remembered under
  root.dataset.scripts = "";  // for the style sheet: what is operated is of use

  /* What scripts of others write, in Persian. */
  const WORDS = { "Copy": "رونوشت", "Copied!": "رونوشت شد!", "Copy to clipboard": "رونوشت در حافظه" };

  /* --- the choice ------------------------------------------------------------------------------------- */

  const asked = (name) => new URLSearchParams(location.search).get(name);

  function remembered(name = KEY) {
    try { return localStorage.getItem(name); } catch { return null; }
  }

  function remember(language) {
    try { localStorage.setItem(KEY, language); } catch { /* private windows: this page only */ }
  }

  /* Takes what is remembered out of the address, where a reload would undo a later choice. */
  function forgetAsked() {
    const address = new URL(location.href);
    for (const [name, key] of Object.entries(CARRIED)) {
      if (remembered(key) === asked(name)) address.searchParams.delete(name);
    }
    if (address.href === location.href) return;
    try { history.replaceState(null, "", address); } catch { /* some browsers forbid it in local files */ }
  }

  /* The address of this page in a language; none where the page is not where the build put it, as one that a
   * reader saved. Servers may leave out the ending. */
  function sibling(language) {
    const folder = (of) => (of === "both" ? "" : `${of}/`);
    const [path, ending] = location.pathname.match(/^(.*?)((?:\.html)?)$/).slice(1);
    const own = `/${folder(SHOWN)}${root.dataset.page}`;
    if (!path.endsWith(own)) return null;
    const address = new URL(location.href);
    address.pathname = `${path.slice(0, -own.length)}/${folder(language)}${root.dataset.page}${ending}`;
    address.searchParams.delete("lang");
    return address;
  }

  /* A choice made before leads on from the page in both languages, but not who steps back to it. */
  function wanted() {
    const language = asked("lang");
    if (LANGUAGES.includes(language)) return language;
    const [{ type } = {}] = performance.getEntriesByType("navigation");
    if (SHOWN !== "both" || type !== "navigate") return SHOWN;
    if (LANGUAGES.includes(remembered())) return remembered();
    return /^fa\b/.test(navigator.language) ? "fa" : "both";
  }

  function leadOn() {
    const language = wanted();
    const address = language === SHOWN ? null : sibling(language);
    if (LANGUAGES.includes(asked("lang"))) remember(language);
    if (address) location.replace(address);
    else if (FROM_FOLDER) forgetAsked();
  }

  /* The place in sight, as the hash of an address: none at the top of the page. */
  function place() {
    if (!scrollY) return "";
    const top = (element) => element.getBoundingClientRect().top;
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && top(target) > -1 && top(target) < innerHeight) return location.hash;
    const sections = [...document.querySelectorAll("article section[id]")];
    const begins = sections.findIndex((section) => top(section) > -1 && top(section) < innerHeight / 3);
    const found = begins < 0 ? sections.findLastIndex((section) => top(section) < 0) : begins;
    return found > 0 ? `#${sections[found].id}` : "";  // the first is the whole page
  }

  /* The switch leads to the same place, with what was searched for or chosen. */
  function lead(link) {
    const address = new URL(link.href);
    for (const name of ["q", "verdict", "sort"]) {
      if (asked(name)) address.searchParams.set(name, asked(name));
      else address.searchParams.delete(name);
    }
    address.hash = place();
    link.href = address;
  }

  /* Versions of Firefox remember for each file of a folder by itself: there links and forms carry the choice of
   * both languages and of light or dark. A link gets it when it is about to be followed: later choices count. */
  const choices = (language) => [["lang", language === "both" ? language : null], ["mode", root.dataset.mode]]
    .filter(([, value]) => value);
  const plain = new WeakMap();  // link → its address as written, which may ask for a language itself
  function carry(link) {
    if (link.protocol !== "file:" || !link.pathname.endsWith(".html") || link.pathname === location.pathname) return;
    if (!plain.has(link)) plain.set(link, link.href);
    const address = new URL(plain.get(link));
    for (const [name, value] of choices(link.dataset.language ?? SHOWN)) {
      if (!address.searchParams.has(name)) address.searchParams.set(name, value);
    }
    link.href = address;
  }

  /* The theme keeps light or dark under these names. */
  function takeMode() {
    const mode = asked("mode");
    if (!["auto", "light", "dark"].includes(mode)) return;
    root.dataset.mode = root.dataset.theme = mode;
    try {
      localStorage.setItem("mode", mode);
      localStorage.setItem("theme", mode);
    } catch { /* this page only */ }
  }

  /* The theme would do it when the page is read, and have all of it styled anew. */
  function takeTheme() {
    const { mode } = root.dataset;
    const device = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = ["light", "dark"].includes(mode) ? mode : device;
  }

  /* --- downloads ---------------------------------------------------------------------------------------- */

  const DOWNLOAD = "a.btn-download-source-button, a.btn-download-notebook-button";

  /* From a folder browsers show such a file instead, and let no script read it: it stands in a script too. */
  function download(link) {
    const script = document.createElement("script");
    script.src = `${link.href}.js`;
    script.addEventListener("error", () => { location.href = link.href; });
    document.head.append(script);
  }

  window.hw2Save = (name, text) => {
    const link = document.createElement("a");
    link.download = name;
    link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
    link.click();
  };

  /* --- what the reader does ----------------------------------------------------------------------------- */

  for (const type of ["pointerdown", "click", "auxclick", "contextmenu"]) {
    document.addEventListener(type, (event) => {
      const link = event.target.closest?.("a[href]");
      if (!link) return;
      if (FROM_FOLDER) carry(link);
      if (!link.matches(".hw2-switch a")) return;
      lead(link);
      if (type.endsWith("click")) remember(link.dataset.language);
    }, true);
  }
  if (FROM_FOLDER) {
    document.addEventListener("formdata", ({ formData }) => {
      for (const [name, value] of choices(SHOWN)) formData.set(name, value);
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.(DOWNLOAD);
      if (!link) return;
      event.preventDefault();
      download(link);
    });
  }

  /* --- the page ---------------------------------------------------------------------------------------- */

  /* The theme takes the focus from a button that is pressed, so that its tooltip goes; a keyboard would start
   * anew at the top of the page, and a menu that closes could not give the focus back. */
  function keepFocus(button) {
    if (Object.hasOwn(button, "blur")) return;
    button.blur = () => window.bootstrap?.Tooltip.getInstance(button)?.hide();
    button.dataset.bsTrigger = "hover";
  }

  /* The theme opens the sidebars as dialogs, which browsers close by Escape and by a button of a form. Here its
   * toggles also say whether their menu is open. A link into the page closes the menu that lies over the place
   * it leads to, and so does a window that became wide enough for the menu beside the text. */
  function menu(name, wide) {
    const toggle = document.querySelector(`.${name}-toggle`);
    const dialog = document.getElementById(`pst-${name}-sidebar-modal`);
    const sidebar = document.getElementById(`pst-${name}-sidebar`);
    if (!toggle || !dialog || !sidebar) return;
    const beside = matchMedia(`(min-width: ${wide}px)`);
    const tell = () => {
      const open = beside.matches ? !sidebar.classList.contains("pst-sidebar-hidden") : dialog.open;
      toggle.setAttribute("aria-expanded", String(open));
      toggle.setAttribute("aria-controls", (beside.matches ? sidebar : dialog).id);
    };
    const changes = new MutationObserver(tell);
    changes.observe(dialog, { attributes: true, attributeFilter: ["open"] });
    changes.observe(sidebar, { attributes: true, attributeFilter: ["class"] });
    dialog.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (!link?.hash || link.pathname !== location.pathname) return;
      dialog.addEventListener("close", () => {  // after the theme, which gives the focus back to the toggle
        const place = document.getElementById(decodeURIComponent(link.hash.slice(1)));
        place?.setAttribute("tabindex", "-1");
        place?.focus({ preventScroll: true });
        place?.scrollIntoView();
      }, { once: true });
      dialog.close();
    });
    beside.addEventListener("change", () => { dialog.close(); tell(); });
    // "close" comes a moment after the dialog closed; the theme then empties it, even if it was opened again.
    dialog.parentNode.addEventListener("close", (event) => {
      if (event.target === dialog && dialog.open) event.stopPropagation();
    }, { capture: true });
    tell();
  }

  /* The one script that writes words for readers is that of the copy buttons. What it shows is their name too. */
  function nameButton(button) {
    const words = SHOWN === "fa" ? WORDS[button.dataset.tooltip] : null;
    if (words) button.dataset.tooltip = words;
    button.ariaLabel = button.dataset.tooltip;
  }

  /* In a narrow window the style sheet sets a row as a card: then roles keep what some browsers only see in the
   * ordinary way of setting a table. */
  const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TH: "columnheader", TD: "cell" };
  function keepTable(table) {
    for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, th, td")]) {
      part.setAttribute("role", ROLES[part.tagName]);
    }
  }

  /* The frames of a slider stand in scripts (hw2utils/reporting/sliders.py), whose images browsers do not save with
   * the page. Unseen, they are not fetched before they are needed. */
  function unfold(script) {
    const frame = document.createElement("div");
    frame.hidden = true;
    frame.dataset.value = script.dataset.value;
    frame.innerHTML = script.text;
    script.replaceWith(frame);
  }

  /* What is wider than its column scrolls: the keyboard must reach it. */
  const WIDE = "div.math, .bd-article :is(pre, table.table, table.dataframe), .hw2-view";
  const isWide = (element) => element.scrollWidth > element.clientWidth;

  /* All widths are read before anything is written, so that a part is laid out once. */
  function reachScrolled(elements) {
    const wide = elements.map(isWide);
    elements.forEach((element, place) => {
      if (element.matches(".hw2-view")) reachFigure(element, wide[place]);
      else reachBlock(element, wide[place]);
    });
  }

  /* Asking for a width lays out what is out of sight too (hw2.css): browsers tell when something got its size, which
   * is when a reader comes near. */
  const laidOut = new ResizeObserver((entries) => {
    const found = entries.map(({ target }) => target);
    requestAnimationFrame(() => reachScrolled(found));
  });
  const inSight = (element) => element.checkVisibility?.({ contentVisibilityAuto: true }) ?? true;
  const reachAgain = () => reachScrolled([...document.querySelectorAll(WIDE)].filter(inSight));

  /* Sections above a place that an address leads to get their true heights only when it is reached: the place is kept
   * for some seconds, or until the reader does something. Who steps back or reloads is where they were. */
  let aimed = null;
  let end = 0;
  function aim() {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    aimed = place?.closest(".bd-article") ? place : null;
    clearTimeout(end);
    end = setTimeout(() => { aimed = null; }, 3000);
  }
  const heights = new ResizeObserver(() => aimed?.scrollIntoView({ behavior: "instant" }));
  /* A scroll bar that is dragged, a search in the page: nothing tells of them but that the place is out of sight, for
   * heights that change put it back in the frame in which they do. */
  function letGo() {
    if (!aimed) return;
    const { top } = aimed.getBoundingClientRect();
    if (top < -5 || top > innerHeight) aimed = null;
  }
  function keepPlace() {
    if (performance.getEntriesByType("navigation")[0]?.type === "navigate") aim();
    each(".bd-article > section > section", (section) => heights.observe(section));
    for (const type of ["wheel", "touchstart", "pointerdown", "keydown"]) {
      window.addEventListener(type, () => { aimed = null; }, { capture: true, passive: true });
    }
    window.addEventListener("scroll", letGo, { passive: true });
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (link?.hash && link.pathname === location.pathname && !event.defaultPrevented) setTimeout(aim);
    });
  }

  function reachBlock(block, wide) {
    if (wide) block.tabIndex = 0;
    else block.removeAttribute("tabindex");
  }

  /* A figure that scrolls is a region; no two regions of a page have one name. */
  function reachFigure(view, wide) {
    if (!wide) {
      for (const name of ["tabindex", "role", "aria-label", "lang"]) view.removeAttribute(name);
      return;
    }
    const { lang } = view.querySelector("img");
    const number = [...document.querySelectorAll(".hw2-figure")].indexOf(view.closest(".hw2-figure")) + 1;
    view.tabIndex = 0;
    view.lang = lang;
    view.setAttribute("role", "region");
    view.setAttribute("aria-label", lang === "fa"
      ? `شکل ${number.toLocaleString("fa")}، به پهلو پیمایش می‌شود`
      : `Figure ${number}, scrolls sideways`);
  }

  /* A slider puts new images in place of the old: they stay scrolled as far as these were. */
  const scrolled = (figure) => [...figure.querySelectorAll(".hw2-frames .hw2-view")];
  let before = [];
  document.addEventListener("input", ({ target }) => {
    before = target.matches(".hw2-control input") ? scrolled(target.closest("figure")).map((v) => v.scrollLeft) : [];
  }, true);
  document.addEventListener("input", ({ target }) => {
    if (!target.matches(".hw2-control input")) return;
    reachScrolled(scrolled(target.closest("figure")));
    scrolled(target.closest("figure")).forEach((view, place) => { view.scrollLeft = before[place]; });
  });

  /* The faces of the first view are wanted at the first paint, so that nothing moves when they come: a page of
   * either language shows words of the other. Browsers do not preload from a folder, where they are at hand. */
  function preloadFaces() {
    if (!location.protocol.startsWith("http")) return;
    for (const face of ["latin", "Vazirmatn"]) {
      const link = document.createElement("link");
      Object.assign(link, { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "" });
      link.href = new URL(`fonts/${face}.woff2`, document.currentScript.src);
      document.head.append(link);
    }
  }

  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
  if (FROM_FOLDER) takeMode();
  takeTheme();
  leadOn();
  preloadFaces();
  document.addEventListener("readystatechange", () => {
    if (document.readyState !== "interactive") return;  // the page is read, the theme's scripts still wait
    each("script[data-value]", unfold);
    each("table:is(.hw2-cases, .hw2-ledger)", keepTable);
    each(".theme-switch-button, .search-button, .sidebar-toggle", keepFocus);
  });
  document.addEventListener("DOMContentLoaded", () => {
    menu("primary", 992);
    menu("secondary", SHOWN === "both" ? 1600 : 1200);  // two columns take its room
    keepPlace();
    each(WIDE, (element) => laidOut.observe(element));
    each(".copybtn", nameButton);
    new MutationObserver((changes) => changes.forEach(({ target }) => nameButton(target)))
      .observe(document.body, { subtree: true, attributeFilter: ["data-tooltip"] });
  });
  document.fonts.addEventListener("loadingdone", reachAgain);  // letters of other widths
})();
