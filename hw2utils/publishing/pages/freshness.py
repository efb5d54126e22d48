"""What the pages of a book are made of besides the runs of its chapters, so that an edit of any of it shows.

Sphinx goes by the times of source files and by some of its settings. It sees no edit of an extension, of a
style sheet or of a script, nor a file put in the place of another with an older time. This module goes by
content: pages are read again when their sources or what reads them changed, and written again
(:mod:`hw2utils.publishing.pages.builder`) when anything changed that they are made of.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import hw2utils
from hw2utils.publishing.sources.moved import FILE as MOVED
from hw2utils.publishing.sources.synonyms import synonym_files

RESULTS = "hw2utils"
"""Key in a page's metadata of the runs that its content came from."""

_SEEN = "hw2_sources"  # attribute of Sphinx's environment: page -> digest of what it was read from
_LIBRARIES = (
    "sphinx",
    "docutils",
    "jinja2",
    "pygments",
    "myst_parser",
    "fonttools",
    "tinycss2",
    "quickjs-ng",
)


def digest_of_files(files: Iterable[Path], base: Path) -> str:
    """Hash the contents of files and their places under a folder; one that is missing counts as such.

    >>> digest_of_files([Path("no such file")], Path()) == digest_of_files([Path("other")], Path())
    False
    """
    digest = hashlib.sha256()
    for file in sorted(set(files)):
        try:
            content = hashlib.sha256(file.read_bytes()).digest()
        except OSError:
            content = b"missing"
        place = file.relative_to(base).as_posix() if file.is_relative_to(base) else file.name
        digest.update(f"{place}\0".encode() + content)
    return digest.hexdigest()


def _below(folder: Path) -> Iterator[Path]:
    """Give the files under a folder, or the file itself."""
    found = folder.rglob("*") if folder.is_dir() else [folder]
    return (file for file in found if file.is_file() and "__pycache__" not in file.parts)


def _code() -> str:
    """Hash the files of hw2utils: its packages, which make pages, and other modules that were loaded."""
    package = Path(hw2utils.__file__).parent
    rooms = [file.parent for file in package.glob("*/__init__.py")]
    loaded = [m.__file__ for name, m in list(sys.modules.items()) if name.partition(".")[0] == "hw2utils"]
    files = {file for room in rooms for file in _below(room)} | {Path(name) for name in loaded if name}
    return digest_of_files(files, package)


def _versions(names: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # a module of another name than its distribution, or of this project
    return found


def _once(app: Sphinx, name: str, content: Callable[[], list[Any]]) -> str:
    """Hash something once a build: what is loaded, set or edited later must not change it."""
    known: dict[str, str] = app.__dict__.setdefault("hw2_digests", {})
    if name not in known:
        known[name] = hashlib.sha256(json.dumps(content()).encode()).hexdigest()
    return known[name]


def readers(app: Sphinx) -> str:
    """Hash what turns a source into a page: code, versions of extensions, ``_config.yml``, ``_toc.yml``."""
    root = Path(app.srcdir)
    names = {name.partition(".")[0] for name in app.extensions}
    files = [root / "_config.yml", root / (getattr(app.config, "external_toc_path", None) or "_toc.yml")]
    return _once(
        app,
        "readers",
        lambda: [_code(), _versions(sorted({*names, *_LIBRARIES})), digest_of_files(files, root)],
    )


def _furniture(app: Sphinx) -> str:
    """Hash templates, styles, scripts, fonts, icons, search words, old addresses: what stands beside."""
    root, config = Path(app.srcdir), app.config
    places = [*config.html_static_path, *config.templates_path, *config.html_extra_path]
    places += [place for place in (config.html_favicon, config.html_logo) if place]
    sources = [Path(app.env.doc2path(name)) for name in app.env.found_docs]
    places += [*synonym_files(sources), *sorted({source.with_name(MOVED) for source in sources})]
    return _once(app, "furniture", lambda: [digest_of_files(_below(root / place), root) for place in places])


def makers(app: Sphinx) -> str:
    """Hash what all pages are made of: what was read, what reads it, and what stands beside the pages.

    What was read is hashed as the environment of Sphinx knows it, which is saved before pages are written: so
    a build that was interrupted between the two is noticed.
    """
    env = app.env
    pages = {name: [digest, env.metadata[name].get(RESULTS)] for name, digest in _seen(env).items()}
    content = json.dumps([readers(app), _furniture(app), pages], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


# --- pages to be read again -----------------------------------------------------------------------


def _seen(env: BuildEnvironment) -> dict[str, str]:
    """Give the digests kept from build to build with what Sphinx has read."""
    found: dict[str, str] = env.__dict__.setdefault(_SEEN, {})
    return found


def _digest(app: Sphinx, docname: str, text: str) -> str:
    root = Path(app.srcdir)
    others = digest_of_files((root / name for name in app.env.dependencies.get(docname, ())), root)
    content = "\0".join([readers(app), text, others])
    return hashlib.sha256(content.encode()).hexdigest()


def _outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> Iterator[str]:
    """Name the pages whose source, files they include, or readers are not those they were read from."""
    known = _seen(env)
    for docname in (env.found_docs & env.all_docs.keys()) - added - changed - removed:
        text = Path(env.doc2path(docname)).read_text("utf-8-sig", "replace")  # as Sphinx reads it
        if known.get(docname) != _digest(app, docname, text):
            yield docname


def _keep_source(app: Sphinx, docname: str, source: list[str]) -> None:
    app.env.temp_data.setdefault(_SEEN, source[0])  # before other handlers change it


def _keep_digest(app: Sphinx, doctree: nodes.document) -> None:
    docname = app.env.docname
    _seen(app.env)[docname] = _digest(app, docname, app.env.temp_data[_SEEN])


def _forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _seen(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment) -> None:
    _seen(env).update({name: digest for name, digest in _seen(other).items() if name in set(docnames)})


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the events with Sphinx."""
    app.connect("env-get-outdated", _outdated)
    app.connect("source-read", _keep_source, priority=1)
    app.connect("doctree-read", _keep_digest, priority=999)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
