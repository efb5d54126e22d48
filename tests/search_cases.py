"""What a text becomes for the search, in Python, which indexes, and in JavaScript, which asks."""

from __future__ import annotations

ZWNJ = "\u200c"

WORDS: dict[str, list[str]] = {
    # half-space, joined; apart they are found by their parts
    f"بیش{ZWNJ}برازش": ["بیشبرازش", "بیش", "برازش"],
    "بیشبرازش": ["بیشبرازش"],
    "بیش برازش": ["بیش", "برازش"],
    # endings and beginnings
    f"داده{ZWNJ}ها": ["داده", "داده"],
    "دادهها": ["داده"],
    "داده ها": ["داده"],
    f"داده{ZWNJ}هایشان": ["داده", "داده"],
    "دادههای": ["داده"],
    f"می{ZWNJ}شناسیم": ["میشناسیم", "شناسیم"],
    f"پیش{ZWNJ}بینی{ZWNJ}ها": ["پیشبینی", "پیش", "پیشبینی", "بینی"],
    f"پیش{ZWNJ}بینی{ZWNJ}شده": ["پیشبینیشده", "پیش", "پیشبینی", "بینی", "بینیشده", "شده"],
    "1-2-3-4-5": ["۱۲۳۴۵", "۱", "۲", "۳", "۴", "۵"],
    "پیشبینیها": ["پیشبینی"],
    f"بزرگ{ZWNJ}ترین": ["بزرگ", "بزرگ"],
    "بهترین": ["بهترین"],
    "تنها": ["تنها"],
    # Arabic letters and marks
    "شبكه": ["شبکه"],
    "تاريخچه": ["تاریخچه"],
    "علىّ": ["علی"],
    "دقّتِ": ["دقت"],
    "لایهٔ": ["لایه"],
    "لایۀ": ["لایه"],
    "آزمون": ["ازمون"],
    "سؤال": ["سوال"],
    "تأخیر": ["تاخیر"],
    "شبكة": ["شبکه"],
    "مــدل": ["مدل"],
    "ﻻیه": ["لایه"],
    "\u200fمدل\u200e": ["مدل"],
    # digits
    "784": ["۷۸۴"],
    "٧٨٤": ["۷۸۴"],
    "۷۸۴": ["۷۸۴"],
    "60,000": ["۶۰۰۰۰"],
    "۶۰٬۰۰۰": ["۶۰۰۰۰"],
    "0.871": ["۰٫۸۷۱"],
    "۰٫۸۷۱": ["۰٫۸۷۱"],
    "1,2": ["۱", "۲"],
    "q5b": ["q۵b"],
    "3.": ["۳"],
    # English, and the joints of code
    "Classes": ["class"],
    "Overfitting": ["overfit"],
    "k-NN": ["knn", "k", "nn"],
    "weight_decay": ["weightdecai", "weight", "decai"],
    "nn.Linear": ["nn", "linear"],
    "Fréchet": ["frechet"],
    "F-5b1": ["f۵b۱", "f", "۵b۱"],
    # nothing to find
    "و از the of": [],
    "ها می": [],
    " ، — ": [],
}
"""Text → stems, in order, as the index has them."""
