"""What the server's routes share: arms are loaded when they are asked, and kept while they are."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from app.assistant import Assistant
from app.errors import NoIndex
from app.serving.resources import Resources
from app.serving.settings import ServerSettings
from app.serving.users import Caller
from graphs.errors import InvalidQuestion

NOBODY = Caller("nobody")


@pytest.fixture
def resources(tiny_model: Path, tmp_path: Path) -> Resources:
    arms = {name: {"adapter": "none", "retrieval": "never"} for name in "abc"}
    (tmp_path / "arms.json").write_text(json.dumps(arms))
    told = {"model": str(tiny_model), "compared": tmp_path, "state": tmp_path / "state"}
    settings = ServerSettings.model_validate(told)
    return Resources(settings, Assistant(settings))


async def test_an_arm_that_is_being_asked_is_not_closed_for_another(resources: Resources) -> None:
    async with resources.lent("a", NOBODY) as first:
        async with resources.lent("b", NOBODY) as idle:
            pass
        async with resources.lent("c", NOBODY) as third:
            assert first.chat_model.invoke("When?").text
            assert third.chat_model.invoke("When?").text
        with pytest.raises(RuntimeError, match="the model was closed"):
            idle.chat_model.invoke("When?")
    async with resources.lent("b", NOBODY):
        pass
    with pytest.raises(RuntimeError, match="the model was closed"):
        first.chat_model.invoke("When?")


async def test_no_more_arms_are_loaded_than_may_be_and_who_waited_first_is_lent_one_first(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, load, lent, done = [], resources._loaded, [], asyncio.Event()

    def noted(arm: dict[str, Any]) -> Assistant:
        loaded.append(len(resources._others) + 1)
        return load(arm)

    async def ask(arm: str) -> None:
        async with resources.lent(arm, NOBODY):
            lent.append(arm)
            await done.wait()

    monkeypatch.setattr(resources, "_loaded", noted)
    async with resources.lent("a", NOBODY) as first:
        async with resources.lent("b", NOBODY):
            waiting = [asyncio.create_task(ask(arm)) for arm in "cb"]
            await asyncio.sleep(0.1)
            assert lent == []  # not b either, which is loaded: c came first
        while not lent:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert lent == ["c"]
        assert first.chat_model.invoke("When?").text
        done.set()
        await asyncio.gather(*waiting)
    assert (lent, loaded) == (["c", "b"], [1, 2, 2, 2])


async def test_an_arm_that_nobody_waits_for_any_more_is_not_loaded(resources: Resources) -> None:
    async def ask() -> None:
        async with resources.lent("a", NOBODY):
            raise AssertionError("it was lent")

    with resources._loading:
        asking = asyncio.create_task(ask())
        await asyncio.sleep(0.1)
        asking.cancel()
        await asyncio.wait({asking})
    await asyncio.get_running_loop().shutdown_default_executor()  # which waits for the thread
    assert not resources._others


async def test_what_speaks_against_a_question_is_told_without_loading_its_arm(
    resources: Resources,
) -> None:
    resources.check_askable("a", "When?", NOBODY)  # it does not search
    for arm in ("base-rag", "served"):
        with pytest.raises(NoIndex):
            resources.check_askable(arm, "When?", NOBODY)
    with pytest.raises(InvalidQuestion, match="more than 512 tokens"):
        resources.check_askable("a", "so " * 2000, NOBODY)
    assert not resources._others
    resources.served.close()


async def test_the_served_arm_is_lent_as_it_is_and_an_unknown_one_named(
    resources: Resources,
) -> None:
    for name in (None, "served"):
        async with resources.lent(name, NOBODY) as assistant:
            assert assistant is resources.served.seen_by(NOBODY.groups)
            assert assistant.chat_model is resources.served.chat_model
    with pytest.raises(
        HTTPException, match="there is no arm 'd': choose from served, base-rag, a, b, c"
    ):
        async with resources.lent("d", NOBODY):
            pass
