"""A part that takes long is built once, whoever asks for it meanwhile."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from app.assistant import Assistant
from app.built_once import built_once, shared


class Slow:
    def __init__(self, whole: Slow | None = None) -> None:
        self.whole = whole
        self.building = threading.RLock()
        self.builds: list[str] = []

    @built_once
    def model(self) -> object:
        self.builds.append("model")
        time.sleep(0.02)
        return object()

    @shared
    def voice(self) -> object:
        self.builds.append("voice")
        return object()

    @built_once
    def graph(self) -> list[object]:
        self.builds.append("graph")
        return [self.model]


class Meeting(Slow):
    """Builds its graph only while that of another is built too."""

    def __init__(self, meeting: threading.Barrier, whole: Slow | None = None) -> None:
        super().__init__(whole)
        self.meeting = meeting

    @built_once
    def graph(self) -> list[object]:
        self.meeting.wait(5)
        return [self.voice]


def test_threads_that_ask_together_get_the_same_part() -> None:
    slow = Slow()
    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(lambda _: slow.model, range(4)))
        graphs = list(pool.map(lambda _: slow.graph, range(4)))
    assert len({id(part) for part in [*models, *graphs[0]]}) == 1
    assert slow.builds == ["model", "graph"]


def test_views_have_the_shared_parts_of_the_whole_in_common() -> None:
    whole = Slow()
    views = [Slow(whole), Slow(whole)]
    assert views[0].voice is views[1].voice is whole.voice
    assert whole.builds == ["voice"]
    assert views[0].model is not whole.model


def test_parts_of_a_whole_and_of_its_view_are_built_side_by_side() -> None:
    meeting = threading.Barrier(2)
    whole = Meeting(meeting)
    with ThreadPoolExecutor(2) as pool:
        graphs = list(pool.map(lambda each: each.graph, (Meeting(meeting, whole), whole)))
    assert graphs == [[whole.voice], [whole.voice]]
    assert whole.builds == ["voice"]


def test_every_part_of_an_assistant_is_built_so() -> None:
    kept = [
        part for of in Assistant.__mro__ for part in vars(of).values() if hasattr(part, "attrname")
    ]
    assert len(kept) >= 10
    assert {type(part) for part in kept} == {built_once, shared}
