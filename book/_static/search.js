/* Finds sections of the book, and says in which language.
 *
 * Loaded by the search page alone, after Sphinx's searchtools.js, whose page, index and stemmer it uses. An
 * entry of the index is a section in one language, called page#anchor@language; its title is the heading and
 * its file name the title of the page. hw2utils/publishing/pages/search.py makes it, and the tables used here.
 */
(() => {
  "use strict";

  const { letters, affixes, suffix, word: wordPattern, joints } = searchTables;
  const SHOWN = document.documentElement.dataset.lang;
  const LANGUAGES = ["fa", "en"];
  const NAMES = { fa: "فارسی", en: "English" };
  const WORD = new RegExp(wordPattern, "gu");
  const JOINT = new RegExp(`[${joints}]`, "u");
  const SUFFIX = new RegExp(suffix, "u");
  const ARABIC = /[\u0600-\u06ff]/;
  const SCORES = { title: 15, titlePart: 7, text: 5, textPart: 2 };
  const porter = new Stemmer();

  /* --- words: the twin of fold, words and stem in search.py -------------------------------------------- */

  const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/(?!\u200c)[\p{Mn}\p{Cf}\u0640]/gu, "")
    .replace(/./gu, (c) => letters[c] ?? c)
    .replace(/(?<=[۰-۹])[,٬](?=[۰-۹]{3}(?![۰-۹]))/g, "")
    .replace(/(?<=[۰-۹])[.](?=[۰-۹])/g, "٫");

  const stem = (word) => (ARABIC.test(word) ? word.replace(SUFFIX, "") : porter.stemWord(word));

  function runs(parts) {
    if (parts.length > 4) return [parts.join(""), ...parts];
    return parts.flatMap((_, i) => parts.slice(i).map((_, n) => parts.slice(i, i + n + 1).join("")));
  }

  /* Each word: its forms in one piece, any of which will do, its telling parts, which count together, and all
   * its forms. */
  function words(text) {
    const found = [];
    for (const word of fold(text).match(WORD) ?? []) {
      const parts = word.split(JOINT);
      const telling = parts.filter((part) => !affixes.includes(part));
      const wanted = (form) => !stopwords.includes(form);
      const whole = [...new Set([parts.join(""), telling.join("")])].filter(wanted);
      if (telling.length && whole.length) found.push({
        whole, parts: telling.filter(wanted), all: [...new Set([parts.join(""), ...runs(telling)])].filter(wanted),
      });
    }
    return found;
  }

  const forms = (text) => words(text).flatMap(({ all }) => all);

  /* --- entries ----------------------------------------------------------------------------------------- */

  const list = (entries) => (entries === undefined ? [] : [entries].flat());

  function raise(scores, entries, score) {
    for (const entry of list(entries)) scores.set(entry, Math.max(score, scores.get(entry) ?? 0));
  }

  /* The entries that hold a term and what that is worth; where none does, those with a longer word. */
  function holding(term) {
    const { terms, titleterms } = Search._index;
    const scores = new Map();
    for (const [table, score, part] of [
      [terms, SCORES.text, SCORES.textPart], [titleterms, SCORES.title, SCORES.titlePart],
    ]) {
      if (Object.hasOwn(table, term)) raise(scores, table[term], score);
      else if (term.length > 2) {
        for (const [longer, entries] of Object.entries(table)) {
          if (longer.startsWith(term)) raise(scores, entries, part);
        }
      }
    }
    return scores;
  }

  function holdingAll(terms) {
    const each = terms.map(holding);
    const scores = new Map();
    for (const entry of each[0]?.keys() ?? []) {
      if (each.every((found) => found.has(entry))) {
        raise(scores, entry, each.reduce((sum, found) => sum + found.get(entry), 0) / each.length);
      }
    }
    return scores;
  }

  /* For each word of a query its entries: in one piece, in parts, or in one piece with its neighbour. */
  function entriesOf(query) {
    const wanted = words(query);
    const found = wanted.map(({ whole, parts }) => {
      const scores = holdingAll(parts.map(stem));
      for (const form of whole) holding(stem(form)).forEach((score, entry) => raise(scores, entry, score));
      return scores;
    });
    for (let i = 0; i + 1 < wanted.length; i++) {
      const joined = stem(wanted[i].whole[0] + wanted[i + 1].whole[0]);
      for (const [table, score] of [[Search._index.terms, SCORES.text], [Search._index.titleterms, SCORES.title]]) {
        if (!Object.hasOwn(table, joined)) continue;
        for (const scores of [found[i], found[i + 1]]) raise(scores, table[joined], score + 1);
      }
    }
    return found;
  }

  /* How much of a heading was asked for. */
  function coverage(heading, asked) {
    const own = words(heading);
    const met = own.filter(({ all }) => all.some((form) => asked.has(stem(form))));
    return own.length ? met.length / own.length : 0;
  }

  /* Whether the sections hold all words asked for, else as many as any does; and these, the best first:
   * { page, anchor, score, languages, headings, pages }. */
  function find(query) {
    const { docnames, titles, filenames } = Search._index;
    const found = entriesOf(query);
    const asked = new Set(forms(query).map(stem));
    const counts = new Map();
    for (const scores of found) for (const entry of scores.keys()) counts.set(entry, (counts.get(entry) ?? 0) + 1);
    const most = Math.max(0, ...counts.values());
    const places = new Map();
    for (const [entry, count] of counts) {
      if (count < most) continue;
      const [place, language] = docnames[entry].split("@");
      let score = found.reduce((sum, scores) => sum + (scores.get(entry) ?? 0), 0) / found.length;
      score += 10 * coverage(titles[entry], asked) + (place.endsWith("#") ? 1 : 0);
      const known = places.get(place) ?? { score: 0, languages: [] };
      places.set(place, {
        score: Math.max(score, known.score), languages: [...known.languages, language],
      });
    }
    const entries = new Map(docnames.map((name, entry) => [name, entry]));
    const both = (values, place) => Object.fromEntries(
      LANGUAGES.map((language) => [language, values[entries.get(`${place}@${language}`)]]),
    );
    const sections = [...places].map(([place, { score, languages }]) => {
      const [page, anchor] = place.split("#");
      return { page, anchor, score, languages, headings: both(titles, place), pages: both(filenames, place) };
    }).sort((a, b) => b.score - a.score || (a.page + a.anchor < b.page + b.anchor ? -1 : 1));
    return { all: most === found.length, sections };
  }

  /* --- what is shown ----------------------------------------------------------------------------------- */

  function element(tag, name, ...content) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...content);
    return made;
  }

  function inLanguage(language, text) {
    const span = element("span", `lang-${language}`, text);
    span.lang = language;
    span.dir = language === "fa" ? "rtl" : "ltr";
    return span;
  }

  const inItsLanguage = (words) => (SHOWN === "both" && words.fa !== words.en ? [
    inLanguage("en", words.en), element("span", "lang-sep", " — "), inLanguage("fa", words.fa),
  ] : [words[SHOWN] ?? words.en]);

  function item({ page, anchor, score, languages, headings, pages }) {
    const link = element("a", "", ...inItsLanguage(headings));
    const elsewhere = SHOWN !== "both" && !languages.includes(SHOWN);  // found in the other language alone
    const folder = elsewhere ? `../${languages[0]}/` : "";
    link.href = folder + page + DOCUMENTATION_OPTIONS.LINK_SUFFIX + (anchor ? `#${anchor}` : "");
    link.dataset.score = score.toFixed(2);
    const where = element("p", "hw2-found");
    for (const language of LANGUAGES.filter((one) => languages.includes(one))) {
      const label = element("span", "hw2-found-language", NAMES[language]);
      label.lang = language;
      where.append(label, " ");
    }
    if (anchor) where.append(...inItsLanguage(pages));
    return element("li", "", link, where);
  }

  const persian = (number) => String(number).replace(/\d/g, (digit) => letters[digit]);

  function summary({ all, sections: { length: count } }) {
    if (!count) return { fa: "چیزی پیدا نشد.", en: "Nothing was found." };
    const sections = count === 1 ? "1 section" : `${count} sections`;
    return all ? { fa: `${persian(count)} بخش پیدا شد.`, en: `${sections} found.` } : {
      fa: `هیچ بخشی همهٔ واژه‌ها را ندارد؛ ${persian(count)} بخش بیشترشان را دارد.`,
      en: `No section has all of these words; ${sections} with most of them.`,
    };
  }

  Search.query = (query) => {
    const found = find(query);
    Search.stopPulse();
    Search.title.textContent = SHOWN === "fa" ? "نتیجهٔ جست‌وجو" : "Search Results";
    Search.status.setAttribute("role", "status");
    Search.status.append(...inItsLanguage(summary(found)));
    Search.output.append(...found.sections.map(item));
  };

  Search.forms = forms;  // for the tests
  Search.stem = stem;
})();
