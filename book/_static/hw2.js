/* The reader's language: fa, en or both.
 *
 * Runs in the head, before the body is parsed: it sets data-lang, lang and dir on <html>, then, while the
 * page is being parsed, splits every bilingual line `English — فارسی` into its halves and adds the switch to
 * the header, so that nothing is painted in the wrong language. The style sheet hides what is not wanted.
 * Without JavaScript data-lang is absent and both languages show.
 */
(() => {
  "use strict";

  const root = document.documentElement;
  const KEY = "hw2-language";
  const LANGUAGES = ["fa", "en", "both"];
  const FROM_FOLDER = location.protocol === "file:";
  const CARRIED = ["lang", "mode"];
  const SEPARATOR = " — ";
  const ARABIC = /[\u0600-\u06ff]/;
  const BILINGUAL = [
    "h1", "h2", "h3", "h4", "h5", "h6", ".logo__title", ".caption-text", ".bd-sidenav a", ".section-nav a",
    ".toctree-wrapper a", ".prev-next-title", ".std-ref", ".std-numref", ".std-doc", ".doc",
  ].join();

  /* Words of the theme. Keys are what the theme writes; attributes and whole text nodes are compared. */
  const WORDS = {
    "Contents": "در این صفحه",
    "Previous": "پیشین",
    "previous": "پیشین",
    "previous page": "صفحهٔ پیشین",
    "Next": "پسین",
    "next": "پسین",
    "next page": "صفحهٔ پسین",
    "Search": "جست‌وجو",
    "Search this book...": "جست‌وجو در کتاب…",
    "Search Results": "نتیجهٔ جست‌وجو",
    "search": "جست‌وجو",
    "Index": "نمایه",
    "Skip to main content": "پرش به متن اصلی",
    "Back to top": "بازگشت به بالا",
    "Toggle primary sidebar": "باز و بسته کردن فهرست کتاب",
    "Toggle secondary sidebar": "باز و بسته کردن فهرست این صفحه",
    "Announcement": "اعلان",
    "Book menu": "فهرست کتاب",
    "Contents of this page": "فهرست این صفحه",
    "Close": "بستن",
    "Fullscreen mode": "تمام‌صفحه",
    "Color mode": "روشن یا تیره",
    "Light": "روشن",
    "Dark": "تیره",
    "System Settings": "به انتخاب دستگاه",
    "Launch interactive content": "اجرای برخط",
    "Launch on Colab": "اجرا در Colab",
    "Download this page": "دریافت این صفحه",
    "Download source file": "دریافت فایل منبع",
    "Print to PDF": "چاپ یا PDF",
    "Download notebook file": "دریافت دفترچه",
    "Copy": "رونوشت",
    "Copied!": "رونوشت شد!",
    "Copy to clipboard": "رونوشت در حافظه",
    "Link to this heading": "پیوند به این بخش",
    "Link to this image": "پیوند به این شکل",
    "Link to this table": "پیوند به این جدول",
    "Link to this equation": "پیوند به این رابطه",
    "Permalink to this heading": "پیوند به این بخش",
    "Show code cell source": "نمایش کد",
    "Hide code cell source": "پنهان کردن کد",
    "Show code cell output": "نمایش خروجی",
    "Hide code cell output": "پنهان کردن خروجی",
    "Show code cell content": "نمایش کد و خروجی",
    "Hide code cell content": "پنهان کردن کد و خروجی",
    "Toggle hidden content": "نمایش یا پنهان کردن",
    "Click to show": "نمایش",
    "Click to hide": "پنهان کردن",
    "Main": "اصلی",
    "Page": "صفحه",
  };
  /* Titles of admonitions follow the language of their block, not the reader's choice. */
  const ADMONITIONS = {
    "Note": "نکته", "Tip": "راهنمایی", "Hint": "راهنمایی", "Important": "مهم", "Warning": "هشدار",
    "Caution": "احتیاط", "Attention": "توجه", "Danger": "خطر", "Error": "خطا", "See also": "همچنین ببینید",
  };
  const ATTRIBUTES = ["title", "aria-label", "placeholder", "data-bs-title", "data-bs-original-title", "data-tooltip"];
  const WORDY = ATTRIBUTES.map((name) => `[${name}]`).join();
  const WORDY_TEXT = [
    ".onthispage", ".prev-next-subtitle", ".skip-link a", "#pst-back-to-top", ".btn__text-container",
    ".search-button__default-text", "#jb-print-toc h2", ".bd-search-container > h1", "#search-results > h2",
    "details.hide > summary > p", ".toggle-details__summary-text", "#searchbox h3",
  ].join();

  /* --- the choice ------------------------------------------------------------------------------------- */

  const asked = (name) => new URLSearchParams(location.search).get(name);

  function remembered() {
    try { return localStorage.getItem(KEY); } catch { return null; }
  }

  function remember(language) {
    try { localStorage.setItem(KEY, language); } catch { /* private windows: this page only */ }
  }

  /* Takes the choice out of the address, where a reload or a step back would undo a later one. */
  function forgetAsked() {
    const address = new URL(location.href);
    for (const name of CARRIED) address.searchParams.delete(name);
    if (address.href === location.href) return;
    try { history.replaceState(null, "", address); } catch { /* some browsers forbid it in local files */ }
  }

  function initial() {
    const language = asked("lang");
    if (!LANGUAGES.includes(language)) {
      if (LANGUAGES.includes(remembered())) return remembered();
      return /^fa\b/.test(navigator.language) ? "fa" : "both";
    }
    remember(language);
    if (FROM_FOLDER && remembered() === language) forgetAsked();
    return language;
  }

  function apply(language) {
    root.dataset.lang = language;
    root.lang = language === "fa" ? "fa" : "en";
    root.dir = language === "fa" ? "rtl" : "ltr";
    for (const button of document.querySelectorAll(".hw2-switch button")) {
      button.setAttribute("aria-pressed", String(button.value === language));
    }
    setTitle();
    if (document.body) { translate(document.body); reachScrolled(); }
  }

  function choose(language) {
    remember(language);
    forgetAsked();
    apply(language);
  }

  /* Versions of Firefox remember for each file of a folder by itself: there links and forms carry the choice of
   * language and of light or dark. A link gets it when it is about to be followed: later links and choices count. */
  const choices = () => CARRIED.map((name) => [name, root.dataset[name]]).filter(([, value]) => value);
  const plain = new WeakMap();  // link → its address as written, which may ask for a language itself
  function carry(link) {
    if (link.protocol !== "file:" || !link.pathname.endsWith(".html") || link.pathname === location.pathname) return;
    if (!plain.has(link)) plain.set(link, link.href);
    const address = new URL(plain.get(link));
    for (const [name, value] of choices()) {
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

  /* --- downloads ---------------------------------------------------------------------------------------- */

  const DOWNLOAD = "a.btn-download-source-button, a.btn-download-notebook-button";

  function nameDownload(link) {
    link.removeAttribute("target");
    link.download = decodeURIComponent(link.pathname.split("/").pop());
  }

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

  /* Heard here for all, so that it also works in a page that a reader has saved. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".hw2-switch button");
    if (button) choose(button.value);
  });
  if (FROM_FOLDER) {
    for (const type of ["pointerdown", "click", "auxclick", "contextmenu"]) {
      document.addEventListener(type, (event) => {
        const link = event.target.closest?.("a[href]");
        if (link) carry(link);
      }, true);
    }
    document.addEventListener("formdata", ({ formData }) => {
      for (const [name, value] of choices()) formData.set(name, value);
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.(DOWNLOAD);
      if (!link) return;
      event.preventDefault();
      download(link);
    });
  }

  /* --- the page ---------------------------------------------------------------------------------------- */

  let fullTitle = null;
  function setTitle() {
    if (fullTitle === null) return;
    const parts = [...new Set(fullTitle.split(SEPARATOR))];  // the home page has the title of the book
    const wanted = parts.filter((part) => ARABIC.test(part) === (root.dataset.lang === "fa"));
    document.title = (root.dataset.lang === "both" || !wanted.length ? parts : wanted).join(SEPARATOR);
    const description = document.querySelector("meta[name=description]");
    const { fa, en } = description?.dataset ?? {};
    if (fa && en) description.content = { fa, en }[root.dataset.lang] ?? en + SEPARATOR + fa;
  }

  function half(language, nodes, before) {
    const span = document.createElement("span");
    span.className = language === "sep" ? "lang-sep" : `lang-${language}`;
    if (language !== "sep") {
      span.lang = language;
      span.dir = language === "fa" ? "rtl" : "ltr";
    }
    before.parentNode.insertBefore(span, before);
    span.append(...nodes);
  }

  const seen = new WeakSet();
  /* Cuts at the last dash that has no Persian letter before it and some after it. */
  function split(element) {
    if (seen.has(element) || element.closest(".lang-sep") || element.querySelector(".lang-sep")) return;
    seen.add(element);
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    let cut = null;
    for (let before = "", text; (text = walker.nextNode()); before += text.data) {
      for (let at = text.data.indexOf(SEPARATOR); at >= 0; at = text.data.indexOf(SEPARATOR, at + 1)) {
        if (!ARABIC.test(before + text.data.slice(0, at))) cut = { text, at };
      }
    }
    if (!cut || !ARABIC.test(element.textContent)) return;
    const rest = cut.text.splitText(cut.at);
    const persian = rest.splitText(SEPARATOR.length);
    const nodes = [...persian.parentNode.childNodes].filter((node) => !node.classList?.contains("headerlink"));
    const middle = nodes.indexOf(rest);
    half("en", nodes.slice(0, middle), rest);
    half("fa", nodes.slice(middle + 1), persian);
    half("sep", [rest], rest);
  }

  function addSwitch(header) {
    if (header.querySelector(".hw2-switch")) return;
    const group = document.createElement("div");
    group.className = "hw2-switch";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "زبان / Language");
    const labels = {
      fa: '<span lang="fa">فارسی</span>',
      en: '<span lang="en">English</span>',
      both: '<span class="lang-fa" lang="fa">هر دو</span><span class="lang-sep"> / </span>'
        + '<span class="lang-en" lang="en">Both</span>',
    };
    for (const language of LANGUAGES) {
      const button = document.createElement("button");
      button.type = "button";
      button.value = language;
      button.lang = language === "en" ? "en" : "fa";
      button.innerHTML = labels[language];
      button.setAttribute("aria-pressed", String(language === root.dataset.lang));
      group.append(button);
    }
    header.prepend(group);
  }

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

  /* In "both", a Persian block and the English one after it may stand side by side: give them one parent. */
  function pair(persian) {
    const english = persian.nextElementSibling;
    if (!english?.matches("div.lang-en") || persian.parentNode.matches(".hw2-pair")) return;
    const box = document.createElement("div");
    box.className = "hw2-pair";
    persian.before(box);
    box.append(persian, english);
  }

  const originals = new WeakMap();
  function translated(node, name, value) {
    const known = originals.get(node) ?? originals.set(node, {}).get(node);
    if (Object.hasOwn(WORDS, value.trim())) known[name] = value;
    if (!(name in known)) return value;
    const word = known[name].trim();
    return root.lang === "fa" ? known[name].replace(word, WORDS[word]) : known[name];
  }

  function translate(part) {
    for (const element of part.querySelectorAll(WORDY)) {
      for (const name of ATTRIBUTES) {
        const value = element.getAttribute(name);
        if (value === null) continue;
        const wanted = translated(element, name, value);
        if (wanted !== value) element.setAttribute(name, wanted);
      }
    }
    for (const element of part.querySelectorAll(WORDY_TEXT)) {
      for (const text of element.childNodes) {
        if (text.nodeType !== Node.TEXT_NODE) continue;
        const wanted = translated(text, "data", text.data);
        if (wanted !== text.data) text.data = wanted;
      }
    }
  }

  /* In a narrow window the style sheet sets a row as a card: then each cell shows its heading, and roles keep what
   * some browsers only see in the ordinary way of setting a table. */
  const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TH: "columnheader", TD: "cell" };
  function headCells(table) {
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, th, td")]) {
      part.setAttribute("role", ROLES[part.tagName]);
      if (part.matches("td")) part.dataset.head = heads[part.cellIndex];
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

  /* --- while the page is parsed ------------------------------------------------------------------------ */

  /* An element is whole once something follows it or one of its ancestors. */
  function whole(element) {
    if (document.readyState !== "loading") return true;
    for (let node = element; node; node = node.parentNode) if (node.nextSibling) return true;
    return false;
  }

  function settle() {
    if (!document.body) return;
    if (fullTitle === null) { fullTitle = document.title; setTitle(); }
    const each = (selector, act) => document.querySelectorAll(selector).forEach((element) => {
      if (whole(element)) act(element);
    });
    each(".article-header-buttons", addSwitch);
    for (const [name, words] of [["primary", "Book menu"], ["secondary", "Contents of this page"]]) {
      each(`#pst-${name}-sidebar:not([role]), #pst-${name}-sidebar-modal:not([aria-label])`, (menu) => {
        if (!menu.matches("dialog")) menu.setAttribute("role", "region");
        menu.setAttribute("aria-label", words);
      });
    }
    each("#pst-search-dialog:not([aria-label])", (dialog) => dialog.setAttribute("aria-label", "Search"));
    each(".theme-switch-button, .search-button, .sidebar-toggle", keepFocus);
    each("table:is(.hw2-cases, .hw2-ledger):not([role])", headCells);
    each(`:is(${DOWNLOAD}):not([download])`, nameDownload);
    each("script[data-value]", unfold);
    each(BILINGUAL, split);
    each(".lang-fa .admonition-title", (title) => {
      const word = ADMONITIONS[title.textContent.trim()];
      if (word) title.textContent = word;
    });
    // Notes are gathered at the end of the page, outside the blocks they came from.
    each("aside.footnote:not([lang])", (note) => {
      note.lang = ARABIC.test(note.textContent) ? "fa" : "en";
      note.dir = note.lang === "fa" ? "rtl" : "ltr";
      note.classList.add(`lang-${note.lang}`);
    });
    each("article div.lang-fa", (element) => { if (whole(element.nextElementSibling ?? element)) pair(element); });
  }

  /* What is wider than its column scrolls: the keyboard must reach it. */
  function reachScrolled() {
    const wide = "div.math, .bd-article :is(pre, table.table, table.dataframe)";
    for (const block of document.querySelectorAll(wide)) {
      if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
      else block.removeAttribute("tabindex");
    }
    document.querySelectorAll(".hw2-figure").forEach((figure, place) => {
      for (const view of figure.querySelectorAll(".hw2-view")) reachFigure(view, place + 1);
    });
  }

  /* A figure that scrolls is a region; no two regions of a page have one name. */
  function reachFigure(view, number) {
    const wide = view.scrollWidth > view.clientWidth;
    for (const name of ["tabindex", "role", "aria-label", "lang"]) if (!wide) view.removeAttribute(name);
    if (!wide) return;
    const { lang } = view.querySelector("img");
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
    reachScrolled();
    scrolled(target.closest("figure")).forEach((view, place) => { view.scrollLeft = before[place]; });
  });

  /* The Persian font is wanted at the first paint, so that nothing moves when it comes. Browsers do not
   * preload from a folder, where it is at hand anyway. */
  function preloadFont() {
    if (root.dataset.lang === "en" || !location.protocol.startsWith("http")) return;
    const link = document.createElement("link");
    Object.assign(link, { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "" });
    link.href = new URL("fonts/Vazirmatn-variable.woff2", document.currentScript.src);
    document.head.append(link);
  }

  if (FROM_FOLDER) takeMode();
  apply(initial());
  preloadFont();
  const observer = new MutationObserver(settle);
  observer.observe(root, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => {
    settle();
    menu("primary", 992);
    menu("secondary", 1200);
    translate(document.body);
    observer.disconnect();
  });
  window.addEventListener("load", () => { translate(document.body); reachScrolled(); });
  window.addEventListener("resize", reachScrolled);
  window.addEventListener("pageshow", (event) => { if (event.persisted) apply(initial()); });
})();
