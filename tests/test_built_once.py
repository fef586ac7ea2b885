"""A part that takes long is built once, whoever asks for it meanwhile."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

from app.built_once import built_once
from app.composition import Parts


class Slow:
    def __init__(self) -> None:
        self.building = threading.RLock()
        self.builds: list[str] = []

    @built_once
    def model(self) -> object:
        self.builds.append("model")
        time.sleep(0.02)
        return object()

    @built_once
    def graph(self) -> list[object]:
        self.builds.append("graph")
        return [self.model]


# Python has had this lock up to 3.11 only.
vars(Slow)["model"].lock = vars(Slow)["graph"].lock = nullcontext()


def test_threads_that_ask_together_get_the_same_part() -> None:
    slow = Slow()
    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(lambda _: slow.model, range(4)))
        graphs = list(pool.map(lambda _: slow.graph, range(4)))
    assert len({id(part) for part in [*models, *graphs[0]]}) == 1
    assert slow.builds == ["model", "graph"]


def test_every_part_of_an_assistant_is_built_so() -> None:
    kept = [part for part in vars(Parts).values() if hasattr(part, "attrname")]
    assert len(kept) >= 10
    assert {type(part) for part in kept} == {built_once}
