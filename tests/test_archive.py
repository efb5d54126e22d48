"""The archive of the built book."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from hw2utils.publishing.editions.archive import NAME, pack


def book(folder: Path) -> Path:
    for name in ("index.html", "book/page.html", ".buildinfo", "objects.inv", "_static/a.css"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name * 100, encoding="utf-8")
    return folder


def test_the_archive_has_one_folder_with_the_pages_and_the_same_bytes_each_time(tmp_path):
    first, second = book(tmp_path / "a"), book(tmp_path / "b")
    os.utime(second / "index.html", (0, 1e9))
    (second / "book" / "page.html").chmod(0o600)
    assert pack(first, tmp_path / "out" / "a.zip") == pack(second, tmp_path / "out" / "b.zip") == 3
    assert (tmp_path / "out" / "a.zip").read_bytes() == (tmp_path / "out" / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "out" / "a.zip") as archive:
        assert archive.namelist() == [
            f"{NAME}/{n}" for n in ("_static/a.css", "book/page.html", "index.html")
        ]
        assert archive.read(f"{NAME}/index.html") == (first / "index.html").read_bytes()
        assert all(entry.compress_size < entry.file_size for entry in archive.infolist())
    assert sorted(os.listdir(tmp_path / "out")) == ["a.zip", "b.zip"]


def test_an_address_has_no_version(tmp_path):
    page = (
        '<link href="../_static/a.css?v=12ab"><script src="b.js?digest=0f"></script><a href="c.html?lang=fa">'
    )
    (book(tmp_path / "a") / "index.html").write_text(page, encoding="utf-8")
    pack(tmp_path / "a", tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        shown = archive.read(f"{NAME}/index.html").decode()
    assert shown == '<link href="../_static/a.css"><script src="b.js"></script><a href="c.html?lang=fa">'


def test_without_a_built_book_it_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="run make book first"):
        pack(tmp_path, tmp_path / "a.zip")
