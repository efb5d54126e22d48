"""Every kind of control on every kind of page, operated by mouse or finger and by keyboard.

The table `CONTROLS` has one row a kind: where it is found and what must be true once it was operated. Another
test looks for whatever else a page offers to operate, which then lacks its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import url2pathname

import pytest
from playwright.sync_api import Browser, Error, Locator, Page
from test_pages import HOME, PAGES, dealt
from visits import ALL_LAID_OUT, Visit, choose, in_language, sideways

pytestmark = [pytest.mark.browser, pytest.mark.book]

KINDS = {
    "home": HOME,
    "chapter": "book/q5b_history",
    "chapter with a slider": "book/q1c_decomposition",
    "homework": "book/homework",
    "search": "search",
    "ledger": "book/ledger",
    "glossary": "book/glossary",
    "speed": "book/speed",
}
"""Kind of page → an example of it; by their order :func:`plan` deals out languages and ways."""

QUERY = {"search": "?q=overfitting"}
LANGUAGES = ("fa", "en")
WIDTHS = (390, 800, 1280)
PATIENCE = 30_000  # ms, on a busy machine: a control that has not answered by then is dead

INTERACTIVE = """a[href], area[href], button, input, select, textarea, summary, label, iframe, audio, video,
    [onclick], [role=button], [role=link], [role=tab], [role=menuitem], [role=switch], [contenteditable=true],
    [tabindex]:not([tabindex='-1'])"""


@dataclass(frozen=True)
class Operated:
    """A control, and the way in which it is operated."""

    page: Page
    control: Locator
    way: str  # "keyboard", "mouse" or "finger"

    def __call__(self, control: Locator | None = None, key: str = "Enter") -> None:
        """Operate the control, or another one beside it, where a reader would: in sight and not covered."""
        control = control or self.control
        if self.way == "keyboard":
            self.focus(control)
            self.page.keyboard.press(key)
        elif self.way == "finger":
            control.tap(timeout=PATIENCE)
        else:
            control.click(timeout=PATIENCE)

    def focus(self, control: Locator | None = None) -> None:
        """Bring the focus to a control by one press of Tab from just before it."""
        control = control or self.control
        control.evaluate(BEFORE)
        self.page.keyboard.press("Tab")
        assert control.evaluate("(e) => e === document.activeElement"), "Tab does not reach it"

    def wait(self, condition: str, message: str, argument: object = None) -> None:
        """Wait until a condition in JavaScript holds."""
        try:
            self.page.wait_for_function(condition, arg=argument, timeout=PATIENCE)
        except Error:
            raise AssertionError(message) from None


# The focus starts from a place just before the element.
BEFORE = """(element) => {
    element.scrollIntoView({ block: "center" });
    const start = document.createElement("span");
    start.tabIndex = -1;
    (element.matches("summary") ? element.parentElement : element).before(start);
    start.focus({ preventScroll: true });
    requestAnimationFrame(() => setTimeout(() => start.remove(), 50));
}"""

Check = Callable[[Operated], None]


@dataclass(frozen=True)
class Control:
    """A kind of control: its name and selector, what must be true when it is operated, where it shows."""

    name: str
    selector: str
    check: Check
    widths: tuple[int, ...] = WIDTHS
    kinds: tuple[str, ...] = ()
    """Kinds of page that must have it, all if empty; elsewhere it may be."""

    def __str__(self) -> str:
        return self.name

    def is_wanted(self, kind: str, width: int) -> bool:
        """Tell whether a kind of page must have it at a width."""
        return width in self.widths and (not self.kinds or kind in self.kinds)


# --- what must be true ----------------------------------------------------------------------------


def drawer(name: str) -> Check:
    """Check a menu over the page: it opens at its side, holds focus and page, and closes in every way."""

    def check(operated: Operated) -> None:
        page = operated.page
        toggle, dialog = operated.control, page.locator(f"#pst-{name}-sidebar-modal")

        def opened() -> None:
            operated()
            operated.wait("(e) => e.open", "it does not open", dialog.element_handle())
            page.wait_for_function("() => document.getAnimations().every((a) => a.playState !== 'running')")
            state = dialog.evaluate(
                """(e) => { const box = e.getBoundingClientRect(); return {
                    left: box.left, right: box.right, width: innerWidth,
                    inside: e.contains(document.activeElement),
                    links: [...e.querySelectorAll("a[href]")].filter((a) => a.checkVisibility()).length,
                    name: e.getAttribute("aria-label") }; }"""
            )
            rtl = page.evaluate("document.documentElement.dir === 'rtl'")
            at_right = rtl == (name == "primary")
            assert state["right"] == state["width"] if at_right else state["left"] == 0, (
                f"not at its side: {state}"
            )
            assert 0 < state["right"] - state["left"] < state["width"]
            assert state["links"] >= 2
            assert state["inside"], "the focus does not go in"
            assert state["name"], "the menu has no name"
            assert toggle.get_attribute("aria-expanded") == "true"

        def closed(how: str) -> None:
            operated.wait("(e) => !e.open", f"it is not closed by {how}", dialog.element_handle())
            operated.wait(
                "(e) => e === document.activeElement",
                f"{how}: the focus does not come back",
                toggle.element_handle(),
            )
            assert toggle.get_attribute("aria-expanded") == "false"

        opened()
        before = page.evaluate("scrollY")
        page.mouse.move(5, 400)
        page.mouse.wheel(0, 300)
        page.mouse.move(page.viewport_size["width"] - 5, 400)
        page.mouse.wheel(0, 300)
        page.wait_for_timeout(50)
        assert page.evaluate("scrollY") == before, "the page behind scrolls"
        operated(dialog.locator(".hw2-close-menu button"))
        closed("its button")
        opened()
        page.keyboard.press("Escape")
        closed("Escape")
        opened()
        box = dialog.bounding_box()
        outside = box["width"] + 20 if box["x"] == 0 else box["x"] - 20
        (page.touchscreen.tap if operated.way == "finger" else page.mouse.click)(outside, 300)
        closed("a tap outside")
        opened()
        dialog.evaluate("(dialog, toggle) => { dialog.close(); toggle.click(); }", toggle.element_handle())
        page.wait_for_timeout(50)
        assert dialog.locator("a[href]:visible").count() >= 2, "opened again at once, it is empty"
        page.keyboard.press("Escape")
        closed("Escape")
        if name == "secondary":
            opened()
            link = dialog.locator("a.nav-link:visible").last
            target = unquote(urlsplit(link.get_attribute("href")).fragment)
            operated(link)
            operated.wait(
                "(e) => !e.open", "it stays over the place its link leads to", dialog.element_handle()
            )
            arrived(operated, target)

    return check


def book_menu(operated: Operated) -> None:
    """Check ☰: a drawer in a narrow window, beside the text in a wide one."""
    page = operated.page
    if page.viewport_size["width"] < 992:
        drawer("primary")(operated)
        return
    link = page.locator("#pst-primary-sidebar .bd-sidenav a").first
    middle = page.locator("main").bounding_box()
    for shown in (False, True):
        operated()
        operated.wait(
            "([e, shown]) => e.checkVisibility({ visibilityProperty: true }) === shown",
            f"the sidebar is {'not shown again' if shown else 'not hidden'}",
            [link.element_handle(), shown],
        )
        assert operated.control.get_attribute("aria-expanded") == str(shown).lower()
        assert operated.control.evaluate("(e) => e === document.activeElement"), "the focus is lost"
        page.wait_for_function("() => document.getAnimations().every((a) => a.playState !== 'running')")
        assert sideways(page) <= 0
    assert page.locator("main").bounding_box() == middle


def arrived(operated: Operated, identifier: str) -> None:
    """Check that a place of the page is in sight and in the address."""
    operated.wait(
        """(id) => {
            const place = document.getElementById(id);
            const top = (place?.querySelector("h1, h2, h3, h4") ?? place)?.getBoundingClientRect().top;
            return decodeURIComponent(location.hash.slice(1)) === id && top > -2 && top < innerHeight;
        }""",
        f"#{identifier} is not in sight",
        identifier,
    )


@cache
def anchors(file: Path) -> frozenset[str]:
    """Give the places that a page's addresses may name."""
    return frozenset(re.findall(r'\bid="([^"]+)"', file.read_text(encoding="utf-8")))


def link(operated: Operated) -> None:
    """Check that a link is followed, and leads to what exists; the page is not left."""
    page = operated.page
    page.evaluate(
        """() => addEventListener("click", (event) => {
            window.followed = [event.target.closest("a")?.href, event.defaultPrevented];
            event.preventDefault();
        }, { once: true })"""
    )
    operated()
    operated.wait("() => window.followed", "it is not followed")
    address, prevented = page.evaluate("window.followed")
    page.evaluate("delete window.followed")
    assert address == operated.control.evaluate("(e) => e.href")
    assert not prevented, "a script keeps it from being followed"
    parts = urlsplit(address)
    if parts.scheme == "file":
        file = Path(url2pathname(parts.path))
        assert file.is_file(), f"{file.name} does not exist"
        assert not parts.fragment or unquote(parts.fragment) in anchors(file), f"no place #{parts.fragment}"
    else:
        assert parts.scheme == "https"
        assert "." in parts.netloc


def place(operated: Operated) -> None:
    """Check that a link into the page leads there."""
    operated()
    arrived(operated, unquote(operated.control.evaluate("(e) => e.hash.slice(1)")))


def skip(operated: Operated) -> None:
    """Check the link past the menus, which shows itself when it has the focus."""
    page = operated.page
    page.goto(page.url.partition("#")[0])  # with a place in the address Tab starts from there, as it should
    page.evaluate(
        "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"
    )
    page.keyboard.press("Tab")
    assert operated.control.evaluate("(e) => e === document.activeElement"), "not the first stop of Tab"
    operated.wait(
        "(e) => e.getBoundingClientRect().bottom > 0 && e.checkVisibility()",
        "not in sight when it has the focus",
        operated.control.element_handle(),
    )
    page.keyboard.press("Enter")
    operated.wait("() => location.hash === '#main-content'", "it does not lead to the text")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#main-content').contains(document.activeElement)")


def search_button(operated: Operated) -> None:
    """Check the button that opens the field for searching, and the ways to close it."""
    page, dialog = operated.page, operated.page.locator("#pst-search-dialog")
    if (
        field := page.locator("main form.bd-search input")
    ).count():  # the page of results has a field of its own
        operated()
        operated.wait("(e) => e === document.activeElement", "the field has no focus", field.element_handle())
        return
    for how in ("Escape", "the shortcut", "a tap outside"):
        operated()
        operated.wait("(e) => e.open", "it opens nothing", dialog.element_handle())
        assert dialog.evaluate("(e) => document.activeElement === e.querySelector('input')")
        assert dialog.get_attribute("aria-label")
        if how == "Escape":
            page.keyboard.press("Escape")
        elif how == "the shortcut":
            page.keyboard.press("Control+k")
        else:
            (page.touchscreen.tap if operated.way == "finger" else page.mouse.click)(10, 880)
        operated.wait("(e) => !e.open", f"not closed by {how}", dialog.element_handle())
        operated.wait(
            "(e) => e === document.activeElement",
            "the focus does not come back",
            operated.control.element_handle(),
        )


def search_field(operated: Operated) -> None:
    """Check that what is typed reaches the page of results."""
    page = operated.page
    operated.focus() if operated.way == "keyboard" else operated()
    operated.control.fill("")
    page.keyboard.type("حکم")
    page.evaluate(
        """() => document.addEventListener("submit", (event) => {
            event.preventDefault();
            const address = new URL(event.target.action);
            address.search = new URLSearchParams(new FormData(event.target));
            window.asked = address.href;
        }, { once: true })"""
    )
    page.keyboard.press("Enter")
    operated.wait("() => window.asked", "Enter sends nothing")
    address = urlsplit(page.evaluate("window.asked"))
    assert address.path.endswith("/search.html")
    assert parse_qs(address.query)["q"] == ["حکم"]
    folder = address.path.removesuffix("/search.html").rpartition("/")[2]
    assert folder == page.evaluate("document.documentElement.dataset.lang")


def theme(operated: Operated) -> None:
    """Check that three presses go through light, dark and the device's choice, each shown."""
    page = operated.page
    seen = []
    for _ in range(3):
        before = page.evaluate("document.documentElement.dataset.mode")
        operated()
        operated.wait(
            "(mode) => document.documentElement.dataset.mode !== mode", "it changes nothing", before
        )
        seen.append(
            page.evaluate(
                "[document.documentElement.dataset.mode, getComputedStyle(document.body).backgroundColor]"
            )
        )
        icons = operated.control.locator("i:visible")
        assert icons.count() == 1
        assert icons.get_attribute("data-mode") == seen[-1][0]
    assert {mode for mode, _ in seen} == {"light", "dark", "auto"}
    colours = dict(seen)
    assert colours["light"] != colours["dark"]


def fullscreen(operated: Operated) -> None:
    """Check that the page fills the screen, and leaves it again."""
    for full in (True, False):
        operated()
        operated.wait(
            "(full) => Boolean(document.fullscreenElement) === full", f"full screen: not {full}", full
        )


# Of words that begin with a dot, as ".md", whether it stands to the left of them.
DOT_FIRST = """(item) => {
    const walker = document.createTreeWalker(item, NodeFilter.SHOW_TEXT);
    for (let text; (text = walker.nextNode());) {
        const dot = text.data.search(/\\.[a-z]/), range = document.createRange();
        if (dot < 0) continue;
        const left = (at) => {
            range.setStart(text, at);
            range.setEnd(text, at + 1);
            return range.getBoundingClientRect().left;
        };
        return left(dot) < left(dot + 1);
    }
    return true;
}"""


def dropdown(operated: Operated) -> None:
    """Check the menu of downloads: what it offers can be operated, Escape closes it."""
    page = operated.page
    operated()
    menu = page.locator(".dropdown-download-buttons .dropdown-menu")
    operated.wait("(e) => e.checkVisibility()", "no menu shows", menu.element_handle())
    assert operated.control.get_attribute("aria-expanded") == "true"
    assert operated.control.get_attribute("aria-label")
    box = menu.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"], "out of sight"
    for item in menu.locator("a, button").all():
        assert item.inner_text().strip(), "an item without a name"
        assert item.evaluate(DOT_FIRST), "the dot of a suffix stands behind it"
        if item.evaluate("(e) => e.matches('a[download]')"):
            with page.expect_download(timeout=PATIENCE) as saved:
                operated(item)
            assert saved.value.suggested_filename == item.get_attribute("download")
            if not menu.is_visible():
                operated()
        elif item.evaluate("(e) => e.matches('.btn-download-pdf-button')"):
            page.evaluate("window.print = () => { window.printed = true; }")
            operated(item)
            operated.wait("() => window.printed", "it does not print")
            if not menu.is_visible():
                operated()
        else:
            raise AssertionError(f"an item that this test does not know: {item.inner_text()}")
    page.keyboard.press("Escape")
    page.mouse.move(1, 500)
    operated.wait("(e) => !e.checkVisibility()", "Escape does not close it", menu.element_handle())


def language(operated: Operated) -> None:
    """Check that the switch leads to the page in each language; the first is chosen again in the end."""
    page = operated.page
    first = page.evaluate("document.documentElement.dataset.lang")
    for lang in (*({"fa", "en", "both"} - {first}), first):
        link = page.locator(f".hw2-switch a[data-language={lang}]")
        operated(link)
        operated.wait(
            "(lang) => document.documentElement.dataset.lang === lang", f"{lang} is not shown", lang
        )
        assert link.get_attribute("aria-current") == "page"
        assert page.locator(".hw2-switch [aria-current]").count() == 1


def copy(operated: Operated) -> None:
    """Check that the code beside the button is in the clipboard."""
    page = operated.page
    code = operated.control.evaluate("(e) => document.querySelector(e.dataset.clipboardTarget).innerText")
    page.evaluate("navigator.clipboard.writeText('')")
    if operated.way != "keyboard":
        operated.control.locator("..").hover()
    operated()
    operated.wait("async () => (await navigator.clipboard.readText()).length > 0", "nothing is copied")
    assert page.evaluate("navigator.clipboard.readText()").strip() == code.strip()


def slider(operated: Operated) -> None:
    """Check that the frame follows the slider."""
    page, control = operated.page, operated.control
    shown = """(e) => [...e.closest("figure").querySelectorAll("img")].filter((i) => i.checkVisibility())
        .map((i) => i.dataset.frame).join()"""
    before = control.evaluate(shown)
    if operated.way == "keyboard":
        operated.focus()
        value = control.input_value()
        page.keyboard.press("Home" if value != "0" else "End")
    else:
        control.scroll_into_view_if_needed()
        box = control.bounding_box()
        low = control.evaluate("(e) => Number(e.value) > e.max / 2")
        left = low != (page.evaluate("document.documentElement.dir") == "rtl")
        at = (box["x"] + (12 if left else box["width"] - 12), box["y"] + box["height"] / 2)
        (page.touchscreen.tap if operated.way == "finger" else page.mouse.click)(*at)
    operated.wait(
        f"([e, before]) => ({shown})(e) !== before", "the frame stays", [control.element_handle(), before]
    )
    assert control.get_attribute("aria-valuetext")


def fold(operated: Operated) -> None:
    """Check that what is folded opens and closes again."""
    for opened in (True, False):
        operated()
        message = "it does not open" if opened else "it does not close"
        condition = "([e, opened]) => e.parentElement.open === opened"
        operated.wait(condition, message, [operated.control.element_handle(), opened])


ROWS = """() => [...document.querySelectorAll(".hw2-ledger tbody tr")].filter((row) => row.checkVisibility())
    .map((row) => row.cells[0].innerText)"""


def told(operated: Operated) -> tuple[list[str], dict[str, list[str]]]:
    """Give the claims in sight, which the page counts aloud, and what the address asks for."""
    shown = operated.page.evaluate(ROWS)
    said = operated.page.locator(".hw2-filter output").inner_text()
    counted = re.findall(r"\d+", said)
    assert str(len(shown)) in [str(int(number)) for number in counted], (said, len(shown))
    return shown, parse_qs(urlsplit(operated.page.url).query)


def choice(operated: Operated) -> None:
    """Check that each choice filters or sorts the ledger and that the address keeps it."""
    control = operated.control
    name = control.get_attribute("name")
    values = control.locator("option").evaluate_all("all => all.map((o) => o.value)")
    control.evaluate("e => e.form.reset()")  # the switch of languages took along what was chosen before
    everything, _ = told(operated)
    operated.focus()
    assert len(values) > 1, name
    for value in values[1:]:
        control.select_option(value)
        shown, query = told(operated)
        assert query[name] == [value]
        if name == "sort":
            assert sorted(shown) == sorted(everything) and shown != everything
        else:
            assert 0 < len(shown) <= len(everything)
            found = "(name) => document.querySelector('.hw2-ledger tbody tr:not([hidden])').dataset[name]"
            key = {"q": "question", "verdict": "verdict"}[name]
            assert operated.page.evaluate(found, key) == value
    control.select_option("")
    assert told(operated)[0] == everything and name not in told(operated)[1]
    if operated.way == "keyboard":
        operated.focus()
        operated.page.keyboard.press("ArrowDown")
        operated.wait(
            "(e) => new URLSearchParams(location.search).get(e.name) === e.value && e.value",
            "keys choose nothing",
            control.element_handle(),
        )
        control.select_option("")


def view(operated: Operated) -> None:
    """Check that the link to a view shows the same view, from a folder too, in every language."""
    page = operated.page
    page.locator(".hw2-filter [name=q]").select_option(index=1)
    page.locator(".hw2-filter [name=sort]").select_option("distance")
    shown, query = told(operated)
    operated()
    operated.wait(SAME_VIEW, "the link loses the view", shown)
    assert {name: told(operated)[1][name] for name in ("q", "sort")} == query
    other = "fa" if page.evaluate("document.documentElement.dataset.lang") == "en" else "en"
    choose(page, other)
    operated.wait(SAME_VIEW, "the switch loses the view", shown)


SAME_VIEW = f"(shown) => ({ROWS})().join() === shown.join()"


def answer(operated: Operated) -> None:
    """Check that a chosen option of a quiz is explained."""
    control = operated.control
    operated(key="Space")
    operated.wait(
        "(e) => [...e.closest('fieldset').querySelectorAll('p')].some((p) => p.checkVisibility())",
        "nothing explains it",
        control.element_handle(),
    )
    assert control.is_checked()


def unanswered(operated: Operated) -> None:
    """Check that the button takes back every answer."""
    operated.page.locator(".hw2-quiz input").first.check()
    operated()
    operated.wait("() => !document.querySelector('.hw2-quiz :checked')", "an answer stays")


def everything_again(operated: Operated) -> None:
    """Check that the button takes back every choice."""
    page = operated.page
    before, _ = told(operated)
    page.locator(".hw2-filter [name=verdict]").select_option(index=1)
    page.locator(".hw2-filter [name=sort]").select_option("name")
    assert told(operated)[0] != before
    operated()
    operated.wait(SAME_VIEW, "claims stay away", before)
    assert not {"q", "verdict", "sort"} & told(operated)[1].keys()


def scrolls(operated: Operated) -> None:
    """Check that what is wider than its place can be scrolled sideways, by keyboard too."""
    box = operated.control
    state = box.evaluate("(e) => [e.scrollWidth - e.clientWidth, getComputedStyle(e).overflowX]")
    operated.focus()
    if state[0] <= 0:
        return
    assert state[1] in ("auto", "scroll"), state
    box.evaluate("(e) => { e.scrollLeft = 0; }")
    forth = "ArrowLeft" if box.evaluate("(e) => getComputedStyle(e).direction") == "rtl" else "ArrowRight"
    operated.page.keyboard.press(forth)
    operated.wait("(e) => Math.abs(e.scrollLeft) > 0", f"{forth} does not scroll it", box.element_handle())


def to_top(operated: Operated) -> None:
    """Check the button that shows itself when the reader scrolls back."""
    page = operated.page
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_timeout(50)
    page.evaluate("scrollBy(0, -60)")
    operated.wait("(e) => e.checkVisibility()", "it does not show itself", operated.control.element_handle())
    words = operated.control.inner_text()
    assert ("بالا" in words) == (page.evaluate("document.documentElement.lang") == "fa"), words
    operated() if operated.way != "keyboard" else operated.control.press("Enter")
    operated.wait("() => scrollY === 0", "the page does not go up")


CHAPTERS = ("chapter", "chapter with a slider")
READ = ("home", *CHAPTERS, "homework", "glossary", "speed")

CONTROLS = [
    Control("☰, the book's menu", ".primary-toggle", book_menu),
    Control("the page's contents", ".secondary-toggle", drawer("secondary"), (390, 800), READ),
    Control(
        "button that closes a menu", ".hw2-close-menu button", drawer("primary"), ()
    ),  # in both rows above
    Control("skip link", ".skip-link a", skip),
    Control("language switch", ".hw2-switch a", language),
    Control("light and dark", ".theme-switch-button", theme),
    Control("full screen", ".btn-fullscreen-button", fullscreen, (800, 1280)),
    Control(
        "downloads and printing", ".dropdown-download-buttons > button", dropdown, kinds=(*READ, "ledger")
    ),
    Control(
        "search button above the text",
        ".article-header-buttons .search-button__button",
        search_button,
        (390, 800),
    ),
    Control("search button in the menu", ".bd-sidebar .search-button-field", search_button, (1280,)),
    Control(
        "search field of the page",
        "main form.bd-search input",
        search_field,
        kinds=("search",),
    ),
    Control("result of a search", "ul.search a", link, kinds=("search",)),
    Control("title of the book", "a.navbar-brand", link, (1280,)),
    Control("chapter in the menu", ".bd-sidenav a", link, (1280,)),
    Control(
        "section in the contents beside the text", ".bd-sidebar-secondary a.nav-link", place, (1280,), READ
    ),
    Control(
        "previous page", "a.left-prev", link, kinds=(*CHAPTERS, "ledger", "homework", "glossary", "speed")
    ),
    Control("next page", "a.right-next", link, kinds=("home", *CHAPTERS, "ledger", "homework", "glossary")),
    Control("sign of a heading", "a.headerlink", place, kinds=(*READ, "ledger")),
    Control("claim in a table", "td a[href]", link, kinds=("home", "ledger")),
    Control(
        "link within the book",
        "article :is(p, li, dd) a.internal",
        link,
        kinds=("chapter", "homework", "glossary"),
    ),
    Control("link to a source", "article :is(p, li, dd) a.external", link, kinds=CHAPTERS),
    Control("copy button", ".copybtn", copy, kinds=("home", *CHAPTERS)),
    Control("what a card folds", ".hw2-folded > summary", fold, kinds=("home", "chapter")),
    Control("answer to an exercise", "article details:not(.hw2-folded) > summary", fold, kinds=("chapter",)),
    Control("slider", ".hw2-control input[type=range]", slider, kinds=("chapter with a slider",)),
    Control(
        "label of a slider", ".hw2-control label", lambda operated: None, kinds=("chapter with a slider",)
    ),  # names it
    Control("option of a quiz", ".hw2-quiz input", answer, kinds=CHAPTERS),
    Control("text of an option", ".hw2-quiz label", lambda operated: None, kinds=CHAPTERS),  # names it
    Control("section that answers", ".hw2-quiz a", place, ()),  # after the row of options
    Control("answers taken back", ".hw2-quiz button", unanswered, kinds=CHAPTERS),
    Control("filter by question", ".hw2-filter [name=q]", choice, kinds=("ledger",)),
    Control("filter by verdict", ".hw2-filter [name=verdict]", choice, kinds=("ledger",)),
    Control("order of the ledger", ".hw2-filter [name=sort]", choice, kinds=("ledger",)),
    Control("name of a filter", ".hw2-filter label", lambda operated: None, kinds=("ledger",)),
    Control("all claims again", ".hw2-filter button", everything_again, kinds=("ledger",)),
    Control("link to a view", ".hw2-filter a", view, kinds=("ledger",)),
    Control(
        "table of its own width",
        ".hw2-scroll[tabindex]",
        scrolls,
        kinds=("home", "ledger", "speed"),
    ),
    Control(
        "figure wider than the window",
        ".hw2-view[tabindex]",
        scrolls,
        (390,),
        (*CHAPTERS, "speed"),
    ),
    Control(
        "wide code, table or formula",
        ":is(pre, table, div.math, .output, .pst-scrollable-table-container, .highlight)[tabindex='0']",
        scrolls,
        (),
    ),
    Control("back to the top", "#pst-back-to-top", to_top, (390, 800), (*READ, "ledger")),
]


# --- the tests ------------------------------------------------------------------------------------


def plan(control: Control, kind: str, width: int) -> list[tuple[str, str]]:
    """Give the languages and ways, in a page's own language first, in which to operate a control of a page.

    What the first four kinds of page have, and mostly all, is operated once on each kind at each width, in
    another language or way on the next kind; what fewer have in both ways, and what only one kind has in both
    languages too.
    """
    place, turn = list(KINDS).index(kind), WIDTHS.index(width)
    lang, other = (LANGUAGES[(place + turn + step) % 2] for step in (0, 1))
    ways = ("finger" if width < 500 else "mouse", "keyboard")
    if not control.kinds or {*list(KINDS)[:4]} <= {*control.kinds}:
        return [(lang, ways[(place // 2 + turn) % 2])]
    both = [(lang, way) for way in ways]
    return both if len(control.kinds) > 1 else [*both, *((other, way) for way in ways)]


@pytest.fixture
def opened(browser: Browser, book_html: Path) -> Iterator[Callable[..., Visit]]:
    """Give a function that opens a kind of page in a fresh profile that may use the clipboard."""
    contexts = []

    def open_kind(kind: str, lang: str, width: int) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            has_touch=width < 500,
            reduced_motion="reduce",  # what moves slowly takes long to wait for
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        context.add_init_script(ALL_LAID_OUT)
        found = Visit(context.new_page())
        found.listen()
        address = (book_html / f"{in_language(KINDS[kind], lang)}.html").as_uri()
        found.page.goto(f"{address}{QUERY.get(kind, '')}")
        found.settle()
        if kind == "search":
            found.page.locator("ul.search a").first.wait_for()
        return found

    yield open_kind
    for context in contexts:
        context.close()


def example(page: Page, control: Control) -> Locator | None:
    """Give the first control of a kind that shows, or will when it has the focus or is scrolled to."""
    found = page.locator(control.selector)
    if control.check in (to_top, skip):
        return found.first if found.count() and page.viewport_size["width"] in control.widths else None
    visible = found.locator("visible=true")
    return visible.first if visible.count() else None


def test_every_control_is_operated_in_both_languages_and_ways_at_its_widths() -> None:
    for control in CONTROLS:
        for width in control.widths:
            planned = {
                entry
                for kind in KINDS
                if control.is_wanted(kind, width)
                for entry in plan(control, kind, width)
            }
            assert len(planned) == 4, f"{control} at {width}: {planned}"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_controls_answer(opened: Callable[..., Visit], kind: str, width: int) -> None:
    planned = [(lang, way, control) for control in CONTROLS for lang, way in plan(control, kind, width)]
    first = planned[0][0]
    shown = opened(kind, first, width)
    page, address = shown.page, shown.page.url
    dead: list[str] = []
    for lang, way, control in sorted(planned, key=lambda entry: entry[0] != first):
        if page.evaluate("document.documentElement.dataset.lang") != lang:
            choose(page, lang)
        if (found := example(page, control)) is None:
            if control.is_wanted(kind, width):
                dead.append(f"{control} ({lang}, {way}): missing")
            continue
        try:
            control.check(Operated(page, found, way))
        except (AssertionError, Error) as error:
            reason = str(error).partition("\n")[0]
            dead.append(f"{control} ({lang}, {way}): {reason or type(error).__name__}")
            page.goto(address)  # whatever it left behind is no fault of the next
            shown.settle()
            if kind == "search":
                page.locator("ul.search a").first.wait_for()
    assert not dead, "\n".join(dead)
    assert shown.errors == []


WITHOUT_ROW = """([interactive, known]) => [...document.querySelectorAll(interactive)]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.matches(known))
    .map((e) => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(("name", "width"), dealt([*PAGES, "search?q=overfitting"], *WIDTHS))
def test_every_control_has_a_row(visit: Callable[..., Visit], name: str, width: int) -> None:
    path, _, query = name.partition("?")
    page = visit(path, query and f"?{query}", width=width).page  # what either language shows
    known = ", ".join(
        [
            *(control.selector for control in CONTROLS),
            "dialog[open] :is(a, input)",
            ".dropdown-menu :is(a, button)",
        ]
    )
    page.wait_for_timeout(350)  # the theme waits that long before it looks at what scrolls
    assert page.evaluate(WITHOUT_ROW, [INTERACTIVE, known]) == []


def test_a_control_without_a_row_is_noticed(visit: Callable[..., Visit]) -> None:
    page = visit(HOME).page
    page.evaluate("document.querySelector('article').insertAdjacentHTML('beforeend', '<button>new</button>')")
    known = ", ".join(control.selector for control in CONTROLS)
    assert page.evaluate(WITHOUT_ROW, [INTERACTIVE, known]) == ["<button>new</button>"]
