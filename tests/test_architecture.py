"""The rooms of the house, held by walking every import; sizes; the map."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from basics import ROOT
from heavy import HEAVY

from lattice import looks, regrade

PACKAGE = ROOT / "lattice"
DOORS = {"lattice.regrade": regrade._HOMES, "lattice.looks": looks._HOMES}  # of names that are imported on first use
# What a room may import, by its path under lattice/; the longest path that fits a module counts.
GROUND = {"errors", "choices", "encodings", "types", "version", "cache", "process_list"}
BYTES = GROUND | {"color", "files/storage"}
FRAMES = GROUND | {"cpu_time", "color", "channels", "files", "interp", "sdev", "regrade/options", "regrade/report"}
# The one arrow up: Profile.sdev goes out, and comes in by the door that users take.
FRONT_DOOR = {"lattice.load", "lattice.SDev"}
ROOMS = {
    "errors": set(),
    "version": set(),
    "choices": set(),
    "axes": set(),
    "record": {"errors"},
    "stage": {"axes", "errors", "record"},
    "encodings": {"record"},
    "types": {"axes", "choices", "encodings", "errors", "record", "stage"},
    "process_nodes": {"choices", "errors", "record"},
    "process_list": {"choices", "errors", "process_nodes", "record"},
    "cache": {"errors"},
    "cpu_time": set(),
    "color": {"types", "errors"},
    "looks": GROUND | {"color", "files/storage"},
    "build": GROUND | {"color", "interp", "looks"},
    "interp": {"encodings", "process_list", "types", "errors", "cpu_time"},
    "gpu": {"types", "errors", "cache", "interp"},
    "files/storage": {"types", "errors"},
    "files/frame": {"types"},
    "files/exr": BYTES | {"files/frame", "cpu_time"},
    "files/images": BYTES | {"files/frame"},
    "files/movie": BYTES | {"files/frame"},
    "files/measured": BYTES | {"record", "files"},
    "files/luts": BYTES | {"record", "choices", "files", "files/images"},
    "files": BYTES | {"files/frame", "files/exr", "files/images"},
    "files/ocio": BYTES | {"files"},
    "channels": {"types", "errors", "color", "files/frame"},
    "sdev": GROUND | {"color", "looks", "build", "interp", "gpu", "files"},
    "shaders": {"types", "errors", "version", "interp", "sdev", "files/storage"},
    "export": GROUND | {"color", "looks", "build", "interp", "sdev", "files"},
    "inspect": GROUND | {"color", "looks", "build", "interp", "sdev", "files"},
    "match": GROUND | {"channels", "color", "looks", "build", "inspect", "interp", "sdev", "files"},
    "regrade/options": {"choices", "errors", "color", "sdev"},
    "regrade/report": {"regrade/options", "regrade/process"},
    "regrade/process": {"types", "errors", "files"},
    "regrade/frame": FRAMES | {"regrade/process"},
    "regrade/sequence": FRAMES | {"regrade/process", "regrade/frame"},
    "regrade/farm": FRAMES | {"regrade/process", "regrade/frame", "regrade/sequence"},
    "regrade/show": FRAMES | {"looks", "inspect", "regrade/process", "regrade/frame", "regrade/sequence"},
    "regrade/dailies": FRAMES | {"regrade/process", "regrade/frame", "regrade/sequence"},
    "hosts": FRAMES | {"build", "export", "looks", "regrade/frame", "regrade/show"},
    "view": FRAMES | {"build", "inspect", "looks", "regrade/process", "regrade/frame", "regrade/sequence"},
}
# Third parties at a module's top, by the room's first folder.
_NONE = ("errors", "version", "choices", "cpu_time", "process_list", "channels", "lattice")
_NUMPY = ("axes", "record", "stage", "encodings", "process_nodes", "types", "color", "interp", "gpu", "files", "sdev")
OUTSIDE = {
    **{room: set() for room in _NONE},
    **{room: {"numpy"} for room in (*_NUMPY, "shaders", "inspect", "regrade", "hosts")},
    "cache": {"platformdirs"},
    "looks": {"numpy", "pydantic", "pydantic_core", "tomli_w"},
    "build": {"numpy", "scipy", "threadpoolctl"},
    "export": {"numpy", "scipy"},
    "match": {"numpy", "scipy"},
    "view": {"numpy", "starlette", "uvicorn", "anywidget", "traitlets"},
    "cli": {"typer"},
}
# What else may wait inside a function: accelerators, certificates, the cache, bars and modules of Unix alone.
OWN = {"concurrent", "ctypes", "tomllib"}  # of Python itself, that take milliseconds
WAITING = HEAVY | OWN | {"cryptography", "isal", "platformdirs", "rich", "fcntl", "resource"}
MOST_LINES, LONGEST_FUNCTION, LONGEST_LINE = 300, 60, 120
NATIVE_SUFFIXES = (".h", ".cpp", ".cu")
NATIVE_TEXTS = [ROOT / "CMakeLists.txt", *sorted(path for path in PACKAGE.rglob("*") if path.suffix in NATIVE_SUFFIXES)]
MODULES = sorted(PACKAGE.rglob("*.py"))
PATHS = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES}
CODE = sorted(path for folder in ("lattice", "tests", "bench", "examples") for path in (ROOT / folder).rglob("*.py"))


def room_of(name: str) -> str:
    """The room of a module, `lattice.files.exr.file`, or of a name in one: the longest path that has a row."""
    path = name.removeprefix("lattice").strip(".").replace(".", "/")
    fitting = [room for room in ROOMS if path == room or path.startswith(room + "/")]
    return max(fitting, key=len, default=path.partition("/")[0])


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(node: ast.AST) -> list[str]:
    """Dotted names that an import statement brings in, `from a import b` as `a.b`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute here"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def all_imports(tree: ast.AST) -> set[str]:
    return {name for node in ast.walk(tree) for name in imported(node)}


def runtime_imports(tree: ast.Module) -> set[str]:
    """What a module imports when it is imported or runs: not what is for type checkers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    return all_imports(tree)


def top_imports(tree: ast.Module) -> set[str]:
    """What importing the module imports: not inside functions, not for type checkers."""
    found, waiting = set(), list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        found.update(imported(node))
        waiting.extend(ast.iter_child_nodes(node))
    return found


def nowhere(paths: Iterable[Path], faults: Callable[[Path], object]) -> None:
    """No file has faults; those that do are named, all of them."""
    found = {str(path.relative_to(ROOT)): faults(path) for path in paths}
    assert {path: fault for path, fault in found.items() if fault} == {}


def test_a_room_imports_only_what_its_row_allows() -> None:
    def strangers(path: Path) -> object:
        room = room_of(module_name(path))
        if room not in ROOMS:
            return [] if room in ("", "cli", "regrade") else f"a room without a row: {room}"
        names = all_imports(ast.parse(path.read_text())) - FRONT_DOOR
        ours = {room_of(name) for name in names if name.startswith("lattice.")} - {room}
        return [name for name in ours if not f"{name}/".startswith(tuple(f"{each}/" for each in ROOMS[room]))]

    nowhere(MODULES, strangers)


def test_modules_import_each_other_in_no_circle() -> None:
    names = {module_name(path) for path in MODULES}
    after: dict[str, set[str]] = {}
    for path in MODULES:
        mentioned = {
            name if name in names else name.rpartition(".")[0]
            for name in runtime_imports(ast.parse(path.read_text()))
            if name.startswith("lattice.")
        }
        after[module_name(path)] = mentioned & names - {module_name(path)}
    TopologicalSorter(after).prepare()  # raises CycleError


def test_third_parties_at_the_top_are_the_rooms_own() -> None:
    def strangers(path: Path) -> object:
        parties = {name.split(".")[0] for name in top_imports(ast.parse(path.read_text()))}
        room = room_of(module_name(path)).partition("/")[0] or "lattice"
        return parties - set(sys.stdlib_module_names) - {"lattice"} - OUTSIDE[room]

    nowhere(MODULES, strangers)


@cache
def at_top(path: Path) -> frozenset[str]:
    """What importing a file imports."""
    return frozenset(top_imports(ast.parse(path.read_text())))


@cache
def loads(module: str) -> frozenset[str]:
    """Every module and third party that an import of this module of ours brings in, itself too."""
    found, waiting = set(), [module]
    while waiting:
        name = waiting.pop()
        if name.startswith("lattice") and name not in PATHS:
            name = name.rpartition(".")[0]
        if name and name not in found:
            found.add(name)
            waiting.append(name.rpartition(".")[0])  # the package runs first
            waiting += at_top(PATHS[name]) if name in PATHS else ()
    return frozenset(found)


def lent(name: str) -> str:
    """The home of a name that a room's door lends; any other name as it is."""
    room, _, attribute = name.rpartition(".")
    homes = DOORS.get(room, {})
    return f"{room}.{homes[attribute]}" if attribute in homes else name


def test_only_what_is_heavy_is_imported_inside_a_function() -> None:
    def light(path: Path) -> object:
        tree = ast.parse(path.read_text())
        inside = runtime_imports(tree) - top_imports(tree) - FRONT_DOOR
        return {name for name in inside if not {part.split(".")[0] for part in loads(lent(name))} & WAITING}

    nowhere(MODULES, light)


def test_native_texts_are_short_and_narrow() -> None:
    def large(path: Path) -> object:
        lines = path.read_text().splitlines()
        return len(lines) > MOST_LINES or [line for line in lines if len(line) > LONGEST_LINE]

    nowhere(NATIVE_TEXTS, large)


def test_files_and_functions_are_short() -> None:
    def large(path: Path) -> object:
        text = path.read_text()
        functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        long = [n.name for n in functions if (n.end_lineno or n.lineno) - n.lineno >= LONGEST_FUNCTION]
        return long + ["the file"] * (text.count("\n") > MOST_LINES)

    nowhere(CODE, large)


def test_every_public_name_is_there() -> None:
    import lattice

    for name in lattice.__all__:
        assert getattr(lattice, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        lattice.nothing  # noqa: B018


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_the_map_names_files_that_are_there(page: str) -> None:
    text = (ROOT / page).read_text()
    named = {word for word in re.findall(r"`([\w./-]+)`", text) if "/" in word or word.endswith((".py", ".toml"))}
    there = {str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if ".venv" not in path.parts}
    there |= {path + "/" for path in there}
    assert [word for word in named if not any(f"/{path}".endswith(f"/{word}") for path in there)] == []
    assert len(named) >= 3
