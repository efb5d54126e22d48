"""The words that themes and extensions write on a page, in Persian."""

from __future__ import annotations

from bs4 import BeautifulSoup, NavigableString

WORDS = {
    "Contents": "در این صفحه",
    "Previous": "پیشین",
    "previous": "پیشین",
    "previous page": "صفحهٔ پیشین",
    "Next": "پسین",
    "next": "پسین",
    "next page": "صفحهٔ پسین",
    "Search": "جست‌وجو",
    "Search this book...": "جست‌وجو در کتاب…",
    "Skip to main content": "پرش به متن اصلی",
    "Back to top": "بازگشت به بالا",
    "Toggle primary sidebar": "باز و بسته کردن فهرست کتاب",
    "Toggle secondary sidebar": "باز و بسته کردن فهرست این صفحه",
    "Version warning": "هشدار نسخه",
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
    "Launch on Binder": "اجرا در Binder",
    "Launch on Colab": "اجرا در Colab",
    "Download this page": "دریافت این صفحه",
    "Download source file": "دریافت فایل منبع",
    "Print to PDF": "چاپ یا PDF",
    "Download notebook file": "دریافت دفترچه",
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
    "Show the answer": "دیدن پاسخ",
    "Hide the answer": "بستن پاسخ",
    "Please activate JavaScript to enable the search functionality.": "برای جست‌وجو جاوااسکریپت لازم است.",
    "Main": "اصلی",
    "Page": "صفحه",
}
"""What the theme writes → the same in Persian; whole attributes and whole pieces of text are compared."""

ADMONITIONS = {
    "Note": "نکته",
    "Tip": "راهنمایی",
    "Hint": "راهنمایی",
    "Important": "مهم",
    "Warning": "هشدار",
    "Caution": "احتیاط",
    "Attention": "توجه",
    "Danger": "خطر",
    "Error": "خطا",
    "See also": "همچنین ببینید",
}
"""Titles that docutils gives admonitions."""

ATTRIBUTES = ("title", "aria-label", "placeholder", "alt", "data-bs-title")
"""Attributes whose text readers meet."""

_TEXTS = (
    ".onthispage, .prev-next-subtitle, .skip-link a, #pst-back-to-top, .btn__text-container, noscript p, "
    ".search-button__default-text, .bd-search-container > h1, details.hide > summary *"
)
"""The elements whose own text the theme writes, or an extension."""


def to_persian(page: BeautifulSoup) -> None:
    """Write the words that the theme wrote on a page in Persian; what the book itself says stays.

    >>> page = BeautifulSoup('<a title="Next">Next</a><p class="prev-next-subtitle">next</p>', "html.parser")
    >>> to_persian(page)
    >>> print(page)
    <a title="پسین">Next</a><p class="prev-next-subtitle">پسین</p>
    """
    for element in page.find_all(True):
        for name in ATTRIBUTES:
            if (value := element.attrs.get(name)) is not None:
                element[name] = WORDS.get(str(value).strip(), value)
    for element in page.select(_TEXTS):
        for text in element.find_all(string=True, recursive=False):
            word = text.strip()
            if word in WORDS:
                text.replace_with(NavigableString(text.replace(word, WORDS[word])))
