import json

import pytest
from click.testing import CliRunner
from repository import ROOT

from hw2utils.publishing.cli import main
from hw2utils.publishing.sources.findings import Place
from hw2utils.publishing.sources.persian import book_files, lint, load_terms, mask, persian_texts

ZWNJ = "\u200c"
TERMS = load_terms(ROOT / "book" / "terms.yml")
GOOD = (
    "داده‌ها را می‌شناسیم؛ `x = 3` کد است، و $a_1 + 2$ رابطه.",
    "مدل **بزرگ** (big) در ۸۶٪ موارد، یعنی ۰٫۸۶، درست می‌گوید.",
    "سؤال و جزء و خطأ و مسئله و لایهٔ پنهان و ایده‌ای تازه.",
    "1. نخست\n2. دوم",
    "- پیوند [مقاله](https://example.org/a,b) را ببینید.",
    "نخست [دفتر](#ledger)، سپس [تاریخچه](#q5b-history).",
    "منظم‌سازی L2 و `nn.Linear` در Q5.",
    "«نقل قول» در میان، و پایان!",
)


@pytest.mark.parametrize("text", GOOD)
def test_correct_text_is_left_in_peace(text):
    assert lint(text, TERMS) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("علي رفت", "Arabic letter"),
        ("كتاب", "Arabic letter"),
        ("٣ بار", "Arabic digit"),
        ("ســلام", "tatweel"),
        ("متن\u200f راست", "direction mark"),
        (f"می{ZWNJ}{ZWNJ}شود", "doubled half-space"),
        (f"داده{ZWNJ} ها", "half-space at an edge"),
        (f"داده {ZWNJ}ها", "half-space at an edge"),
        ("مدل می شود", "space for a half-space"),
        ("مدل نمی داند", "space for a half-space"),
        ("داده ها", "space for a half-space"),
        ("شبکه های عمیق", "space for a half-space"),
        ("بزرگ ترین مدل", "space for a half-space"),
        (f"لایه{ZWNJ}ی پنهان", "ezafe after he"),
        ("این ، آن", "space before punctuation"),
        ("پایان .", "space before punctuation"),
        ("« نقل»", "space after an opening mark"),
        ("این،آن", "no space after punctuation"),
        ("این, آن", "Latin punctuation"),
        ("چرا?", "Latin punctuation"),
        ('گفت "سلام و رفت', "Latin quotation mark"),
        ("با 10 بذر", "Latin digits"),
        ("۱۰% از آن", "Latin percent"),
        ("عدد ۰.۵ است", "Latin decimal point"),
        ("SGD ساده است", "starts with Latin"),
        ("- **Adam** سریع است", "starts with Latin"),
        ("تمام شد. SGD ماند", "starts with Latin"),
        ("این *مهم* است", "italics"),
        ("این بیش برازش است", "term"),
        ("با دراپ‌اوت", "term"),
        ("روی دیتاست", "term"),
    ],
)
def test_each_fault_is_found_once(text, rule):
    assert [finding.rule for finding in lint(text, TERMS)] == [rule]


def test_the_term_to_use_is_named_with_the_line():
    (finding,) = lint("نخست.\n\nاین بیش برازش است", TERMS, Place(3, 5))
    assert "بیش‌برازش" in finding.remedy and finding.place == Place(3, 7)


@pytest.mark.parametrize("content", ["زیان: تابع هزینه", "زیان: ['']", "[a]", "3: [x]", "a: [", b"\xe9"])
def test_a_file_of_terms_of_another_form_is_named(content, tmp_path):
    file = tmp_path / "terms.yml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=r"terms\.yml.*(?:expected a term|cannot be read)"):
        load_terms(file)
    assert load_terms(tmp_path / "none.yml") == {}


def test_what_is_not_prose_is_passed_over():
    text = "کد `a, b ;` و $x ,y$ و\n\n```python\nمتن می شود, 3\n```\n\n{train[0]:.1f}٪ پایان"
    assert lint(text) == []
    assert [finding.place.line for finding in lint(f"{text}\n\nداده ها")] == [9]
    assert "b" not in mask(text)


def test_every_kind_of_file_gives_its_persian_texts_and_their_lines(tmp_path):
    cells = [
        {"cell_type": "markdown", "metadata": {"label": "a"}, "source": ["## Title — عنوان"]},
        {"cell_type": "markdown", "source": '<div dir="rtl" lang="fa" class="lang-fa">\n\nمتن\n\n</div>'},
        {"cell_type": "markdown", "source": '<div dir="ltr" lang="en" class="lang-en">\n\nواژه\n\n</div>'},
        {"cell_type": "code", "source": 'x = 1\nNote("a", 1, fa=f"عدد {x:.1f} است", en="x")  # توضیح'},
        {"cell_type": "code", "source": "%time x\ny = 'متن'"},
    ]
    for cell in cells[1:3]:
        cell["metadata"] = {"tags": [f"lang-{'fa' if 'fa' in cell['source'] else 'en'}"]}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    files = {
        "a.ipynb": json.dumps(notebook),
        "a.md": "(a)=\n# Title — عنوان\n\n" + "\n\n".join(c["source"] for c in cells[1:3]),
        "b.fa.md": "# عنوان\n\nمتن\n",
        "a.yml": "C-1: {name: {fa: متن, en: متنِ انگلیسی}, list: [{fa: دو, en: two}]}\n"
        "word:\n  fa: >-\n    سه\n  many: {fa: [چهار, {x: پنج}, Adam, L1 and a L2]}",
        "a.py": '"""مستند."""\nWORD = "متن"\n',
        "a.js": "const one = 1;\nconst word = 'متن', other = \"text\";",
    }
    found = {}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        found[name] = [(str(place), text.strip()) for place, text in persian_texts(tmp_path / name)]
    assert found == {
        "a.ipynb": [
            ("cell 1, line 1", "عنوان"),
            ("cell 2, line 1", "متن"),
            ("cell 4, line 2", "عدد \ufffc است"),
            ("cell 5, line 2", "متن"),
        ],
        "a.md": [("line 2", "عنوان"), ("line 4", "متن")],
        "b.fa.md": [("line 1", "# عنوان\n\nمتن")],
        "a.yml": [
            ("line 1", "متن"),
            ("line 1", "دو"),
            ("line 4", "سه"),
            ("line 5", "چهار"),
            ("line 5", "پنج"),
            ("line 5", "L1 and a L2"),
        ],
        "a.py": [("line 2", "متن")],
        "a.js": [("line 2", "متن")],
    }
    with pytest.raises(ValueError, match=r"expected \.ipynb, \.md"):
        list(persian_texts(tmp_path / "a.txt"))


def test_the_command_fails_on_a_fault_and_names_file_and_cell(tmp_path):
    page = tmp_path / "page.md"
    page.write_text('<div dir="rtl" lang="fa" class="lang-fa">\n\nداده ها\n\n</div>\n', encoding="utf-8")
    outcome = CliRunner().invoke(main, ["lint", str(page)])
    assert outcome.exit_code == 1
    assert "page.md: line 3: space for a half-space" in outcome.output
    page.write_text(page.read_text(encoding="utf-8").replace("داده ها", "داده‌ها"), encoding="utf-8")
    assert CliRunner().invoke(main, ["lint", str(page)]).exit_code == 0


def test_the_book_has_no_fault():
    outcome = CliRunner().invoke(main, ["lint"])
    assert outcome.exit_code == 0, outcome.output


def test_the_book_is_found_whole():
    names = {path.name for path in book_files(ROOT)}
    assert {"README.fa.md", "q5b_history.ipynb", "index.md", "q5.yml", "hw2.js", "claims.py"} <= names
