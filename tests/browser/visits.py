"""What a test knows of an open page."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page, Request

SETTLED = """async () => {
    await document.fonts.ready;
    await new Promise(requestAnimationFrame);
}"""


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

    @property
    def outside(self) -> list[str]:
        """Give the requests that left the folder of the book."""
        return [url for url in self.requests if not url.startswith(("file:", "data:"))]
