"""Tell what made a thing that is kept, so that a later run takes it up only while all is the same.

The code behind it is found by following imports, so that nobody has to list what matters.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec, resolve_name
from pathlib import Path
from typing import Any

from app import plugins
from finetune.registry.fingerprint import sha256_of
from finetune.registry.manifest import file_hashes, package_versions
from graphs import prompts

OURS = ("app", "finetune", "graphs")
_PLACE = re.compile(r"[\w.]+:\w+")
"""MODULE:NAME, as what is loaded by name is written."""


def made_by(
    *code: str,
    settings: object = None,
    model: object = None,
    adapter: object = None,
    index: str | None = None,
    data: object = None,
) -> dict[str, Any]:
    """Return everything that makes a kept thing, part by part; its `key` names the thing.

    `code` are the modules that compute it; what they import of this project counts as well. The
    rest is JSON data: name files by their contents, for the same place may hold others tomorrow.
    """
    behind = modules_behind(*code)
    return {
        "prompts": _prompts() if prompts.__name__ in behind else None,
        "code": digest(behind),
        "packages": package_versions(),
        "settings": settings,
        "model": model,
        "adapter": adapter,
        "index": index,
        "data": data,
    }


def published(*code: str, data: Iterable[Path], packages: Iterable[str]) -> dict[str, Any]:
    """Return what a published figure is to be repeated with, as its file tells it.

    `code` are the modules that were measured, and `data` the files and folders that they read.
    """
    return {
        "data_sha256": {
            place.name: digest(file_hashes(place)) if place.is_dir() else sha256_of(place)
            for place in data
        },
        "code_sha256": digest(modules_behind(*code)),
        "versions": {package: version(package) for package in packages},
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
    }


def key(made: dict[str, Any]) -> str:
    """Name a kept thing by what makes it."""
    return digest(made)[:12]


def digest(value: object) -> str:
    """Hash JSON data; the order of keys does not count."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


@cache
def modules_behind(*code: str) -> dict[str, str]:
    """Return the hash of each module of this project that these need, themselves included.

    Comments and layout do not count.
    """
    hashes: dict[str, str] = {}
    wanted = [*code]
    while wanted:
        module = wanted.pop()
        if module in hashes or (source := _source(module)) is None:
            continue
        tree = ast.parse(source.read_bytes())
        hashes[module] = hashlib.sha256(ast.dump(tree).encode()).hexdigest()
        above = module.rpartition(".")[0]
        package = module if source.name == "__init__.py" else above
        wanted += [above, *_imported(tree, package)]
    return hashes


def content_of(file: Path | None) -> str:
    """Hash a file that a setting may name; empty for none."""
    return sha256_of(file) if file else ""


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    """Yield the names that may be modules; inside functions, and as "MODULE:NAME", too.

    `package` is where relative imports begin.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), package)
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and _PLACE.fullmatch(str(node.value)):
            yield str(node.value).partition(":")[0]


def _source(module: str) -> Path | None:
    """Return the file of a module of this project, or of what is added to it; else None."""
    top, *below = module.split(".")
    spec = find_spec(top) if top in OURS or top in plugins.packages() else None
    if spec is None or spec.origin is None:
        return None
    if not below:
        return Path(spec.origin)
    place = Path(spec.origin).parent.joinpath(*below)
    files = (place / "__init__.py", place.with_suffix(".py"))
    return next((file for file in files if file.is_file()), None)


def _prompts() -> dict[str, str]:
    """Return the texts of the prompts; how they are put together is code."""
    return {name: text for name, text in vars(prompts).items() if name.isupper()}
