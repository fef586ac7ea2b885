"""Every test runs offline, in an empty folder, without the settings of whoever runs it."""

import functools
import gc
import logging
import os
import threading
import time

# Before anything else: these libraries read their variables when they are imported.
os.environ |= {"HF_HUB_OFFLINE": "1", "LANGSMITH_TRACING": "false"}

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes import KeywordEmbeddings
from page_parts import running_browser
from playwright.sync_api import Browser

from app.models.base import resolve_chat_model
from app.models.names import BUILTIN_CHAT
from app.settings import default_cache

SAMPLE = Path(__file__).parents[1] / "app" / "sample"
OWN_PREFIXES = ("GROUNDTUNE_", "LANGSMITH_", "LANGCHAIN_")
KEYWORDS = "ferry mill bees bread honey river winter morning price who when where".split()
LONG = frozenset(
    "attacks bounds chat_standard clients compare doc_blocks examples gpt2 hostile imports "
    "load openai page page_edges page_order postgres postgres_kills ray reading_asked remote "
    "remote_assistant retrieval_knobs server serving sft store_outage terminal thread_deletion "
    "tracing tuning writer".split()
)
"""Files of 20 s and more, measured on two cores: three quarters of the time of all tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make test` leaves to `make test-all`."""
    for item in items:
        if item.path.stem.removeprefix("test_") in LONG:
            item.add_marker("long")


@pytest.fixture(scope="session", autouse=True)
def _own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Do the same for what tests share, whose servers inherit these variables."""
    with pytest.MonkeyPatch.context() as patch:
        _set_variables(patch)
        patch.setenv("XDG_CACHE_HOME", str(_cache(tmp_path_factory.mktemp("cache"))))
        yield


def _cache(folder: Path) -> Path:
    """Link to the user's caches, but not to calibrations, which decide what models answer."""
    users = default_cache()
    own = folder / users.name
    own.mkdir()
    for name in ("models", "merged"):  # which take long to make
        (users / name).mkdir(parents=True, exist_ok=True)
        (own / name).symlink_to(users / name)
    for other in users.parent.iterdir():
        if other.name != own.name:
            (folder / other.name).symlink_to(other)
    return folder


def _set_variables(patch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(OWN_PREFIXES)]:
        patch.delenv(name)
    patch.setenv("HF_HUB_OFFLINE", "1")
    patch.setenv("LANGSMITH_TRACING", "false")


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _set_variables(monkeypatch)
    monkeypatch.chdir(tmp_path)
    logging.disable(logging.NOTSET)  # a command that an earlier test ran here hid warnings


@pytest.fixture(params=["shell", ".env"])
def set_variables(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """What sets variables in each of the two places where users do."""

    def set_them(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        if request.param == ".env":
            lines = [f"{name}={value}\n" for name, value in variables.items()]
            Path(".env").write_text("".join(lines))
            for name in variables:  # a command sets what it reads there; both are undone
                monkeypatch.delenv(name)

    return set_them


@pytest.fixture(scope="session")
def keyword_embeddings() -> KeywordEmbeddings:
    """Embeddings over KEYWORDS, computable by hand."""
    return KeywordEmbeddings(KEYWORDS)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a real language model that learned the sentences in tiny.LESSONS."""
    from tiny import write_tiny_model

    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def own_parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which the package of examples/own_parts is installed."""
    from plugin_parts import install

    return install(SAMPLE.parents[1] / "examples" / "own_parts", tmp_path_factory.mktemp("own"))


@pytest.fixture
def added(own_parts: Path) -> Iterator[None]:
    """Let Python find that package."""
    from plugin_parts import installed

    with installed(own_parts):
        yield


@pytest.fixture(scope="module")
def collected() -> Iterator[None]:
    """Collect what a file's clients left open, so that no other file's test is warned of it."""
    yield
    gc.collect()


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Compute in one thread: sharing tiny sums costs seconds when the cores are busy."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def tiny_pipeline(tiny_model: Path, one_thread: None):
    """Load the tiny model afresh, so that a test may tamper with it."""
    from app.models.load import load_pipeline

    return load_pipeline(tiny_model, dtype="float32")


@pytest.fixture
def tiny_chat(tiny_pipeline) -> Iterator:
    """A chat model over the tiny model."""
    from app.models.chat import LocalChatModel
    from app.models.worker import PipelineWorker

    worker = PipelineWorker(tiny_pipeline)
    yield LocalChatModel(worker=worker, model_name="tiny", max_tokens=100)
    worker.close()


@pytest.fixture(scope="session")
def base_folder() -> Path:
    """Folder of the built-in model, imported into a cache as the product does it."""
    folder = resolve_chat_model(BUILTIN_CHAT, cache_dir=default_cache())
    assert isinstance(folder, Path)
    return folder


@pytest.fixture(scope="session")
def chat(base_folder: Path) -> Iterator:
    """A chat model over the built-in model."""
    from app.models.chat import LocalChatModel
    from app.models.load import load_pipeline
    from app.models.worker import PipelineWorker

    worker = PipelineWorker(load_pipeline(base_folder))
    yield LocalChatModel(worker=worker, model_name=BUILTIN_CHAT, max_tokens=64)
    worker.close()


@pytest.fixture
def passes(tiny_pipeline) -> "Passes":
    """Counts the tiny model's forward passes; can make them slow, hold one or fail."""
    return Passes(tiny_pipeline.model)


class Passes:
    """Stands before a model's forward pass."""

    def __init__(self, model) -> None:
        self.count = 0
        self.seconds = 0.0
        self.failing = range(0)
        self.held_at, self.held, self.going_on = 0, threading.Event(), threading.Event()
        forward = model.forward

        @functools.wraps(forward)  # generation reads the signature
        def counted(*args, **kwargs):
            self.count += 1
            time.sleep(self.seconds)
            if self.count == self.held_at:
                self.held.set()
                assert self.going_on.wait(60)
            if self.count in self.failing:
                raise RuntimeError(f"pass {self.count} broke")
            return forward(*args, **kwargs)

        model.forward = counted


@pytest.fixture(scope="session")
def sample_assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """The assistant as shipped, on the sample handbook."""
    from app.assistant import Assistant
    from app.settings import Settings

    index = tmp_path_factory.mktemp("sample") / "index"
    # Made before the first test has left the folder of the run, which may hold a .env.
    assistant = Assistant(Settings(_env_file=None, index=index))
    assistant.ingest([SAMPLE / "handbook"])
    yield assistant
    assistant.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; for no longer, as what drives it keeps the thread's event loop busy."""
    with running_browser() as started:
        yield started
