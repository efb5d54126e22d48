"""Pages opened from a folder: links carry the choice, downloads download, a saved page works."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from test_offline import served
from test_pages import BAD_IMAGES, CONTENT, HOME, RAW
from visits import Visit, choose, in_language

pytestmark = [pytest.mark.browser, pytest.mark.book]

Open = Callable[..., Visit]

# Versions of Firefox keep localStorage for each file of a folder; here the same in every browser.
PER_FILE = """() => {
    const kept = window.localStorage, own = location.pathname + " ";
    Object.defineProperty(window, "localStorage", { value: {
        getItem: (name) => kept.getItem(own + name),
        setItem: (name, value) => kept.setItem(own + name, value),
        removeItem: (name) => kept.removeItem(own + name),
    } });
}"""
NOTHING = """() => Object.defineProperty(window, "localStorage", { value: {
    getItem: () => null, setItem() {}, removeItem() {},
} })"""
SHOWN = "(({ dataset, dir }) => [dataset.lang, dir, dataset.mode])(document.documentElement)"


@pytest.fixture(params=[PER_FILE, NOTHING], ids=["kept-for-each-file", "not-kept"])
def folder(browser: Browser, book_html: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Give a tab at home, opened from the folder, where pages do not see what others remember."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.add_init_script(f"({request.param})()")
        shown = Visit(context.new_page())
        shown.listen()
        shown.page.goto((book_html / f"{HOME}.html").as_uri())
        yield shown


@pytest.fixture(scope="module")
def address(book_html: Path) -> Iterator[str]:
    """Serve the book and give its address."""
    with served(book_html) as found:
        yield found


@pytest.mark.parametrize("lang", ["fa", "both"])
def test_the_choice_goes_along_with_every_kind_of_link(folder: Visit, lang: str) -> None:
    page = folder.page
    choose(page, "fa")
    choose(page, lang)
    page.locator(".theme-switch-button").first.click()
    chosen = page.evaluate(SHOWN)
    assert chosen[:2] == {"fa": ["fa", "rtl"], "both": ["both", "ltr"]}[lang]
    assert chosen[2] != "auto"

    def arrives(name: str, act: Callable[[], object]) -> None:
        act()
        page.wait_for_url(f"**/html/{in_language(name, lang)}.html*")
        page.locator(".hw2-switch").wait_for()
        assert page.evaluate(SHOWN) == chosen, page.url

    chapter = CONTENT[1].rpartition("/")[2]
    arrives(CONTENT[1], page.locator("a.right-next").click)
    arrives(HOME, page.locator("a.navbar-brand").first.click)
    arrives(CONTENT[1], page.locator(f".bd-sidenav a[href$='{chapter}.html']").click)
    page.locator("a.left-prev").focus()
    arrives(HOME, lambda: page.keyboard.press("Enter"))
    anchor = page.locator("article a[href$='.html']:visible, article a[href*='.html#']:visible").first
    target = (anchor.get_attribute("href") or "").partition(".html")[0].rpartition("/")[2]
    arrives(f"book/{target}", anchor.click)
    page.keyboard.press("Control+k")
    page.keyboard.type("بیشبرازش")
    arrives("search", lambda: page.keyboard.press("Enter"))
    page.get_by_role("status").wait_for()
    found = page.locator("ul.search > li > a:not([href^='..'])[href*='#']").first
    where = (found.get_attribute("href") or "").partition("#")
    arrives(where[0].removesuffix(".html").partition(".html")[0], found.click)
    assert page.evaluate("decodeURIComponent(location.hash)") == f"#{where[2]}", "the anchor was lost"
    assert folder.errors == []


def test_a_link_opened_elsewhere_or_after_another_choice_carries_it(folder: Visit) -> None:
    page = folder.page
    for lang in ("fa", "en", "both"):
        choose(page, lang)
        following = page.locator("a.right-next")
        with page.context.expect_page() as other:
            following.click(button="middle")
        tab = other.value
        tab.locator(".hw2-switch").wait_for()
        assert tab.evaluate("document.documentElement.dataset.lang") == lang
        tab.close()
    following.dispatch_event("contextmenu")  # "open in a new window" of its menu
    assert "lang=both" in (following.get_attribute("href") or "")


def test_a_link_within_the_page_does_not_load_it_again(folder: Visit) -> None:
    page = folder.page
    page.goto(page.url.replace(HOME, CONTENT[1]))
    choose(page, "fa")
    page.evaluate("window.same = true")
    page.locator(".section-nav a:visible, article a.headerlink").first.dispatch_event("click")
    page.wait_for_function("location.hash")
    assert page.evaluate("window.same")
    assert "lang=" not in page.url


def test_what_is_remembered_goes_from_the_address(visit: Open) -> None:
    page = visit(HOME).page
    choose(page, "fa")
    page.locator("a.right-next").click()
    page.wait_for_url(f"**/fa/{CONTENT[1]}.html")  # clean: a reload undoes no later choice
    choose(page, "both")
    assert page.url.endswith(f"/html/{CONTENT[1]}.html")
    page.locator(".theme-switch-button").first.click()
    mode = page.evaluate("document.documentElement.dataset.mode")
    page.locator("a.right-next").click()
    page.wait_for_url(f"**/html/{CONTENT[2]}.html")
    page.reload()
    assert page.evaluate(SHOWN) == ["both", "ltr", mode]


def test_over_http_addresses_stay_clean(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}{HOME}.html")
        choose(page, "fa")
        page.locator("a.right-next").click()
        page.wait_for_url(f"{address}fa/{CONTENT[1]}.html")
        choose(page, "both")
        assert page.url == f"{address}{CONTENT[1]}.html"
        page.locator("a.right-next").click()
        page.wait_for_url(f"{address}{CONTENT[2]}.html")
        choose(page, "en")
        page.goto(f"{address}{HOME}.html?q=1")
        page.wait_for_url(f"{address}en/{HOME}.html?q=1")
        assert page.locator("a[href*='lang=']").count() == 0


@pytest.mark.parametrize("scheme", ["file", "http"])
@pytest.mark.parametrize("name", [CONTENT[1], HOME])
def test_the_source_of_a_page_is_downloaded(
    browser: Browser, address: str, book_html: Path, scheme: str, name: str
) -> None:
    sources = (book_html / "_sources" / f"{name}{suffix}" for suffix in (".ipynb", ".md"))
    source = next(source for source in sources if source.exists())
    with browser.new_context(accept_downloads=True) as context:
        page = context.new_page()
        page.goto(f"{address}{name}.html" if scheme == "http" else (book_html / f"{name}.html").as_uri())
        page.locator(".dropdown-download-buttons > button").click()
        with page.expect_download() as download:
            page.locator(".btn-download-source-button").click()
        assert download.value.suggested_filename == source.name
        assert download.value.path().read_bytes() == source.read_bytes()
        assert page.url.endswith(f"{name}.html")
        assert len(context.pages) == 1
        if source.suffix == ".ipynb":
            assert json.loads(download.value.path().read_text("utf-8"))["nbformat"] == 4


def test_a_link_to_a_raw_file_is_noticed(visit: Open) -> None:
    """What is neither a page nor marked as a download would show its code, or ask what to open it with."""
    page = visit(HOME).page
    assert page.evaluate(RAW) == []  # on the other pages test_page looks
    page.evaluate(
        "document.querySelector('article').insertAdjacentHTML('beforeend', '<a href=x.ipynb>x</a>')"
    )
    assert [address.rpartition("/")[2] for address in page.evaluate(RAW)] == ["x.ipynb"]


def test_a_page_that_a_reader_saved_works(visit: Open, book_html: Path, tmp_path: Path) -> None:
    """A browser saves the page as it stands, after the scripts, with its files and absolute links."""
    name = next(n for n in CONTENT if 'type="range"' in (book_html / f"{n}.html").read_text("utf-8"))
    page = visit(name, lang="fa").page
    page.locator(".hw2-slider input").first.focus()
    page.keyboard.press("Home")
    content = page.evaluate(
        """() => {
            for (const name of ["src", "href"]) {
                for (const e of document.querySelectorAll(`[${name}]:not([${name}^="#"])`)) e[name] = e[name];
            }
            return "<!DOCTYPE html>" + document.documentElement.outerHTML;
        }"""
    )
    saved = tmp_path / "صفحهٔ من.html"
    saved.write_text(content, encoding="utf-8")
    shown = Visit(page)
    shown.listen()
    page.goto(saved.as_uri())
    shown.settle()
    assert page.locator(".hw2-switch").count() == 1
    figure = page.locator(".hw2-slider").first
    control = figure.locator("input")
    assert [control.input_value(), figure.locator("img").first.get_attribute("data-frame")] == ["0", "0"]
    control.focus()
    page.keyboard.press("End")
    assert figure.locator("img").first.get_attribute("data-frame") == control.get_attribute("max")
    assert page.evaluate(BAD_IMAGES) == []
    for lang in ("en", "both"):  # the links lead to the book that it was saved from
        choose(page, lang)
        assert page.url.partition("#")[0].endswith(f"/html/{in_language(name, lang)}.html")
    assert shown.errors == []
