/* Finds the sections of the book that answer what was typed, and shows the words around what it found.
 *
 * Loaded by the search page alone, after Sphinx's searchtools.js and language_data.js, of which it uses the page, the
 * stemmer and the English words nobody looks for. hw2utils/publishing/pages/search.py writes the sections and the words
 * that mean the same, here Search._index, and a script with the texts of each language. A page in one language searches
 * that language; the other is fetched only where that lacks some of what was typed, and shown where it holds more.
 */
(() => {
  "use strict";

  const SHOWN = document.documentElement.dataset.lang;
  const LANGUAGES = ["fa", "en"];
  const OWN = LANGUAGES.filter((language) => SHOWN === "both" || language === SHOWN);
  const NAMES = { fa: "فارسی", en: "English" };
  const DIRECTION = { fa: "rtl", en: "ltr" };
  const MOST = 30; // sections shown
  const ASIDE = 0.25; // what a word that only asks is worth beside the others
  // What an earlier edition said, and a list of figures under the chapters' titles, after what answers.
  const LESS = { "book/corrections": 0.5, "book/gallery": 0.3 };
  const AROUND = 26; // words shown around what was found

  /* --- words ------------------------------------------------------------------------------------------- */

  const DIGITS = "۰۱۲۳۴۵۶۷۸۹";
  const LETTERS = { "\u064a": "ی", "\u0649": "ی", "\u0643": "ک" };
  for (const letter of "\u0629\u06d5\u06c1\u06be") LETTERS[letter] = "ه";
  for (const digits of ["0123456789", "٠١٢٣٤٥٦٧٨٩"]) [...digits].forEach((d, i) => { LETTERS[d] = DIGITS[i]; });

  // What may stand between the parts of one word, or be left out, or be typed as a space; the hyphen comes first.
  const JOINTS = "-\u200c_\u2010";
  const JOINT = new RegExp(`[${JOINTS}]`, "u");
  // A number with its separators, or a word with its joints and with all marks and signs that nobody sees.
  const RAW = new RegExp(
    `\\p{Nd}+(?:[.,٫٬]\\p{Nd}+)+|[\\p{L}\\p{N}\\p{M}\\p{Cf}]+(?:[${JOINTS}][\\p{L}\\p{N}\\p{M}\\p{Cf}]+)*`, "gu",
  );
  const WORD = new RegExp(`[۰-۹]+(?:٫[۰-۹]+)+|[\\p{L}\\p{N}]+(?:[${JOINTS}][\\p{L}\\p{N}]+)*`, "gu");
  const ARABIC = /[\u0600-\u06ff]/;
  // The ending cut from a Persian word written in one piece.
  const SUFFIX = /(?<=...)(?:ها(?:یی|یم|یت|یش|یمان|یتان|یشان|ی)?|ترین)$/u;
  // Parts of Persian words that say nothing about what the word means, where they stand apart.
  const AFFIXES = new Set([
    "می", "نمی", "ها", "های", "هایی", "هایم", "هایت", "هایش", "هایمان", "هایتان", "هایشان",
    "ی", "ای", "ام", "اند", "ایم", "تر", "ترین",
  ]);
  // Words nobody looks for, and words that only make a question of what is asked, as fold writes them.
  const IGNORED = new Set([...stopwords, ..."و از به در که را این ان است با برای هم یا تا بر هر یک اگر نه پس نیز".split(" ")]);
  const ASKING = new Set((
    "why how what which when where who does do did is are can should i me my we you it its one mean means explain about "
    + "چرا چه چگونه چطور چجوری کدام کی کجا چیست چیه ایا چون ولی اما شد شود میشود میکند کند کنم کنیم کنند دارد هست "
    + "هستند باید یعنی من ما دلیل توضیح درباره مورد"
  ).split(" "));
  const porter = new Stemmer();

  /* Writes a text in one of the many ways it can be typed: small letters, Persian letters and digits; without marks,
   * lengthenings, signs that nobody sees and separators of thousands. The half-space stays. */
  const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/(?!\u200c)[\p{Mn}\p{Cf}\u0640]/gu, "")
    .replace(/./gu, (c) => LETTERS[c] ?? c)
    .replace(/(?<=[۰-۹])[,٬](?=[۰-۹]{3}(?![۰-۹]))/g, "")
    .replace(/(?<=[۰-۹])[.](?=[۰-۹])/g, "٫");

  const stem = (word) => (ARABIC.test(word) ? word.replace(SUFFIX, "") : porter.stemWord(word));

  function runs(parts) {
    if (parts.length > 4) return [parts.join(""), ...parts]; // a list rather than a word: 784-128-64-32-16-10
    return parts.flatMap((_, i) => parts.slice(i).map((_, n) => parts.slice(i, i + n + 1).join("")));
  }

  const known = new Map();

  /* The words in what stands between spaces: each with its stems in one piece, those of its telling parts, and all
   * under which it is found. */
  function wordsOf(raw) {
    if (known.has(raw)) return known.get(raw);
    const found = [];
    for (const word of fold(raw).match(WORD) ?? []) {
      const parts = word.split(JOINT);
      const telling = parts.filter((part) => !AFFIXES.has(part) || (part === "ترین" && parts.length === 1)); // "train"
      const stems = (forms) => [...new Set(forms.filter((form) => !IGNORED.has(form)).map(stem))];
      const all = telling.length ? stems([parts.join(""), ...runs(telling)]) : [];
      if (all.length) {
        found.push({ joined: parts.join(""), whole: stems([parts.join(""), telling.join("")]), parts: stems(telling), all });
      }
    }
    known.set(raw, found);
    return found;
  }

  /* The words of a text in order, with where each stands. */
  function wordsIn(text) {
    const found = [];
    for (const match of text.matchAll(RAW)) {
      for (const word of wordsOf(match[0])) found.push({ word, start: match.index, end: match.index + match[0].length });
    }
    return found;
  }

  /* What names a phrase however its parts are joined. */
  const spelling = (words) => stem(words.map(({ joined }) => joined).join(""));
  const phrase = (text) => wordsIn(text).map(({ word }) => word);

  /* --- questions of the homework ----------------------------------------------------------------------- */

  /* A query with the parts of its Persian words joined that were typed apart. */
  const ENDING = new RegExp(`\\s+(${[...AFFIXES].filter((affix) => !/می$/.test(affix)).join("|")})(?=\\s|$)`, "gu");
  const joinParts = (folded) => folded.replace(ENDING, "\u200c$1").replace(/(?<=^|\s)(ن?می)\s+/gu, "$1\u200c");

  const NUMBERS = [["۱", "یک", "one"], ["۲", "دو", "two"], ["۳", "سه", "three"], ["۴", "چهار", "four"], ["۵", "پنج", "five"]];
  const PARTS = [["الف", "ا", "a"], ["ب", "b"], ["پ", "c"], ["ت", "د", "d"], ["ث", "ه", "e"], ["ج", "f"]];
  const nth = (table, name) => table.findIndex((names) => names.includes(name)) + 1;
  const part = PARTS.flat().join("|");
  const TAG = new RegExp(
    `(?<![\\p{L}\\p{N}_-])(سوال|پرسش|بخش|question|q|س)?[\\s\\u200c.:-]*(${NUMBERS.flat().join("|")})`
    + `(?:[\\s\\u200c.():-]*(${part})(?:\\s*(?:and|و|,|،)\\s*(${part})(?![\\p{L}\\p{N}]))?)?\\)?(?![\\p{L}\\p{N}_.٫]*[\\p{L}\\p{N}])`, "gu",
  );

  /* The questions that a text names, as 3b, or as 3 alone, and the text without them. A number alone counts where it
   * is all there is; one in letters after the word "question", where no more words follow: "question one hidden layer". */
  function tagsOf(text) {
    const tags = new Set();
    const folded = fold(text);
    const rest = folded.replace(TAG, (all, prefix, number, one, other, at) => {
      const whole = all.trim() === folded.trim();
      const parts = [one, other].filter(Boolean);
      const ends = !/\S/.test(folded.slice(at + all.length));
      if (/[۱-۵]/.test(number) ? !prefix && !parts.length && !whole : !prefix || !(parts.length || ends)) return all;
      const question = nth(NUMBERS, number);
      if (!parts.length) tags.add(`${question}`);
      for (const letter of parts) tags.add(question + "abcdef"[nth(PARTS, letter) - 1]);
      return " ";
    });
    return { tags: [...tags], rest };
  }

  /* --- the index --------------------------------------------------------------------------------------- */

  const WEIGHTS = { heading: 3, title: 0.5, text: 1 };

  const once = (make) => {
    const made = new Map();
    return (name) => {
      if (!made.has(name)) made.set(name, make(name));
      return made.get(name);
    };
  };

  const texts = {};
  Search.setTexts = (language, all) => { texts[language] = all; };

  /* Fetches the texts of a language; one that cannot be fetched is not searched. */
  const load = once((language) => new Promise((done) => {
    const script = document.createElement("script");
    script.src = `${SHOWN === "both" ? "" : "../"}searchindex-${language}.js?v=${Search._index.version}`;
    script.onload = script.onerror = done;
    document.head.append(script);
  }));

  /* All sections in the order of the texts, and what means the same as a phrase. */
  const book = once(() => {
    const sections = Search._index.pages.flatMap(({ page, title, sections: own }) => {
      const tags = tagsOf(title.en).tags;
      return own.map((section) => ({ page, title, tags, ...section }));
    });
    const groups = new Map();
    for (const words of Search._index.synonyms) {
      const group = words.map(phrase).filter(({ length }) => length);
      for (const one of group) groups.set(spelling(one), [...(groups.get(spelling(one)) ?? []), group]);
    }
    return { sections, groups };
  });

  /* The places of each stem in a language: stem → section → [field, number of the word in its field, start, end]. */
  const indexOf = once((language) => {
    const places = new Map();
    const lengths = book().sections.map(({ anchor, title, heading }, number) => {
      const fields = { heading: heading[language], text: texts[language][number], title: anchor ? title[language] : "" };
      let length = 0;
      for (const [field, text] of Object.entries(fields)) {
        wordsIn(text).forEach(({ word, start, end }, at) => {
          length += 1;
          for (const form of word.all) {
            if (!places.has(form)) places.set(form, new Map());
            const own = places.get(form);
            if (!own.has(number)) own.set(number, []);
            own.get(number).push([field, at, start, end]);
          }
        });
      }
      return length;
    });
    return { places, lengths, mean: lengths.reduce((a, b) => a + b, 0) / lengths.length };
  });

  /* --- what was asked ---------------------------------------------------------------------------------- */

  /* Whether two words differ by one letter: left out, put in, another, or exchanged with its neighbour. */
  function near(a, b) {
    if (Math.abs(a.length - b.length) > 1 || a === b) return false;
    let i = 0;
    while (a[i] !== undefined && a[i] === b[i]) i += 1;
    const [x, y] = [a.slice(i), b.slice(i)];
    return x.slice(1) === y.slice(1) || x.slice(1) === y || x === y.slice(1)
      || (x[0] === y[1] && x[1] === y[0] && x.slice(2) === y.slice(2));
  }

  const isKnown = (form, languages) => languages.some((language) => indexOf(language).places.has(form));

  /* The phrases that mean what a phrase means, the one typed first, each with what it is worth. */
  function meanings(words) {
    const { groups } = book();
    const found = new Map([[spelling(words), { words, worth: 1 }]]);
    for (const worth of [0.85, 0.8]) {
      for (const name of [...found.keys()]) {
        for (const other of (groups.get(name) ?? []).flat()) {
          if (!found.has(spelling(other))) found.set(spelling(other), { words: other, worth });
        }
      }
    }
    return [...found.values()];
  }

  /* The concepts of a query, each with the phrases any of which will do, and the questions it names. */
  function parse(query, languages) {
    const { tags, rest } = tagsOf(query);
    const all = phrase(joinParts(rest));
    const { groups } = book();
    const telling = all.filter(({ joined }) => !ASKING.has(joined));
    const words = telling.length ? telling : all;
    const concepts = telling.length ? all.filter(({ joined }) => ASKING.has(joined))
      .map((word) => ({ weight: ASIDE, phrases: [{ words: [word], worth: 1 }] })) : [];
    for (let i = 0; i < words.length;) {
      let taken = [words[i]];
      for (let n = Math.min(4, words.length - i); n > 0; n--) {
        const some = words.slice(i, i + n);
        if (groups.has(spelling(some))) {
          taken = some;
          break;
        }
      }
      i += taken.length;
      concepts.push({ weight: 1, phrases: meanings(taken) });
    }
    for (const concept of concepts.filter(({ weight }) => weight === 1)) {
      const [{ words: typed }] = concept.phrases;
      const name = spelling(typed);
      if (typed.length > 1 || groups.has(name) || typed[0].all.some((form) => isKnown(form, languages)) || name.length < 4) continue;
      const close = [...groups.keys()].find((other) => near(name, other));
      if (close) concept.phrases.push(...meanings(groups.get(close)[0].find((w) => spelling(w) === close))
        .map(({ words: meant, worth }) => ({ words: meant, worth: 0.7 * worth })));
    }
    // Neighbours that the book writes in one piece.
    for (let i = 0; i + 1 < concepts.length; i++) {
      const [a, b] = [concepts[i], concepts[i + 1]].map(({ phrases }) => phrases[0].words);
      if (concepts[i].weight < 1) continue;
      if (a.length === 1 && b.length === 1 && isKnown(spelling([...a, ...b]), languages)) {
        for (const one of [concepts[i], concepts[i + 1]]) one.phrases.push({ words: [...a, ...b], worth: 1 });
      }
    }
    return { tags, concepts };
  }

  /* The places of a stem in a language, each with what it is worth: those of the word itself, less those of longer
   * ones, and where there are none, those of words with one letter different, or of its own beginning. */
  function placesOf(form, language, typed) {
    const { places } = indexOf(language);
    const exact = places.has(form) ? [{ value: 1, sections: places.get(form) }] : [];
    if (!typed || form.length < 3 || (exact.length && form.length < 5)) return exact;
    const others = (value, meant) => [...places.keys()].filter(meant).map((other) => ({ value, sections: places.get(other) }));
    const longer = others(exact.length ? 0.3 : 0.5, (other) => other !== form && other.startsWith(form));
    if (exact.length || longer.length || form.length < 4) return [...exact, ...longer];
    const slips = others(0.35, (other) => near(form, other));
    // A word broken off after its stem, such as "oscillat" of "oscillation", begins with the longest stem that it can.
    const stems = [...places.keys()].filter((other) => other.length > 4 && form.startsWith(other));
    const longest = Math.max(0, ...stems.map((other) => other.length));
    return slips.length ? slips : others(0.35, (other) => other.length === longest && stems.includes(other));
  }

  /* The sections that hold a phrase: in one piece, or its words one after the other, or, for one word with joints,
   * its parts together: section → [places, worth]. */
  function holding({ words, worth }, language, typed) {
    const found = new Map();
    const add = (section, places, value) => {
      const had = found.get(section) ?? { places: [], worth: 0 };
      had.places.push(...places);
      had.worth = Math.max(had.worth, value * worth);
      found.set(section, had);
    };
    const whole = words.length > 1 ? [spelling(words)] : [...words[0].whole];
    const begun = words[0].joined; // "memoris" is a stem, as which it would become "memori", that of "memory"
    if (typed && words.length === 1 && !whole.includes(begun) && isKnown(begun, [language])) whole.push(begun);
    for (const form of whole) {
      for (const { value, sections } of placesOf(form, language, typed && words.length === 1 && words[0].parts.length < 2)) {
        for (const [section, places] of sections) add(section, places, value);
      }
    }
    const row = words.length > 1 ? words.map(({ whole: own }) => own[0]) : words[0].parts;
    if (row.length < 2) return found;
    const maps = row.map((form) => indexOf(language).places.get(form));
    if (maps.some((map) => map === undefined)) return found;
    for (const [section, first] of maps[0]) {
      const others = maps.slice(1).map((map) => map.get(section));
      if (others.some((places) => places === undefined)) continue;
      const places = [];
      for (const start of first) {
        const rest = others.map((own, i) => own.find(([field, at]) => field === start[0] && at === start[1] + i + 1));
        const ends = [start, ...rest];
        const close = rest.every((place, i) => place && place[2] - ends[i][3] <= (words.length > 1 ? 6 : 1));
        if (close) places.push([start[0], start[1], start[2], rest.at(-1)[3]]);
      }
      if (places.length) add(section, places, 1);
      else if (typed && !found.has(section)) add(section, [first, ...others].flat(), 0.4); // else each counts twice
    }
    return found;
  }

  /* --- the best sections ------------------------------------------------------------------------------- */

  const nameEnd = (heading) => heading.indexOf(":") + 1;

  /* How much of a heading was asked for; a chapter's begins after its question: "Question 3 b: …". */
  function coverage({ anchor, heading }, language, places) {
    const words = wordsIn(heading[language]).filter(({ start }) => anchor || start >= nameEnd(heading[language]));
    const met = words.filter(({ start, end }) => places.some(([, , from, to]) => from <= start && end <= to));
    return words.length ? met.length / words.length : 0;
  }

  /* The stretch of a text that holds most of what was asked: [number of its first word, what it is worth]. */
  function stretch(hits, weights) {
    const spots = hits.flatMap((places, concept) => places.map(([, at, start, end]) => ({ at, start, end, concept })))
      .sort((a, b) => a.at - b.at);
    let best = { worth: 0, spot: spots[0] };
    spots.forEach((spot, i) => {
      const met = new Set();
      let worth = 0;
      for (let j = i; j < spots.length && spots[j].at < spot.at + AROUND * 0.6; j++) {
        worth += met.has(spots[j].concept) ? 0.02 : weights[spots[j].concept];
        met.add(spots[j].concept);
      }
      if (worth > best.worth) best = { worth, spot };
    });
    return best;
  }

  /* The best sections in some languages, those of the page first, and whether they hold all that was typed. */
  function find(query, languages) {
    const { sections } = book();
    const { tags, concepts } = parse(query, languages);
    const each = concepts.map(({ phrases }) => Object.fromEntries(languages.map((language) => {
      const merged = new Map();
      phrases.forEach((one, i) => {
        for (const [section, { places, worth }] of holding(one, language, i === 0)) {
          const had = merged.get(section) ?? { places: [], worth: 0 };
          merged.set(section, { places: [...had.places, ...places], worth: Math.max(had.worth, worth) });
        }
      });
      return [language, merged];
    })));
    const weights = each.map((found, i) => {
      const count = new Set(languages.flatMap((language) => [...found[language].keys()])).size;
      return concepts[i].weight * Math.log(1 + sections.length / (count || sections.length));
    });
    const best = (found) => Math.max(0, ...languages.flatMap((one) => [...found[one].values()].map(({ worth }) => worth)));
    const held = each.filter((_, i) => concepts[i].weight === 1).map(best);
    const total = weights.reduce((a, b) => a + b, 0);
    const exists = (tag) => sections.some((section) => section.tags.includes(tag));
    const named = tags.map((tag) => (exists(tag) ? tag : tag[0]));
    const onPage = ({ tags: own }) => named.some((tag) => own.some((one) => one === tag || one[0] === tag));

    const inLanguage = (language) => sections.map((section, number) => {
      const { lengths, mean } = indexOf(language);
      let [score, covered, aside] = [0, 0, 0];
      const hits = each.map((found) => found[language].get(number));
      if (!hits.some((hit, i) => hit && concepts[i].weight === 1) && !(named.length && !concepts.length)) return null;
      hits.forEach((hit, i) => {
        if (!hit) return;
        let sum = 0;
        for (const [field, weight] of Object.entries(WEIGHTS)) {
          const count = hit.places.filter(([own]) => own === field).length;
          const long = field === "text" ? 0.4 + 0.6 * lengths[number] / mean : 1;
          sum += weight * 2 * count / (count + long);
        }
        score += weights[i] * hit.worth * sum;
        if (concepts[i].weight < 1) aside += weights[i];
        else covered += weights[i] * (0.4 + 0.6 * hit.worth);
      });
      if (named.length && onPage(section) && !section.anchor) { // "Question 3 b:"
        const end = nameEnd(section.heading[language]) - 1;
        hits.push({ places: [["heading", 0, 0, end > 0 ? end : section.heading[language].length]] });
      }
      const inField = (name) => hits.map((hit) => hit?.places.filter(([field]) => field === name) ?? []);
      const text = stretch(inField("text"), weights);
      if (total) {
        const part = coverage(section, language, inField("heading").flat());
        score *= (LESS[section.page] ?? 1) * ((covered + aside) / total) ** 2 * (1 + 0.5 * text.worth / total)
          * (1 + part + (part < 1 ? 0 : section.explains && concepts.length === 1 ? 4 : 1.2)) * (texts[language][number] ? 1 : 0.6);
      }
      if (named.length) {
        if (!onPage(section)) return null;
        score += section.anchor ? 0 : concepts.length ? 1 : 5;
        covered += 1;
      }
      return { number, language, score, covered, inField, text };
    }).filter(Boolean);

    const found = Object.fromEntries(languages.map((language) => [language, inLanguage(language)]));
    const most = (some) => Math.max(0, ...some.flatMap((language) => found[language].map(({ covered }) => covered)));
    const own = languages.filter((language) => OWN.includes(language));
    const shown = most(own) > 0.85 * most(languages) ? own : languages;
    const sectionsFound = new Map();
    for (const language of shown) {
      for (const one of found[language]) {
        if (one.covered < 0.5 * most(shown)) continue;
        const had = sectionsFound.get(one.number);
        const both = [...(had?.languages ?? []), language];
        sectionsFound.set(one.number, { ...(had && had.score >= one.score ? had : one), languages: both });
      }
    }
    const ranked = [...sectionsFound.values()].sort((a, b) => b.score - a.score || a.number - b.number);
    return {
      all: held.every((worth) => worth > 0),
      sure: ranked.length > 0 && held.every((worth) => worth >= 0.5),
      sections: ranked.filter(({ score }) => score > 0.08 * ranked[0].score || named.length).slice(0, MOST),
    };
  }

  /* --- what is shown ----------------------------------------------------------------------------------- */

  function element(tag, name, ...content) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...content);
    return made;
  }

  function inTongue(language, made) {
    made.lang = language;
    made.dir = DIRECTION[language];
    return made;
  }

  /* A text from one place to another, with what was found marked. */
  function marked(text, places, from = 0, to = text.length) {
    const parts = [];
    let at = from;
    for (const [, , start, end] of [...places].sort((a, b) => a[2] - b[2] || b[3] - a[3])) {
      if (start < at || end > to) continue;
      parts.push(text.slice(at, start), element("mark", "", text.slice(start, end)));
      at = end;
    }
    return [...parts, text.slice(at, to)];
  }

  function inBoth(half) {
    const made = (language) => inTongue(language, element("span", `lang-${language}`, ...half(language)));
    return [made("en"), element("span", "lang-sep", " — "), made("fa")];
  }

  function excerpt({ number, language, inField, text }) {
    const full = texts[language][number];
    const words = [...full.matchAll(/\S+/g)];
    const first = text.spot ? words.findIndex((word) => word.index + word[0].length > text.spot.start) : 0;
    let begin = Math.max(0, first - Math.floor(AROUND / 3));
    for (let i = begin; i < first; i++) if (/[.؟?!]$/.test(words[i][0])) begin = i + 1; // rather a whole sentence
    const shown = words.slice(begin, begin + AROUND);
    if (!shown.length) return null;
    const last = shown.at(-1);
    return inTongue(language, element(
      "p", "hw2-excerpt", begin ? "… " : "",
      ...marked(full, inField("text").flat(), shown[0].index, last.index + last[0].length),
      begin + AROUND < words.length ? " …" : "",
    ));
  }

  function item(found) {
    const { language, languages, inField, score } = found;
    const section = book().sections[found.number];
    const folder = SHOWN === "both" || language === SHOWN ? "" : `../${language}/`;
    const half = (one) => marked(section.heading[one], one === language ? inField("heading").flat() : []);
    const link = SHOWN === "both" && section.heading.fa !== section.heading.en
      ? element("a", "", ...inBoth(half))
      : inTongue(language, element("a", "", ...half(language)));
    link.href = folder + section.page + DOCUMENTATION_OPTIONS.LINK_SUFFIX + (section.anchor ? `#${section.anchor}` : "");
    link.dataset.score = score.toFixed(2);
    const where = element("p", "hw2-found");
    for (const one of LANGUAGES.filter((name) => languages.includes(name) && (SHOWN === "both" || folder))) {
      const label = element("span", "hw2-found-language", NAMES[one]);
      label.lang = one;
      where.append(label, " ");
    }
    if (section.anchor) where.append(inTongue(language, element("span", "", section.title[language])));
    const made = element("li", "", link);
    if (where.childNodes.length) made.append(where);
    const words = excerpt(found);
    if (words) made.append(words);
    return made;
  }

  const persian = (number) => String(number).replace(/\d/g, (digit) => LETTERS[digit]);

  function summary({ all, sections: { length: count } }) {
    if (!count) return { fa: "چیزی پیدا نشد.", en: "Nothing was found." };
    const sections = count === 1 ? "1 section" : `${count} sections`;
    return all ? { fa: `${persian(count)} بخش پیدا شد.`, en: `${sections} found.` } : {
      fa: `هیچ بخشی همهٔ واژه‌ها را ندارد؛ ${persian(count)} بخش بیشترشان را دارد.`,
      en: `No section has all of these words; ${sections} with most of them.`,
    };
  }

  const inItsLanguage = (words) => (SHOWN === "both" ? inBoth((one) => [words[one]]) : [words[SHOWN]]);

  /* Shows what is found in the language of the page, or in both where that does not hold all that was typed. */
  Search.query = async (query) => {
    const search = async (languages) => {
      await Promise.all(languages.map(load));
      return find(query, languages.filter((language) => texts[language]));
    };
    let found = await search(OWN);
    if (!found.sure && OWN.length < LANGUAGES.length) found = await search(LANGUAGES);
    Search.stopPulse();
    Search.title.textContent = SHOWN === "fa" ? "نتیجهٔ جست‌وجو" : "Search Results";
    Search.status.setAttribute("role", "status");
    Search.status.replaceChildren(...inItsLanguage(summary(found)));
    Search.output.replaceChildren(...found.sections.map(item));
  };

  Search.stems = (text) => phrase(text).flatMap(({ all }) => all); // for the tests
})();
