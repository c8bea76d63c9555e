"""The page's modules as a notebook takes them: texts, each after those that it imports."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

from lattice.view.wire import PAGE

IMPORT = re.compile(r'^(?:import|export)\b[^"\';]*?"(\.{1,2}/[^"]+)"', re.MULTILINE)
STARTS = ("mount.js", "notebook/kernel.js", "scopes.worker.js")  # they import all that runs in a notebook
STYLES = ("page.css", "author.css")
LOADER = PAGE / "notebook" / "loader.js"


def imports_of(name: str) -> dict[str, str]:
    """Return what a module imports: names of modules, by the words of its import statements."""
    text = (PAGE / name).read_text()
    return {path: posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) for path in IMPORT.findall(text)}


@cache
def page() -> dict[str, Any]:
    """Return the page as a JSON object: modules with their imports, in the order to load them in, and styles."""
    graph: dict[str, dict[str, str]] = {}
    waiting = list(STARTS)
    while waiting:
        name = waiting.pop()
        if name not in graph:
            graph[name] = imports_of(name)
            waiting += graph[name].values()
    order = TopologicalSorter({name: imports.values() for name, imports in graph.items()}).static_order()
    return {
        "modules": [{"name": name, "text": (PAGE / name).read_text(), "imports": graph[name]} for name in order],
        "styles": [(PAGE / name).read_text() for name in STYLES],
    }
