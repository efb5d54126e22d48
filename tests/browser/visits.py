"""What a test knows of an open page."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page, Request

SETTLED = """async () => {
    await document.fonts.ready;
    for (const frame of [1, 2, 3]) await new Promise(requestAnimationFrame);  // told a size, used in the next
}"""

ALL_LAID_OUT = """document.addEventListener("DOMContentLoaded", () => {
    const style = document.createElement("style");
    style.textContent = "* { content-visibility: visible !important; }";
    document.head.append(style);
})"""
"""What a page does first in tests of all that stands on it: parts far from the window have no layout else."""

SHOWN = "(lang) => document.documentElement.dataset.lang === lang && document.readyState === 'complete'"


def in_language(name: str, lang: str) -> str:
    """Give the name of a page in a language, or of the one in ``both``."""
    return name if lang == "both" else f"{lang}/{name}"


def choose(page: Page, lang: str) -> None:
    """Follow the switch of a page to the one in a language, and wait for it."""
    if page.evaluate("document.documentElement.dataset.lang") != lang:
        page.evaluate(SETTLED)  # what moves as the window is made narrower is missed by a click
        # By its place: Playwright's click first scrolls to where an element that sticks would stand else.
        box = page.locator(f".hw2-switch a[data-language={lang}]").bounding_box()
        assert box is not None, "the switch is not shown"
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        struck = page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y)?.closest('a')?.dataset.language", [x, y]
        )
        assert struck == lang, "something lies over the switch"
        page.mouse.click(x, y)
    page.wait_for_function(SHOWN, arg=lang)


def sideways(page: Page) -> int:
    """Measure by how much a page is wider than its window, in CSS pixels."""
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


@dataclass
class Visit:
    """Hold an open page with all it complained about and all it asked for since it was opened."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Keep what the page says and asks for from now on."""
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", lambda request: self.requests.append(request.url))

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # left behind by going to the next page
            self.errors.append(f"{request.failure}: {request.url}")

    def settle(self) -> None:
        """Wait until fonts are in place."""
        self.page.evaluate(SETTLED)

    def resize(self, width: int) -> None:
        """Give the window a width in CSS pixels, and wait until the page has taken its new shape."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.settle()

    def home(self, place: str) -> str:
        """Give the address of a place in the book of the page that is open."""
        return f"{self.page.url.partition('/html/')[0]}/html/{place}"

    @property
    def outside(self) -> list[str]:
        """Give the requests that left the folder of the book."""
        return [url for url in self.requests if not url.startswith(("file:", "data:"))]
