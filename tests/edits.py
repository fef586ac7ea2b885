"""Small changes of code and of weights, whose consequences are looked for."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from app.provenance import modules_behind


@contextmanager
def edited(package: ModuleType, file: str, text: str, scratch: Path) -> Iterator[None]:
    """Let provenance read a copy, in which `text` stands at the end of a file; what runs stays."""
    (home,) = package.__path__
    copy = scratch / package.__name__
    modules = shutil.ignore_patterns("*.safetensors", "*.json", "__pycache__")
    shutil.copytree(home, copy, ignore=modules)
    with (copy / file).open("a", encoding="utf-8") as module:
        module.write(text)
    spec = spec_from_file_location(package.__name__, copy / "__init__.py")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "__spec__", spec)
        modules_behind.cache_clear()
        yield
    modules_behind.cache_clear()


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
