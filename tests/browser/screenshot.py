"""Take README's screenshot from the built book: `make screenshot`."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from hw2utils.publishing.chromium import chromium

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Photograph a verdict with the text around it, both languages side by side."""
    page_file = ROOT / "_build" / "html" / "book" / "q5b_history.html"
    target = ROOT / "screenshot.png"
    temporary = target.with_name(".screenshot.png")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium())
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.goto(page_file.as_uri() + "?lang=both")
        page.wait_for_load_state("networkidle")
        page.evaluate("Promise.all([...document.images].map((i) => ((i.loading = 'eager'), i.decode())))")
        page.evaluate("document.querySelector('#verdict-C-5b1').scrollIntoView({block: 'end'})")
        page.screenshot(path=temporary, animations="disabled")
        browser.close()
    temporary.replace(target)


if __name__ == "__main__":
    main()
