"""Packages as pip leaves them, which add things by their entry points."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import plugins


def package(folder: Path, name: str, code: str, **groups: str) -> None:
    """Lay out a package of one module; each group has a line NAME = ATTRIBUTE for each point."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [
        f"[groundtune.{group}]\n" + points.replace(" = ", f" = {name}:")
        for group, points in groups.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    (folder / f"{name}.py").write_text(code)


def install(source: Path, scratch: Path) -> Path:
    """Install a package's sources by pip, without a network; returns the folder to find it in."""
    copy = shutil.copytree(source, scratch / source.name)  # building writes beside the sources
    target = scratch / "installed"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    options = ["--no-build-isolation", "--target", target, copy]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


@contextmanager
def installed(folder: Path) -> Iterator[None]:
    """Let Python find the packages in a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        plugins.added.cache_clear()
        yield
    plugins.added.cache_clear()
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(folder)):
            del sys.modules[name]
