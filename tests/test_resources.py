"""What the server's routes share: arms are loaded when they are asked, and kept while they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException

from app.assistant import Assistant
from app.serving.resources import Resources
from app.serving.settings import ServerSettings
from app.serving.users import Caller

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
