"""The command that takes a document out of everything that was made of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from pydantic_settings import CliPositionalArg

from app.errors import UserError
from app.idle_flags import refuse_idle
from app.serving.settings import ServerSettings
from app.settings import Settings
from app.verbs import Verb, assistant_of, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.assistant import Assistant
    from app.index.forgotten import Forgotten
    from app.index.port import Index
    from app.tuning.forget import Trained

UNSEARCHED = (
    "conversations, feedback and traces; files that you wrote; the document's own file",
    "checkpoints, a comparison's adapters, adapters that went on from one of these, merged models",
)
"""What may hold a document and is not looked at."""


@dataclass(frozen=True)
class Gone:
    """What became of a document."""

    documents: Sequence[Forgotten]
    """The document, then those that held the same bytes."""
    deleted: Sequence[Path]
    quoting: Sequence[Path]
    trained: Trained

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "documents": [each.document for each in self.documents],
            "deleted": [str(path) for path in self.deleted],
            "still_quoting": [str(path) for path in self.quoting],
            "trained_on": self.trained.on_them,
            "perhaps_trained_on": self.trained.perhaps,
            "not_searched": list(UNSEARCHED),
        }

    def lines(self) -> list[str]:
        """Say it in lines."""
        first, *copies = [each.document for each in self.documents]
        told = {
            "forgotten too, for the bytes are the same": copies,
            "deleted": self.deleted,
            "still quoted by these, which are yours to delete": self.quoting,
            "trained on it": self.trained.on_them,
            "perhaps trained on it, for it was not recorded": self.trained.perhaps,
            "not searched": ["; ".join(UNSEARCHED)],
        }
        parts = {what: ", ".join(map(str, named)) for what, named in told.items()}
        return [f"forgotten: {first}", *(f"{what}: {of}" for what, of in parts.items() if of)]


class Forget(Verb, ServerSettings):
    """Take a document out of index, caches, uploads and data sets, for good; name its adapters."""

    read_from: ClassVar[type[Settings]] = ServerSettings

    document: CliPositionalArg[str] = ""
    """The document, as citations name it; left out, those that were forgotten are listed."""
    undo: bool = False
    """Let the document in again at the next ingestion."""
    run: Path = Path(".groundtune/run")
    """Folder of `finetune`, whose prepared rows are deleted."""
    json_: bool = Field(False, alias="json")
    """Print one JSON object."""

    def cli_cmd(self) -> None:
        """Run the command."""
        if not self.document:
            refuse_idle(self, "undo", "run", where="without a document")
        elif self.undo:
            refuse_idle(self, "run", where="with --undo")
        assistant = assistant_of(self)
        if not self.document:
            self._list(assistant.store)
        elif self.undo:
            self._recall(assistant.store)
        else:
            self._forget(assistant)

    def _list(self, store: Index) -> None:
        known = store.forgotten()
        if self.json_:
            print_json([{"document": each.document, "since": each.since} for each in known])
        for each in [] if self.json_ else known:
            print(f"{each.since}  {each.document}")

    def _recall(self, store: Index) -> None:
        from app.ingest.forget import recall

        back = [each.document for each in recall(self.document, store)]
        if not back:
            raise UserError(f"{self.document!r} was not forgotten: 'groundtune forget' lists them")
        if self.json_:
            print_json({"let_in": back})
        else:
            print(f"the next ingestion takes in again: {', '.join(back)}")

    def _forget(self, assistant: Assistant) -> None:
        from app.ingest.forget import forget, with_copies

        documents = with_copies(self.document, assistant.store)
        if not documents:
            self._go_on(assistant)
            return
        forget(documents, assistant.store)  # first, for what is noted tells a second call the rest
        gone = self._clean(documents, assistant)
        if self.json_:
            print_json(gone.to_json())
            return
        print("\n".join(gone.lines()))
        print(f"'ingest' leaves it out; groundtune forget --undo {self.document!r} lets it in")

    def _go_on(self, assistant: Assistant) -> None:
        """Do what is left to do, as the first call may have been interrupted."""
        from app.ingest.forget import noted, overwrite

        documents = noted(self.document, assistant.store)
        if not documents:
            assistant.text_of(self.document)  # raises, and says how documents are named
            return
        overwrite(assistant.store)
        gone, since = self._clean(documents, assistant), documents[0].since
        if self.json_:
            print_json(gone.to_json() | {"since": since})
            return
        print(f"nothing is left of {self.document}: it was forgotten at {since}")
        print("\n".join(gone.lines()[1:]))

    def _clean(self, documents: Sequence[Forgotten], assistant: Assistant) -> Gone:
        from app.compare.run.clearing import clear
        from app.serving.library import Library
        from app.tuning.forget import drop_rows, trained_on
        from app.tuning.prepare import DATASET
        from finetune.registry.store import Registry

        names = [each.document for each in documents]
        cleared = clear(self.compared, documents)
        uploads = Library(assistant, self.state / "uploads").forget(documents)
        dropped = drop_rows(self.run, assistant.store.version)
        deleted = [*cleared.deleted, *uploads, *[self.run / DATASET] * dropped]
        trained = trained_on(names, Registry(self.registry))
        return Gone(documents, deleted, cleared.quoting, trained)
