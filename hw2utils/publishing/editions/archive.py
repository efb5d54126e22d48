"""Pack the built book into one file that opens anywhere by a double click."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

NAME = "audited-homework"
LEFT_OUT = (".buildinfo", "objects.inv")
"""What only Sphinx reads."""

_VERSION = re.compile(rb"(\.(?:css|js))\?(?:v|digest)=[0-9a-f]+")


def pack(html: Path, target: Path, **folders: Path) -> int:
    """Write the folder of a built book as a zip archive with one folder inside; return the number of files.

    Other ``folders`` go beside its pages, each under the name it is given by.

    The same pages give the same bytes: files stand in the order of their names, without times, and addresses
    without the numbers that tell a web server's caches of a new version.

    Raises FileNotFoundError when there is no built book.
    """
    if not (html / "index.html").is_file():
        raise FileNotFoundError(f"html: expected a built book in {html}, found none; run make book first")
    files = sorted(
        (f"{inside}{file.relative_to(folder).as_posix()}", file)
        for inside, folder in {"": html, **{f"{name}/": folder for name, folder in folders.items()}}.items()
        for file in folder.rglob("*")
        if file.is_file() and file.name not in LEFT_OUT
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}")
    with zipfile.ZipFile(temporary, "w") as archive:
        for place, file in files:
            entry = zipfile.ZipInfo(f"{NAME}/{place}")
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = 0o100644 << 16
            content = file.read_bytes()
            if file.suffix == ".html":
                content = _VERSION.sub(rb"\1", content)
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    temporary.replace(target)
    return len(files)
