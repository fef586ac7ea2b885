"""Garbage is looked for again once imports are done."""

from __future__ import annotations

import gc

import pytest

from app.uncollected import uncollected


def test_garbage_is_looked_for_again_whatever_happens() -> None:
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ImportError, match="no such thing"), uncollected():
        raise ImportError("no such thing")
    assert gc.isenabled()


def test_who_looks_for_no_garbage_keeps_to_it() -> None:
    gc.disable()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
