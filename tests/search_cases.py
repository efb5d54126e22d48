"""What a text becomes for the search, and what readers type with the section that answers it."""

from __future__ import annotations

ZWNJ = "\u200c"

WORDS: dict[str, list[str]] = {
    # half-space, joined; apart they are found by their parts
    f"بیش{ZWNJ}برازش": ["بیشبرازش", "بیش", "برازش"],
    "بیشبرازش": ["بیشبرازش"],
    "بیش برازش": ["بیش", "برازش"],
    # endings and beginnings
    f"داده{ZWNJ}ها": ["داده"],
    "دادهها": ["داده"],
    "داده ها": ["داده"],
    f"داده{ZWNJ}هایشان": ["داده"],
    "دادههای": ["داده"],
    f"می{ZWNJ}شناسیم": ["میشناسیم", "شناسیم"],
    f"پیش{ZWNJ}بینی{ZWNJ}ها": ["پیشبینی", "پیش", "بینی"],
    f"پیش{ZWNJ}بینی{ZWNJ}شده": ["پیشبینیشده", "پیش", "پیشبینی", "بینی", "بینیشده", "شده"],
    "1-2-3-4-5": ["۱۲۳۴۵", "۱", "۲", "۳", "۴", "۵"],
    "پیشبینیها": ["پیشبینی"],
    f"بزرگ{ZWNJ}ترین": ["بزرگ"],
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
"""Text → stems, in order, under which it is found."""

INDEX, GLOSSARY, HOMEWORK = "book/index", "book/glossary", "book/homework"
Q1A, Q1B, Q2A = "book/q1a_overfitting", "book/q1b_judging", "book/q2a_neighbors"
Q1A3 = "book/q1a3_remedies"
Q2B, Q2C = "book/q2b_regularisation", "book/q2c_weights"
Q4A, Q4C = "book/q4a_gradient_descent", "book/q4c_comparison"
Q4B = "book/q4b_momentum"
Q3A, Q3C = "book/q3a_distillation", "book/q3c_temperature"
Q3B = "book/q3b_procedure"
Q5A, Q5B, Q5C = "book/q5a_baseline", "book/q5b_history", "book/q5c_augmentation"
Q5D, Q5E = "book/q5d_weight_decay", "book/q5e_pairs"
Q4D, Q4E, Q4F = "book/q4d_rules", "book/q4e_broadcast", "book/q4f_printed"
MODE = f"{Q5B}#fault-f-5b1-validating-in-training-mode-f-5b1"
AVERAGE = f"{Q5B}#fault-f-5b2-the-short-last-batch-f-5b2"
CHOICE = f"{Q5B}#fault-f-5b3-choosing-by-the-test-set-f-5b3"
FACTOR = f"{Q3C}#fault-f-3c1-the-missing-factor-t2-f-3c1-t2"

PERSIAN = {
    # English terms in Persian letters, and in English, each as people spell it
    "دراپ‌اوت": f"{GLOSSARY}#dropout",
    "دراپ اوت": f"{Q1A3}#penalties-and-dropout",
    "لاس": f"{GLOSSARY}#loss",
    "ایپاک": f"{GLOSSARY}#epoch",
    "مومنتوم": f"{GLOSSARY}#momentum",
    "مومنتم در تکلیف": f"{Q4B}#the-homework-s-momentum",
    "اورفیت": f"{GLOSSARY}#overfitting",
    "اپتیمایزر": f"{GLOSSARY}#optimizer",
    "لرنینگ ریت": f"{GLOSSARY}#learning-rate",
    "بچ سایز": f"{Q5A}#data-and-setting",
    "ویت دیکی": f"{GLOSSARY}#weight-decay",
    "کراس ولیدیشن": f"{Q1A3}#cross-validation-it-measures",
    "لیبل تصادفی": f"{Q1A}#a-full-response-to-noise",
    "کالیبره": f"{GLOSSARY}#calibration",
    "نالج دیستیلیشن": f"{GLOSSARY}#knowledge-distillation",
    "آگمنتیشن": f"{GLOSSARY}#data-augmentation",
    "گرادیان دیسنت": f"{GLOSSARY}#gradient-descent",
    "dropout": f"{GLOSSARY}#dropout",
    "why is momentum faster": Q4C,
    "KLDivLoss": f"{Q3C}#fault-f-3c2-conventions-and-kldivloss-f-3c2-kldivloss",
    # whole questions
    "چرا تکانه سریع‌تر است": Q4C,
    "چرا مومنتوم سریع تر است؟": Q4C,
    "زوال وزن با بایاس‌ها چه می‌کند؟": f"{Q5D}#what-happens-to-the-biases",
    "آیا شبکهٔ عمیق زودتر بیش‌برازش می‌شود": Q5B,
    "داده‌افزایی دقت را بالا می‌برد؟": f"{Q5C}#against-the-previous-run",
    "L2 چه فرقی با زوال وزن دارد": f"{Q5D}#weight-decay-and-the-l2-penalty-l2",
    "دما در تقطیر چه می‌کند": f"{Q3C}#accuracy-against-the-temperature",
    "چطور یک فصل را اجرا کنم": f"{INDEX}#run-a-chapter-yourself",
    "حکم‌ها یعنی چه": f"{INDEX}#what-the-verdicts-mean",
    "بهترین جفت منظم‌سازی کدام است": f"{Q5E}#does-the-best-pair-depend-on-the-problem",
    "تکلیف": HOMEWORK,
    "سؤال‌ها": HOMEWORK,
    "سوالات تکلیف": HOMEWORK,
    # letters, signs, spaces and slips
    "مسأله": f"{Q2A}#two-problems-and-a-prediction-first",
    "نزديك ترين همسايه": f"{GLOSSARY}#nearest-neighbour",
    "پيشبيني هاي شبكه": f"{Q5A}#predictions",
    "مرز تصميم": f"{Q2A}#the-decision-boundary",
    "دراپ‌اووت": f"{GLOSSARY}#dropout",
    "نزول دوگنه": f"{Q1A}#in-loss-a-peak-and-double-descent",
    "ضریب t2": FACTOR,
    "تاریخ": f"{Q4F}#a-history-that-nobody-reads-f-4-6-f-4-6",  # begun; a date is meant elsewhere
    "اعتبارسنجی در حالت آموزش": MODE,
}
"""What is typed on a Persian page → the section that answers it."""

ENGLISH = {
    "dropout": f"{GLOSSARY}#dropout",
    "learning rate": f"{GLOSSARY}#learning-rate",
    "overfit": f"{GLOSSARY}#overfitting",
    "drop-out regularization": f"{Q1A3}#penalties-and-dropout",
    "knn decision boundary": f"{Q2A}#the-decision-boundary",
    "k nearest neighbors": f"{GLOSSARY}#nearest-neighbour",
    "bias variance 0-1 loss": f"{Q2A}#bias-and-variance-of-two-losses",
    "temperature in distillation": f"{Q3C}#accuracy-against-the-temperature",
    "factor t squared": f"{Q3C}#whom-does-the-student-side-with",
    "adam nesterov": f"{Q4D}#which-test-catches-which-mistake",
    "silent broadcasting of a loss": f"{Q4E}#five-minus-five-is-twenty-five-f-4-1-f-4-1",
    "NaN counts as arrived": f"{Q4F}#a-run-that-blew-up-counts-as-arrived-f-4-9-f-4-9",
    "weight_decay": f"{GLOSSARY}#weight-decay",
    "why is momentum faster": Q4C,
    "what does weight decay do to biases": f"{Q5D}#what-happens-to-the-biases",
    "does a deeper network overfit sooner": f"{Q5B}#depth-and-narrowness-apart",
    "does augmentation improve accuracy?": Q5C,
    "what do the verdicts mean": f"{INDEX}#what-the-verdicts-mean",
    "how do I run a chapter": f"{INDEX}#run-a-chapter-yourself",
    "which pair of regularizers is best": f"{Q5E}#does-the-best-pair-depend-on-the-problem",
    "homework": HOMEWORK,
    "the questions": HOMEWORK,
    "choosing epochs on the test set": CHOICE,
    "validation in train mode": MODE,
    "knowledge distilation": f"{GLOSSARY}#knowledge-distillation",
    "momentun": f"{GLOSSARY}#momentum",
    "random lables": f"{Q1A}#a-full-response-to-noise",
    "دراپ‌اوت": f"{GLOSSARY}#dropout",
    "تکانه": f"{Q4B}#the-homework-s-momentum",
}
"""What is typed on an English page → the section that answers it."""

TAGS = {
    "سؤال ۳ ب": Q3B,
    "سوال ۳ب": Q3B,
    "سوال ٥ الف": Q5A,
    "سؤال پنج ث": Q5E,
    "پرسش ۲-پ": Q2C,
    "Q3b": Q3B,
    "3 b": Q3B,
    "q5 e": Q5E,
    "5(d)": Q5D,
    "question 1b": Q1B,
    "Question five c": Q5C,
    "Q4": Q4A,
    "سؤال ۴ ج": Q4F,
    "Q4f": Q4F,
    "question 4 e": Q4E,
    "سوال ۴پ": Q4C,
    "Q2b noise as a penalty": f"{Q2B}#when-noise-acts-as-a-penalty",
    "سوال ۳پ دما": f"{Q3C}#accuracy-against-the-temperature",
}
"""A question as it is named → its page, or the section of it that answers the rest."""
