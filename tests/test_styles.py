"""The style sheets of the built book, joined and slimmed."""

from __future__ import annotations

import pytest
from files import put

from hw2utils.publishing.pages.styles import (
    JOINED,
    join_styles,
    print_in_light,
    slim_style,
    token_looks,
    without_spans,
)


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        (".a{top:0}.b{top:0}", ".a{top:0}"),
        (".a.b{top:0}.b .a{top:0}.a>.a:hover{top:1px}", ".a>.a:hover{top:1px}"),
        ('p,.b,.a::before{content:".b"}', 'p,.a::before{content:".b"}'),
        (".a:not(.b),p:is(.a,.b){top:0}", ".a:not(.b),p:is(.a,.b){top:0}"),
        ("#b,[class*=b],a.\\61{top:.5em}", "#b,[class*=b],a.a{top:.5em}"),
        ("@media print{.b{top:0}.a{top:0}}@media screen{.b{top:0}}", "@media print{.a{top:0}}"),
        ("@supports (top:0){@media print{.b{top:0}}}p{top:0}", "p{top:0}"),
        ('@import "b.css";@font-face{src:url(x.b)}', '@import "b.css";@font-face{src:url(x.b)}'),
        ("@container (width>1em){.b{top:0}.a{top:0}}", "@container (width>1em){.a{top:0}}"),
        ("@keyframes b{from{top:0}}", "@keyframes b{from{top:0}}"),
        (r'.a:before{content:"\f001"}.b:before{content:"\f002"}', '.a:before{content:"\uf001"}'),
        ("/* .a */.b{top:0}", ""),
    ],
)
def test_rules_for_classes_that_nothing_names_are_left_out(style, kept):
    assert slim_style(style, {"a"}) == kept
    assert slim_style(kept, {"a"}) == kept


DARK, LIGHT = 'html[data-theme="dark"]', "html[data-theme=light]"


@pytest.mark.parametrize(
    ("style", "lit"),
    [
        ("p,b{top:0}", "p,b{top:0}"),
        (f"{DARK}{{top:0}}", f"@media not print{{{DARK}{{top:0}}}}"),
        (f"{LIGHT} p{{top:0}}", f"{LIGHT} p{{top:0}}@media print{{html[data-theme] p{{top:0}}}}"),
        (
            f"{DARK} p,b,{LIGHT} p{{top:0}}",
            f"b,{LIGHT} p{{top:0}}@media not print{{{DARK} p{{top:0}}}}"
            "@media print{html[data-theme] p{top:0}}",
        ),
        (f"@media screen{{{DARK} p{{top:0}}}}", f"@media screen{{@media not print{{{DARK} p{{top:0}}}}}}"),
        ("html[data-theme] p{top:0}", "html[data-theme] p{top:0}"),
        ("@font-face{src:url(dark)}", "@font-face{src:url(dark)}"),
    ],
)
def test_paper_has_the_rules_of_the_light_theme_only(style, lit):
    assert print_in_light(style) == lit


def test_the_joined_sheet_prints_in_light(tmp_path):
    put(tmp_path, {"_static/a.css": f"{DARK} p{{top:0}}", "page.html": link("a.css").replace("../", "")})
    assert join_styles(tmp_path) == f"@media not print{{{DARK} p{{top:0}}}}"


def link(name: str) -> str:
    return f'<link rel="stylesheet" type="text/css" href="../_static/{name}" />'


SHEETS = {
    "_static/basic.css": "p { top: 1px } .b { background: url(dots.png) }",
    "_static/styles/theme.css": '@charset "UTF-8";@import "../basic.css";',
    "_static/styles/a.css": "p { top: 2px } .a { background: url('../dots.png') } .never { top: 0 }",
    "_static/ours.css": 'p { top: 3px } .c { src: url("data:x"), url("fonts/f.woff") } .moved { top: 0 }',
    "_static/s.js": "at.classList.add('moved')",
}
PAGE = (
    f"<head><title>T</title>{link('styles/theme.css')}\n{link('styles/a.css?v=1')}<style>i{{}}</style>"
    f"{link('ours.css')}<script src='../_static/s.js'></script></head><b class='a'></b><b class=\"b c\"></b>"
)
SEARCH = PAGE.replace("../_static", "_static").replace("<b class='a'></b>", "<script>add('never')</script>")


def test_pages_link_one_sheet_with_all_they_use_in_their_order(tmp_path):
    put(tmp_path, {**SHEETS, "book/page.html": PAGE, "search.html": SEARCH.replace("'never'", "'a'")})
    style = join_styles(tmp_path)
    assert style == (tmp_path / "_static" / JOINED).read_text(encoding="utf-8")
    assert style == (
        'p{top: 1px}.b{background: url("dots.png")}p{top: 2px}.a{background: url("dots.png")}p{top: 3px}'
        '.c{src: url("data:x"), url("fonts/f.woff")}.moved{top: 0}'
    )
    for page, before in (("book/page.html", "../"), ("search.html", "")):
        text = (tmp_path / page).read_text(encoding="utf-8")
        assert text.count("stylesheet") == 1 and f'href="{before}_static/{JOINED}?v=' in text
        assert text.startswith("<head><title>T</title>") and "<style>i{}</style>" in text and "s.js" in text


def test_of_pages_with_equally_many_sheets_each_keeps_its_own(tmp_path):
    sheets = {"_static/base.css": ".b{top:0}", "_static/x.css": ".x{top:1px}", "_static/y.css": ".y{top:2px}"}
    pages = {f"{n}.html": f"{link('base.css')}{link(f'{n}.css')}<p class='b {n}'>" for n in "xy"}
    put(tmp_path, {**sheets, **pages, "z.html": f"{link('y.css')}{link('x.css?v=2')}"})
    assert join_styles(tmp_path) == ".b{top:0}.y{top:2px}.x{top:1px}"
    assert (tmp_path / "x.html").read_text(encoding="utf-8").count("stylesheet") == 1


def test_pages_that_link_sheets_in_opposite_orders_are_refused(tmp_path):
    put(tmp_path, {"_static/x.css": "", "_static/y.css": ""})
    put(tmp_path, {"1.html": f"{link('x.css')}{link('y.css')}", "2.html": f"{link('y.css')}{link('x.css')}"})
    with pytest.raises(ValueError, match=r"x\.css before y\.css \(1\.html\)") as caught:
        join_styles(tmp_path)
    assert "y.css before x.css (2.html)" in str(caught.value)


def test_a_book_without_sheets_is_left_alone(tmp_path):
    put(tmp_path, {"page.html": "<p>"})
    assert join_styles(tmp_path) is None
    assert not (tmp_path / "_static").exists()


def test_tokens_in_the_colour_around_them_need_no_span():
    """Only where every theme gives them that colour, and nothing else."""
    light, dark = ('html[data-theme="light"] .highlight', 'html[data-theme="dark"] .highlight')
    style = (
        f"{light}{{background: #fff; color: #080808}}{dark}{{color: #eee}}"
        f"{light} .n{{color: #080808}}{dark} .n{{color: #eee}}"
        f"{light} .p{{color: #080808}}{dark} .p{{color: red}}"
        f"{light} .w{{color: #080808; font-weight: bold}}{dark} .w{{color: #eee}}"
        f"{light} .o{{color: green}}"
    )
    looks = token_looks(style)
    assert [name for name, look in looks.items() if not look] == ["n", "o"]
    page = '<pre><span class="n">a</span><span class="o">.</span>b<span class="p">(</span></pre>'
    assert without_spans(page, looks) == '<pre>a.b<span class="p">(</span></pre>'
    assert without_spans(page, {}) == page


def test_neighbours_that_look_alike_in_every_theme_share_a_span():
    light, dark = ('html[data-theme="light"] .highlight', 'html[data-theme="dark"] .highlight')
    style = (
        f"{light} .s{{color: green}}{light} .sa{{color: green}}{light} .si{{color: green}}"
        f"{dark} .s{{color: lime}}{dark} .sa{{color: lime}}{dark} .si{{color: red}}"
    )
    page = (
        '<pre><span></span><span class="sa">f</span><span class="s">"a</span><span class="si">{</span>x'
        '<span class="s">"</span>\n  <span class="s">"b"</span>, <span class="s">"&lt;"</span></pre>'
    )
    assert without_spans(page, token_looks(style)) == (
        '<pre><span class="sa">f"a</span><span class="si">{</span>x'
        '<span class="s">"\n  "b"</span>, <span class="s">"&lt;"</span></pre>'
    )
    assert without_spans("<pre><span></span>\n\n1</pre>", {}) == "<pre><span></span>\n\n1</pre>", (
        "a line more"
    )
