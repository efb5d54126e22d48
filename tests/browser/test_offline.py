"""The book without a network: what a visit transfers, and the archive opened elsewhere."""

from __future__ import annotations

import functools
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from test_pages import BAD_IMAGES, CONTENT, GALLERY, HOME, PAGES, dealt
from visits import Visit, choose, in_language

from hw2utils.publishing.editions.archive import NAME, pack
from hw2utils.publishing.pages.assets import unused

pytestmark = [pytest.mark.browser, pytest.mark.book]

LIMIT = 1_200_000  # bytes of a first visit, read to its end

READ = """async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
        scrollTo(0, y);
        await new Promise(requestAnimationFrame);
    }
}"""


HEIGHT = """() => [...document.querySelectorAll(".bd-article p")]
    .reduce((sum, p) => sum + p.getBoundingClientRect().height, 0)"""

WIDTHS = """() => [...document.querySelectorAll(".bd-article p math")]
    .reduce((sum, formula) => sum + formula.getBoundingClientRect().width, 0)"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder, uncompressed, and give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def address(book_html: Path) -> Iterator[str]:
    """Serve the built book: its sizes are those that readers wait for."""
    with served(book_html) as found:
        yield found


@pytest.mark.parametrize(("name", "lang"), dealt(PAGES, "fa", "en"))
def test_a_first_visit_is_small_and_stays_at_home(
    browser: Browser, address: str, book_html: Path, name: str, lang: str
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        sizes: list[float] = []
        session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        shown = Visit(page)
        shown.listen()
        page.goto(f"{address}{in_language(name, lang)}.html")
        shown.settle()
        if name != GALLERY:  # it holds every figure of the book; each is fetched when one comes to it
            page.evaluate(READ)
        page.wait_for_load_state("networkidle")
        assert shown.errors == []
        assert [url for url in shown.requests if not url.startswith((address, "data:"))] == []
        with_math = 'class="math ' in (book_html / f"{name}.html").read_text(encoding="utf-8")
        assert any("temml" in url for url in shown.requests) == with_math
        assert not any("searchindex" in url for url in shown.requests) or name == "search"
        assert sum(sizes) < LIMIT


def test_images_of_the_other_language_are_not_fetched(visit: Callable[..., Visit], book_html: Path) -> None:
    name = next(n for n in CONTENT if "_images/" in (book_html / f"{n}.html").read_text(encoding="utf-8"))
    shown = visit(name, lang="fa")
    shown.page.evaluate(READ)
    shown.page.wait_for_load_state("networkidle")
    fetched = {url.rsplit("/", 1)[1] for url in shown.requests if "/_images/" in url}
    sources = {
        lang: set(
            visit(name, lang=lang)
            .page.locator("img.only-light")
            .evaluate_all("all => all.map((i) => i.src.split('/').pop())")
        )
        for lang in ("fa", "en")
    }
    assert fetched & sources["fa"]
    assert fetched & (sources["en"] - sources["fa"]) == set()
    dark = shown.page.locator("img.only-dark").evaluate_all("all => all.map((i) => i.src.split('/').pop())")
    assert dark and {name.removesuffix("#dark") for name in dark} <= sources["fa"], "a file for each theme"
    assert all(name.endswith("#dark") for name in dark)


def test_the_built_book_holds_nothing_that_no_page_uses(book_html: Path) -> None:
    assert unused(book_html) == []
    assert not list(book_html.rglob("*.map"))


def test_icons_are_drawn(visit: Callable[..., Visit]) -> None:
    page = visit(CONTENT[1]).page
    drawn = page.locator(".fa-solid, .fas").evaluate_all(
        """all => all.filter((i) => i.checkVisibility()).map((i) =>
            [i.className, getComputedStyle(i, '::before').content, i.getBoundingClientRect().width])"""
    )
    assert len(drawn) > 3
    assert [icon for icon in drawn if icon[1] in ("none", "normal") or icon[2] < 4] == []
    assert page.evaluate("document.fonts.check('900 16px \"Font Awesome 6 Free\"', '\\uf0c9')")


def test_the_archive_is_small(book_html: Path, tmp_path: Path) -> None:
    pack(book_html, tmp_path / "book.zip")
    size = (tmp_path / "book.zip").stat().st_size
    assert size < 8_000_000


def test_the_archive_opens_anywhere(browser: Browser, book_html: Path, tmp_path: Path) -> None:
    pack(book_html, tmp_path / "book.zip")
    place = tmp_path / "دریافت‌ها و more"
    with zipfile.ZipFile(tmp_path / "book.zip") as archive:
        archive.extractall(place)
    with browser.new_context(offline=True) as context:
        shown = Visit(context.new_page())
        shown.listen()
        page = shown.page
        page.goto((place / NAME / "index.html").as_uri(), wait_until="commit")
        page.wait_for_url(f"**/{HOME}.html")
        choose(page, "fa")
        page.locator("a.right-next").click()
        page.wait_for_url(f"**/{CONTENT[1]}.html")
        shown.settle()
        assert page.evaluate("document.documentElement.dir") == "rtl"
        assert page.evaluate(BAD_IMAGES) == []
        page.keyboard.press("Control+k")
        page.keyboard.type("بیشبرازش")
        page.keyboard.press("Enter")
        page.get_by_role("status").wait_for()
        assert page.locator("ul.search > li").count() > 0
        assert shown.errors == []
        assert shown.outside == []


@pytest.mark.parametrize(
    ("face", "name", "size", "share"),
    [
        ("latin.woff2", "book/q4b_momentum", HEIGHT, 0.03),
        ("STIXTwoMath.woff", "book/q2a_neighbors", WIDTHS, 0.05),  # 0.20 in the machine's face as it is
    ],
)
def test_little_moves_when_a_face_comes(
    browser: Browser, book_html: Path, face: str, name: str, size: str, share: float
) -> None:
    """The same words or formulas in a face of the machine take as much room, within a few percent."""
    sizes = []
    for blocked in (True, False):
        context = browser.new_context(viewport={"width": 390, "height": 900})
        page = context.new_page()
        if blocked:
            page.route(f"**/{face}", lambda route: route.abort())
        page.goto((book_html / f"en/{name}.html").as_uri())
        page.evaluate("document.fonts.ready")
        sizes.append(page.evaluate(size))
        context.close()
    without, with_face = sizes
    assert abs(without / with_face - 1) < share, sizes
