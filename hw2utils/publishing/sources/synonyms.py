"""Words that readers type for what the book calls otherwise: how the search learns of them.

``search.yml`` beside the chapters lists for a term all that means the same, in any language and spelling;
``terms.yml`` adds what it says is not written in the place of a term.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from hw2utils.publishing.sources.findings import Finding, Place
from hw2utils.publishing.sources.persian import TERMS_FILE, ZWNJ, load_terms

SYNONYMS_FILE = "search.yml"
"""Beside the chapters: for a term, the other words that find what it finds."""

_JOINTS = re.compile(rf"[\s{ZWNJ}_-]+")


def spelling(word: str) -> str:
    """Write a word as the search compares it: what stands between its parts does not count.

    >>> spelling("Weight decay") == spelling("weight_decay")
    True
    """
    return _JOINTS.sub("", word).lower()


def synonym_files(sources: Iterable[Path]) -> list[Path]:
    """List the files, there or not, that the search's words come from, for a book made of some sources.

    >>> [file.name for file in synonym_files([Path("book/q1.ipynb"), Path("book/q2.ipynb")])]
    ['search.yml', 'terms.yml']
    """
    folders = sorted({path.parent for path in sources})
    return [folder / name for folder in folders for name in (SYNONYMS_FILE, TERMS_FILE)]


def load_synonyms(files: Iterable[Path]) -> list[list[str]]:
    """List the words that mean the same, a list a term, as :func:`synonym_files` names their files.

    A word may stand in several lists; a file that is missing has none.

    Raises ValueError for a file of another form.
    """
    groups: list[list[str]] = []
    for file in files:
        if file.name == SYNONYMS_FILE:
            groups += [words for words, _ in _read(file)] if file.exists() else []
        else:
            terms: dict[str, list[str]] = {}
            for word, term in load_terms(file).items():
                terms.setdefault(term, [term]).append(word)
            groups += terms.values()
    return groups


def _read(file: Path) -> Iterator[tuple[list[str], Place]]:
    """Yield each term with its other words, and where it stands."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader)
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{file} cannot be read as YAML: {error}; save it as UTF-8, mend the line") from None
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    if not pairs:
        raise ValueError(f"{file}: expected terms with their other words; write `dropout: [حذف تصادفی]`")
    for key, value in pairs:
        items = value.value if isinstance(value, yaml.SequenceNode) else []
        words = [item.value for item in [key, *items] if isinstance(item, yaml.ScalarNode)]
        if not items or len(words) != len(items) + 1 or not all(spelling(word) for word in words):
            raise ValueError(
                f"{file}, line {key.start_mark.line + 1}: expected a term with a list of other words for it; "
                "write `dropout: [حذف تصادفی]`"
            )
        yield words, Place(line=key.start_mark.line + 1)


def check_synonyms(file: Path) -> Iterator[Finding]:
    """Find words that stand twice in ``search.yml``, or there and in ``terms.yml`` beside it.

    Raises ValueError for a file of another form.
    """
    terms = load_terms(file.with_name(TERMS_FILE))
    elsewhere = {spelling(word): term for word, term in terms.items() if spelling(word) != spelling(term)}
    met: dict[str, str] = {}
    for words, place in _read(file):
        for word in words:
            if (known := met.setdefault(spelling(word), words[0])) != words[0] or words.count(word) > 1:
                yield Finding(
                    "synonym twice", f"{word!r} stands with {known!r}, too", "leave it with one", place
                )
            elif spelling(word) in elsewhere:
                remedy = "leave it there: the search reads both files"
                yield Finding(
                    "synonym twice",
                    f"{word!r} stands in {TERMS_FILE} with {elsewhere[spelling(word)]!r}",
                    remedy,
                    place,
                )
