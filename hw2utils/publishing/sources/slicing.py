"""Backward slices: of a chapter's code, the statements on which the values of some names depend.

Whoever solves an exercise needs what it uses of the chapter, and not the experiments beside it. A statement
stays when it may set or change a name that is used later; where that cannot be told, it stays.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from hw2utils.publishing.sources.listings import RECORDS

TELLING = frozenset({*RECORDS, "print"})
"""Functions that show something and change nothing."""

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPOUND = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.Try, ast.With, ast.AsyncWith)


def backward_slice(sources: Sequence[str], needed: Collection[str]) -> list[str]:
    r"""Leave, of the sources of code cells, what the names ``needed`` depend on after the last of them.

    Gives a source for each cell, empty where nothing is needed. Raises SyntaxError for what is no Python.

    >>> backward_slice(["a = 1\nb = 2", "c = a + 1", "print(c)"], {"c"})
    ['a = 1', 'c = a + 1', '']
    >>> backward_slice(["box = []\nother = 3", "box.append(1)"], {"box"})
    ['box = []', 'box.append(1)']
    """
    cells = [[_Statement.read(node) for node in ast.parse(source).body] for source in sources]
    later: set[str] = set()  # names in functions, which are looked up whenever these are called
    while True:
        live, found = set(needed), set(later)
        kept: list[list[ast.stmt]] = []
        for statements in reversed(cells):
            kept.append([])
            for one in reversed(statements):
                if (one.sets | one.changes) & (live | later):
                    live = (live - one.sets) | one.reads
                    found |= one.later
                    kept[-1].append(one.node)
        if found == later:
            return [_cut(source, nodes) for source, nodes in zip(sources, reversed(kept), strict=True)]
        later = found


def names_used(source: str) -> set[str]:
    """Give the names that a source reads before it sets them, those in functions included.

    >>> sorted(names_used("total = sum(x * scale for x in values)"))
    ['scale', 'sum', 'values']
    """
    found: set[str] = set()
    known: set[str] = set()
    for one in map(_Statement.read, ast.parse(source).body):
        found |= (one.reads | one.later) - known
        known |= one.sets | one.changes
    return found


@dataclass
class _Statement:
    """Hold what a statement does: names it sets anew, changes or may set, reads at once, and reads later."""

    node: ast.stmt
    sets: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, node: ast.stmt) -> _Statement:
        one = cls(node)
        if isinstance(node, _COMPOUND):
            one._compound(node)
            return one
        for name, stored in _names(node):
            (one.sets if stored else one.reads).add(name)
        one.later = set(_later(node))
        one.changes = set(_changed(node))
        if isinstance(node, ast.AugAssign):
            one.changes |= one.sets
            one.reads |= one.sets
            one.sets = set()
        return one

    def _compound(self, node: ast.AST) -> None:
        """Read a loop or branch, which may run never or often: what it sets may keep its old value."""
        inside: set[str] = set()
        for child in ast.iter_child_nodes(node):
            one = _Statement(self.node)
            if isinstance(child, ast.ExceptHandler):
                one.sets |= {child.name} if child.name else set()
                one._compound(child)
                one.reads -= one.sets
            elif isinstance(child, ast.stmt):
                one = _Statement.read(child)
            else:
                for name, stored in _names(child):
                    (one.sets if stored else one.reads).add(name)
                one.later = set(_later(child))
            self.reads |= one.reads - inside
            self.later |= one.later
            self.changes |= one.changes
            if isinstance(node, ast.With):  # its body runs once
                self.sets |= one.sets
            else:
                self.changes |= one.sets
            inside |= one.sets


def _names(node: ast.AST, hidden: Collection[str] = ()) -> Iterator[tuple[str, bool]]:
    """Give the names that are read or set at once, without those of comprehensions and of functions."""
    children: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Name):
        if node.id not in hidden:
            yield node.id, not isinstance(node.ctx, ast.Load)
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0], True
    elif isinstance(node, ast.ClassDef) or (isinstance(node, ast.ExceptHandler) and node.name):
        yield str(node.name), True
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        own = {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        hidden = {*hidden, *own}
    elif isinstance(node, _SCOPES):
        if not isinstance(node, ast.Lambda):
            yield node.name, True
        decorators = getattr(node, "decorator_list", [])
        children = [*decorators, *node.args.defaults, *(one for one in node.args.kw_defaults if one)]
    for child in children:
        yield from _names(child, hidden)


def _later(node: ast.AST, hidden: Collection[str] = ()) -> Iterator[str]:
    """Give the names of others that the functions in a statement read when they are called."""
    if not isinstance(node, _SCOPES):
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            own = {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
            hidden = {*hidden, *own}
        for child in ast.iter_child_nodes(node):
            yield from _later(child, hidden)
        return
    arguments = node.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    body = node.body if isinstance(node.body, list) else [node.body]
    found = [one for part in body for one in _names(part)]
    own = {one.arg for one in every if one} | {name for name, stored in found if stored} | {*hidden}
    yield from (name for name, stored in found if not stored and name not in own)
    for part in body:
        yield from _later(part, own)


def _changed(node: ast.stmt) -> Iterator[str]:
    """Give the names whose objects a statement may change, as ``a[0] = 1`` and ``f(a)`` do with ``a``."""
    for one in ast.walk(node):
        if isinstance(one, ast.Subscript | ast.Attribute) and isinstance(one.ctx, ast.Store | ast.Del):
            yield from _base(one)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        if not (isinstance(call.func, ast.Name) and call.func.id in TELLING):
            yield from (name for name, _ in _names(call))


def _base(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _cut(source: str, kept: Collection[ast.stmt]) -> str:
    """Leave the lines of some statements, with the comments between, and at most two empty ones."""
    if not kept:
        return ""
    lines = source.splitlines()
    wanted = {line for node in kept for line in _lines(node)}
    dropped = {line for node in ast.parse(source).body for line in _lines(node)} - wanted
    left = "\n".join(line for number, line in enumerate(lines, 1) if number not in dropped)
    return re.sub(r"\n{4,}", "\n\n\n", left).strip("\n")


def _lines(node: ast.stmt) -> range:
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    return range(first, (node.end_lineno or first) + 1)
