"""Every page, in every language state, on a desktop and on a phone, opened without a server."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup
from playwright.sync_api import Page
from repository import ROOT
from visits import SHOWN, Visit, choose, in_language, sideways

pytestmark = [pytest.mark.browser, pytest.mark.book]

TOC = yaml.safe_load((Path(__file__).parents[2] / "_toc.yml").read_text(encoding="utf-8"))
CONTENT = [TOC["root"], *(chapter["file"] for part in TOC["parts"] for chapter in part["chapters"])]
PAGES = [*CONTENT, "search"]
CHAPTER = next(name for name in CONTENT if (ROOT / f"{name}.ipynb").is_file())
"""The first chapter."""
HOME = TOC["root"]
GALLERY = "book/gallery"
"""It shows all figures: without a script browsers fetch them at once, which takes half a minute."""
EXAMPLES = [
    HOME,
    GALLERY,
    *(f"book/{name}" for name in ("homework", "q1c_decomposition", "q3a_distillation", "q5b_history")),
    *(f"book/{name}" for name in ("ledger", "glossary", "speed")),
]
"""A page of each kind, for what depends on a page's kind and not on its words."""
DIRECTION = {"fa": ("fa", "rtl"), "en": ("en", "ltr"), "both": ("en", "ltr")}
PERSIAN = re.compile(r"[\u0600-\u06ff]")
LATIN = re.compile(r"[A-Za-z]")

Open = Callable[..., Visit]


def dealt(names: Sequence[str], *ways: object) -> list[tuple[object, ...]]:
    """Give each page one of some ways to look at it, in turn."""
    return [(name, *(way if isinstance(way, tuple) else (way,))) for name, way in zip(names, cycle(ways))]


# The text of every visible heading, paragraph, item, definition, cell and caption, without code and math. A
# work in the list of references stays in its own language.
BLOCKS = """() => [...document.querySelectorAll(
        "article :is(h1, h2, h3, h4, p, li, dt, dd, td, th, figcaption *)")]
    .filter((e) => e.checkVisibility())
    .filter((e) => !e.closest("pre, .math, .output.text_plain, section[id$=references] li"))
    .map((e) => {
        const copy = e.cloneNode(true);
        const shown = [...e.querySelectorAll("*")];
        [...copy.querySelectorAll("*")].forEach((c, i) => {
            if (!shown[i].checkVisibility() || c.matches("code, .math, .headerlink")) c.textContent = "";
        });
        return copy.textContent.trim();
    }).filter(Boolean)"""
LINES = """() => [...document.querySelectorAll(
        ".bd-sidenav a, .section-nav a, .prev-next-title, .caption-text, .logo__title")]
    .filter((e) => e.checkVisibility()).map((e) => e.innerText.trim()).filter(Boolean)"""
LABELS = """() => ["title", "aria-label", "placeholder", "data-bs-title"].flatMap((name) =>
    [...document.querySelectorAll(`[${name}]`)].filter((e) => e.checkVisibility() && !e.closest("article"))
    .map((e) => e.getAttribute(name)).filter((words) => words.trim()))"""
BAD_IMAGES = """async () => {
    const shown = [...document.images].filter((i) => i.checkVisibility());
    for (const image of shown) image.loading = "eager";
    await Promise.all(shown.map((i) => i.decode().catch(() => {})));
    return shown.filter((i) => !(i.alt.trim() && i.naturalWidth)).map((i) => i.outerHTML.slice(0, 200));
}"""
RAW = """() => [...document.querySelectorAll("a[href]")]
    .filter((a) => a.protocol === "file:" && !a.pathname.endsWith(".html"))
    .filter((a) => !a.hasAttribute("download") && a.getAttribute("href") !== "#").map((a) => a.href)"""
FIGURES = """() => [...document.querySelectorAll("figure.hw2-figure")]
    .map((f) => [...f.querySelectorAll("img")].filter((i) => i.checkVisibility()))
    .map((images) => images.map((i) => [`lang-${i.lang}`, i.alt]))"""
DEAD = "button:visible:not([type=reset])"
"""What needs a script to answer: the browser itself empties a form."""
# What is marked as of the other language, but for the name of that language in the switch and in results.
FOREIGN = """(lang) => [...document.querySelectorAll(
        `.lang-sep, :is([lang=fa], [lang=en], .lang-fa, .lang-en):not([lang=${lang}], .lang-${lang})`)]
    .filter((e) => !e.matches(".hw2-switch a, .hw2-found-language")).map((e) => e.outerHTML.slice(0, 120))"""
MIDDLE = """(selector) => {
    const { left, right } = document.querySelector(selector).getBoundingClientRect();
    return (left + right) / 2;
}"""


def foreign(texts: list[str], lang: str) -> list[str]:
    """Give the texts that are not in the language.

    In Persian those of three or more words without a Persian letter, in English those with more Persian than
    Latin letters.
    """
    if lang == "both":
        return []
    if lang == "fa":
        return [t for t in texts if not PERSIAN.search(t) and len(re.findall(r"[A-Za-z]{2,}", t)) >= 3]
    return [t for t in texts if len(PERSIAN.findall(t)) > len(LATIN.findall(t))]


@pytest.mark.parametrize(
    ("name", "first", "width", "other"), dealt(PAGES, ("fa", 1280, 390), ("en", 390, 1280))
)
def test_page(visit: Open, name: str, first: str, width: int, other: int) -> None:
    """A page opened in one language, and those in the others, to which its switch leads."""
    shown = visit(name, lang=first, width=width)
    for lang in (first, *(further for further in DIRECTION if further != first)):
        if lang != first:
            choose(shown.page, lang)
            shown.settle()
        check_page(shown, name, lang)
        shown.resize(other)
        assert sideways(shown.page) <= 0, f"the page scrolls sideways in {lang} at {other} px"
        shown.resize(width)
    assert shown.page.evaluate(RAW) == [], "a link opens a file that is neither a page nor a download"


def check_page(shown: Visit, name: str, lang: str) -> None:
    page = shown.page
    assert shown.errors == []
    assert shown.outside == []
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == list(
        DIRECTION[lang]
    )
    current = page.locator(".hw2-switch a[aria-current]")
    assert current.evaluate_all("links => links.map((link) => link.dataset.language)") == [lang]
    assert page.locator(".hw2-switch").is_visible()
    assert sideways(page) <= 0, f"the page scrolls sideways in {lang}"
    assert page.evaluate(BAD_IMAGES) == [], "an image has no alternative text or cannot be shown"

    labels = page.evaluate(LABELS)
    assert len(labels) > 4
    if lang != "both":
        assert page.evaluate(FOREIGN, lang) == [], "an element of the other language"
        assert [label for label in labels if bool(PERSIAN.search(label)) != (lang == "fa")] == [], (
            "what a screen reader or a tooltip says is in the other language"
        )

    description = page.locator("meta[name=description]").get_attribute("content") or ""
    assert len(description) > 20
    assert foreign([description], lang) == []
    if lang == "both":
        assert PERSIAN.search(description)
        assert LATIN.search(description)

    if name == "search":
        return
    title, lines = page.title(), page.evaluate(LINES)
    blocks = page.evaluate(BLOCKS)
    persian = [t for t in blocks if len(PERSIAN.findall(t)) > len(LATIN.findall(t))]
    english = [t for t in blocks if not PERSIAN.search(t) and len(LATIN.findall(t)) > 20]
    if lang == "both":
        assert persian
        assert english
        assert PERSIAN.search(title)
        assert LATIN.search(title)
        return
    assert persian if lang == "fa" else english
    assert foreign([*blocks, *lines], lang) == []
    assert bool(PERSIAN.search(title)) == (lang == "fa")
    assert all(bool(PERSIAN.search(line)) == (lang == "fa") for line in lines), lines
    for images in page.evaluate(FIGURES):
        assert [language for language, _ in images] == [f"lang-{lang}"]
        assert bool(PERSIAN.search(images[0][1])) == (lang == "fa"), "alternative text in the other language"


def test_some_page_has_figures_and_verdicts(book_html: Path) -> None:
    """The checks of figures and verdicts would say nothing about a book without any."""
    text = "".join((book_html / f"{name}.html").read_text("utf-8") for name in CONTENT)
    assert 'class="hw2-figure"' in text
    assert 'class="hw2-verdict"' in text


def test_choice_is_remembered_on_other_pages(visit: Open) -> None:
    shown = visit(HOME, lang="fa")
    page = shown.page
    choose(page, "en")
    page.locator("a.right-next").click()
    page.wait_for_url(f"**/en/{CONTENT[1]}.html")
    page.goto(shown.home(f"{CHAPTER}.html#references"))  # an old address leads on
    page.wait_for_url(f"**/en/{CHAPTER}.html#references")
    choose(page, "both")
    assert page.url.endswith(f"/{CHAPTER}.html#references")
    assert "/en/" not in page.url
    page.go_back()  # who steps back gets what was there
    page.wait_for_url(f"**/en/{CHAPTER}.html#references")
    page.goto(shown.home(f"{CONTENT[1]}.html"))
    page.wait_for_function(SHOWN, arg="both")
    assert shown.errors == []


def test_a_step_back_to_the_page_with_both_languages_stays_there(visit: Open) -> None:
    page = visit(CHAPTER).page
    address = page.url
    choose(page, "fa")
    page.go_back()
    page.wait_for_url(address)
    page.reload()
    page.wait_for_function(SHOWN, arg="both")
    assert page.url == address


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_an_address_that_asks_for_a_language_leads_to_its_page(visit: Open, lang: str) -> None:
    page = visit(CHAPTER, f"?lang={lang}#references").page
    page.wait_for_url(f"**/{lang}/{CHAPTER}.html#references")
    page.goto(page.url.replace("#references", "?lang=both"))
    page.wait_for_function(SHOWN, arg="both")
    page = visit("search", f"?q=k-NN&lang={lang}").page
    page.wait_for_url(f"**/{lang}/search.html?q=k-NN")


@pytest.mark.parametrize("lang", ["fa", "en", "both"])
@pytest.mark.parametrize(
    ("name", "old", "page", "new"),
    [
        ("book/q4_optimizers", "f-4-1", "q4e_broadcast", "f-4-1"),
        ("book/q1a_overfitting", "verdict-C-1a9", "q1a3_remedies", "verdict-C-1a9"),
        ("book/q1a_overfitting", "class-imbalance", "q1a2_causes", "q1a-imbalance"),
        ("book/q3a_distillation", "teacher-and-students", "q3a_distillation", "q3a-stages"),
    ],
)
def test_an_old_address_leads_to_where_its_content_stands(
    visit: Open, lang: str, name: str, old: str, page: str, new: str
) -> None:
    opened = visit(name, f"#{old}", lang=lang, whole=False).page
    opened.wait_for_url(f"**/{in_language(f'book/{page}', lang)}.html#{new}")
    assert opened.locator(f"#{new}").count() == 1


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_switch_leads_to_the_same_section(visit: Open, name: str) -> None:
    page = visit(name, lang="fa").page
    sections = page.locator("article section[id]").evaluate_all("all => all.map((e) => e.id)")
    middle = sections[len(sections) // 2] if len(sections) > 1 else ""
    if middle:
        page.evaluate("(id) => document.getElementById(id).scrollIntoView({ behavior: 'instant' })", middle)
    for lang in ("en", "both", "fa"):
        choose(page, lang)
        assert unquote(page.url.partition("#")[2]) == middle
        top = not middle or page.evaluate(
            "(id) => document.getElementById(id).getBoundingClientRect().top", middle
        )
        assert -5 < top < 300, f"{middle} is not in sight in {lang}"
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    choose(page, "en")
    assert "#" not in page.url, "at the top of a page no section is meant"


@pytest.mark.parametrize("name", CONTENT)
def test_links_of_a_page_stay_in_its_language_and_all_three_have_the_same_places(
    book_html: Path, name: str
) -> None:
    places, sizes = [], []
    for lang in DIRECTION:
        file = book_html / f"{in_language(name, lang)}.html"
        page = BeautifulSoup(file.read_text("utf-8"), "html.parser")
        places.append({e["id"] for e in page.find_all(id=True)})
        sizes.append(len(page.find_all(True)))
        folder = (book_html / in_language("", lang)).resolve() if lang != "both" else book_html.resolve()
        for link in page.select("a[href]:not(.hw2-switch a)"):
            target = urlsplit(str(link["href"]))
            if target.path.endswith(".html") and not target.scheme:
                led = (file.parent / unquote(target.path)).resolve()
                assert led.is_file()
                assert led.relative_to(folder).parts[0] not in ("fa", "en")
    assert places[0] == places[1] == places[2]
    assert max(sizes[:2]) < 0.85 * sizes[2]


@pytest.mark.parametrize(("locale", "expected"), [("fa-IR", "fa"), ("en-US", "both"), ("de-DE", "both")])
def test_first_visit_follows_the_browser_and_ignores_an_unknown_language(
    visit: Open, locale: str, expected: str
) -> None:
    page = visit(HOME, "?lang=xx", locale=locale).page
    page.wait_for_function(SHOWN, arg=expected)


@pytest.mark.parametrize(("name", "lang"), dealt([name for name in CONTENT if name != GALLERY], "fa", "en"))
def test_without_javascript_a_page_is_whole_in_its_language_and_leads_to_the_others(
    visit: Open, name: str, lang: str
) -> None:
    shown = visit(name, lang=lang, java_script_enabled=False)
    page = shown.page
    check_page(shown, name, lang)
    assert page.locator(DEAD).count() == 0
    for other in DIRECTION:
        page.locator(f".hw2-switch a[data-language={other}]").click()
        page.wait_for_url(f"**/html/{in_language(name, other)}.html", wait_until="domcontentloaded")
    assert page.locator("article div.lang-fa").count() == page.locator("article div.lang-en").count() > 0


def test_without_javascript_both_languages_show_and_no_button_is_dead(visit: Open) -> None:
    for name in (example for example in EXAMPLES if example != GALLERY):
        shown = visit(name, java_script_enabled=False)
        page = shown.page
        for lang in ("fa", "en"):
            blocks = page.locator(f"article div.lang-{lang}")
            assert blocks.count() > 0
            visible = "(e) => e.checkVisibility({ visibilityProperty: true }) && e.offsetHeight > 0"
            assert blocks.evaluate_all(f"all => all.every({visible})")
        formulas = page.locator(".math > math")
        assert formulas.count() == page.locator(".math").count()
        assert page.locator("merror").count() == 0
        assert page.locator(DEAD).count() == 0
        halves = page.locator("article h1 > :is(.lang-en, .lang-fa)")
        assert halves.evaluate_all("all => all.map((half) => half.lang)") == ["en", "fa"]
        assert shown.outside == []


def test_keyboard_reaches_and_operates_the_switch(visit: Open) -> None:
    page = visit(HOME).page
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.hw2-switch a')"):
            break
    else:
        pytest.fail("40 presses of Tab did not reach the language switch")
    assert page.evaluate("[document.activeElement.dataset.language, document.activeElement.lang]") == [
        "fa",
        "fa",
    ]
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "the focused link is not marked"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/fa/{HOME}.html")
    states = page.locator(".hw2-switch a").evaluate_all(
        "all => all.map((link) => link.getAttribute('aria-current'))"
    )
    assert states == ["page", None, None]


def test_formulas_are_drawn_in_their_font_from_left_to_right(visit: Open, book_html: Path) -> None:
    """Every page's formulas are looked at without JavaScript above."""
    with_math = [
        n for n in CONTENT if 'class="math ' in (book_html / f"{n}.html").read_text(encoding="utf-8")
    ]
    assert with_math, "no page of the book has mathematics"
    page = visit(with_math[0], lang="fa").page
    shown = page.locator(".math:visible > math")
    assert set(shown.evaluate_all("all => all.map((m) => getComputedStyle(m).direction)")) == {"ltr"}
    assert min(shown.evaluate_all("all => all.map((m) => m.getBoundingClientRect().height)")) > 5
    assert fonts_of(page, ".math mi") == {"STIX Two Math"}


def test_a_wide_formula_scrolls_inside_its_column(visit: Open, book_html: Path) -> None:
    for name in CONTENT:
        if "tml-display" in (book_html / f"{name}.html").read_text(encoding="utf-8"):
            page = visit(name, lang="en", width=320).page
            widest = "Math.max(...[...document.querySelectorAll('div.math')].map((m) => m.clientWidth))"
            assert page.evaluate(widest) <= 320
            assert sideways(page) <= 0


# Of each block of code that shows: whether lines are out of sight, the longest line, the size of its letters.
CODE = """() => [...document.querySelectorAll(".bd-article .cell_input pre")]
    .filter((pre) => pre.checkVisibility()).map((pre) => [pre.scrollWidth > pre.clientWidth,
        Math.max(...pre.textContent.split("\\n").map((line) => line.length)),
        parseFloat(getComputedStyle(pre).fontSize)])"""


def test_the_widest_code_is_in_sight_on_a_laptop_and_scrolls_on_a_phone(visit: Open, root: Path) -> None:
    columns = tomllib.loads((root / "book/ruff.toml").read_text(encoding="utf-8"))["line-length"]
    widest = 0
    for name in CONTENT:
        shown = visit(name, lang="en")
        found = shown.page.evaluate(CODE)
        assert [block for block in found if block[0]] == [], f"{name}: code is cut at 1280 px"
        assert all(size >= 12.5 for _, _, size in found)
        widest = max(widest, *(length for _, length, _ in found), 0)
        shown.resize(390)
        for cut, length, size in shown.page.evaluate(CODE):
            assert size == 14
            assert cut or length < 50, f"{name}: {length} columns on a phone, and nothing scrolls"
        assert sideways(shown.page) <= 0
    assert widest == columns, "no line of the book is as wide as it may be"


def fonts_of(page: Page, selector: str) -> set[str]:
    """Give the names of the fonts that the browser really drew an element's own text with."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    assert node, f"nothing matches {selector}"
    return {
        font["familyName"] for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    }


def test_each_language_and_code_has_its_face(visit: Open) -> None:
    """The cut Latin fonts have no name of their own, so they are told by their files."""
    shown = visit("book/q5b_history")
    asked = [url.rsplit("/", 1)[1] for url in shown.requests if "/fonts/" in url]
    assert sorted({*asked}) == ["Vazirmatn.woff2", "code.woff2", "latin.woff2"]
    places = {
        name: fonts_of(shown.page, selector)
        for name, selector in {
            "fa": "article h1 > .lang-fa",
            "en": "article h1 > .lang-en",
            "code": "article pre",
        }.items()
    }
    assert all(len(drawn) == 1 for drawn in places.values()), places  # no letter comes from elsewhere
    assert "Vazirmatn" in places["fa"].pop()
    assert not any("Vazirmatn" in name for drawn in places.values() for name in drawn)
    sizes = shown.page.evaluate(
        """(faces) => faces.map((face) => {
            const pen = document.createElement("canvas").getContext("2d");
            return ["", ", monospace"].map((other) => {
                pen.font = `100px "${face}"${other || ", serif"}`;
                return pen.measureText("Rag hnx 123").width;
            });
        })""",
        ["HW2 Latin", "HW2 Code"],
    )
    assert all(abs(first - second) < 0.01 for first, second in sizes), "a face is not the font's own"


def test_persian_page_is_mirrored_but_code_is_not(visit: Open) -> None:
    for lang in ("fa", "en"):
        page = visit(CHAPTER, lang=lang).page
        sidebar, article, contents = (
            page.evaluate(MIDDLE, s) for s in ("#pst-primary-sidebar", "article", "#pst-secondary-sidebar")
        )
        assert (sidebar > article > contents) == (lang == "fa")
        assert (sidebar < article < contents) == (lang == "en")
        code = page.locator("pre, code").evaluate_all("all => all.map((c) => getComputedStyle(c).direction)")
        assert set(code) == {"ltr"}
        previous, following = (
            page.evaluate(MIDDLE, s) for s in (".prev-next-area .left-prev", ".prev-next-area .right-next")
        )
        assert (previous > following) == (lang == "fa")


CONTRASTS = """() => {
    const channel = (c) => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
    const light = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((c) => channel(+c));
        return .2126 * r + .7152 * g + .0722 * b;
    };
    return [...document.querySelectorAll(".hw2-badge, .hw2-switch a[aria-current]")].map((e) => {
        const style = getComputedStyle(e);
        const [a, b] = [light(style.color), light(style.backgroundColor)].sort((x, y) => y - x);
        return [e.textContent, style.backgroundColor, (a + .05) / (b + .05)];
    });
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_badges_are_legible_and_not_told_apart_by_colour_alone(visit: Open, theme: str) -> None:
    page = visit("book/ledger", lang="en").page
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    found = page.evaluate(CONTRASTS)
    assert len(found) > 1, "the ledger shows no verdict"
    assert [entry for entry in found if entry[2] < 4.5] == []
    signs = page.locator(".hw2-badge").evaluate_all(
        "all => all.map((b) => getComputedStyle(b, '::before').content)"
    )
    assert all(sign not in ("none", "normal", '""') for sign in signs)


def test_the_root_leads_to_the_home_page(visit: Open, book_html: Path) -> None:
    page = visit(HOME).page
    page.goto((book_html / "index.html").as_uri(), wait_until="commit")
    page.wait_for_url(f"**/{HOME}.html")
    assert page.locator("article h1").is_visible()
