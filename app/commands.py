"""Every command by its name: where its class is, and what the overview says of it.

Imports no command, so that none waits for what another needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from app.verbs import Verb


@dataclass(frozen=True)
class Command:
    """A command that is not loaded yet."""

    place: str
    """MODULE:CLASS."""
    told: str
    """What it does, as its class says too."""

    def load(self) -> type[Verb]:
        """Import the command's class."""
        return cast("type[Verb]", EntryPoint(self.place, self.place, "groundtune").load())


COMMANDS = {
    "ingest": Command(
        "app.verbs:Ingest",
        "Bring the index up to date with folders, files or URLs of documents.",
    ),
    "store": Command(
        "app.store_verbs:Store",
        "Copy an index from one store to another without embedding anew, and compare the two.",
    ),
    "ask": Command(
        "app.verbs:Ask",
        "Answer a question, or a file of questions, with cited sentences.",
    ),
    "search": Command(
        "app.search_verbs:Search",
        "Rank the chunks of the index for a question, or for a file of questions.",
    ),
    "show": Command(
        "app.search_verbs:Show",
        "Open a citation: print a document's text around a span, the span highlighted.",
    ),
    "sync": Command(
        "app.sync_verbs:Sync",
        "Bring the index up to date as `ingest` does, and with --watch keep it so.",
    ),
    "forget": Command(
        "app.forget_verbs:Forget",
        "Take a document out of index, caches, uploads and data sets, for good; name its adapters.",
    ),
    "doctor": Command(
        "app.doctor_verbs:Doctor",
        "Check that models, index and settings are in order.",
    ),
    "demo": Command(
        "app.verbs:Demo",
        "Ask the sample handbook six questions and open a citation.",
    ),
    "check": Command(
        "app.checking_verbs:Check",
        "Check whether documents say what an answer says, whoever wrote it.",
    ),
    "finetune": Command(
        "app.tuning_verbs:Finetune",
        "Build, measure and register an adapter from documents, questions or chat examples.",
    ),
    "sweep": Command(
        "app.tuning_verbs:Sweep",
        "Search the learning rate and rank that score best; an interrupted sweep goes on.",
    ),
    "models": Command(
        "app.tuning_verbs:Models",
        "List the registered adapters, their scores and their aliases.",
    ),
    "promote": Command(
        "app.tuning_verbs:Promote",
        "Put an adapter into production, if it passes its gates and beats the present one.",
    ),
    "rollback": Command(
        "app.tuning_verbs:Rollback",
        "Put the adapter back into production that was there before.",
    ),
    "verify": Command(
        "app.tuning_verbs:Verify",
        "Hash a registered adapter's files again and name what changed.",
    ),
    "calibrate": Command(
        "app.tuning_verbs:Calibrate",
        "Fit the grades of the model and adapter in use, and keep the weights for them.",
    ),
    "export": Command(
        "app.tuning_verbs:Export",
        "Write a registered adapter as a merged model, for the hub, or as GGUF.",
    ),
    "drift": Command(
        "app.drift_verbs:Drift",
        "Say from questions asked whether to re-index, re-train, or leave it.",
    ),
    "import": Command(
        "app.compare_verbs:Import",
        "Turn questions of LangSmith, promptfoo or RAGAS into a file for `compare --questions`.",
    ),
    "compare": Command(
        "app.compare_verbs:Compare",
        "Ask several assistants the same questions and say, with evidence, which one to run.",
    ),
    "use": Command(
        "app.compare_verbs:Use",
        "Make a compared arm the one that every command and the server run, by writing `.env`.",
    ),
    "regress": Command(
        "app.compare_verbs:Regress",
        "Say what changed between two finished comparisons; exit with 2 if a chosen arm got worse.",
    ),
    "serve": Command(
        "app.serving_verbs:Serve",
        "Start the server: page, LangGraph's routes, OpenAI's chat completions.",
    ),
    "reviews": Command(
        "app.serving_verbs:Reviews",
        "Write what reviewers and readers decided: rows for `finetune`, a log for `drift`.",
    ),
}
