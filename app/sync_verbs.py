"""The command that keeps an index current."""

from __future__ import annotations

import signal
from datetime import datetime

from pydantic import PositiveFloat
from pydantic_settings import CliPositionalArg

from app.idle_flags import refuse_idle
from app.verbs import Verb, assistant_of, console_, show_ingested


class Sync(Verb):
    """Bring the index up to date as `ingest` does, and with --watch keep it so."""

    paths: CliPositionalArg[list[str]]
    """Folders, files or URLs; one command watches all of an index."""
    watch: bool = False
    """Go on: ingest whatever changes, until Ctrl-C."""
    every: PositiveFloat = 300.0
    """Seconds after which all is compared though no change was noticed, as with URLs."""

    def cli_cmd(self) -> None:
        """Run the command."""
        if not self.watch:
            refuse_idle(self, "every", where="without --watch")
        from app.ingest.sources.choice import places_of
        from app.ingest.watching import Watcher, check_not_emptied

        assistant, console = assistant_of(self), console_()
        places = places_of(self.paths)
        if not self.watch:
            for place in places:
                check_not_emptied(place)
            show_ingested(assistant.ingest(self.paths, progress=True), console)
            return

        def tell(line: str) -> None:
            console.print(f"{datetime.now():%H:%M:%S} {line}")

        # Services are stopped by SIGTERM; what a shell runs in its background ignores SIGINT.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.default_int_handler)
        watcher = Watcher(
            places=places,
            index=self.index,
            ingest=lambda: assistant.ingest(self.paths),
            tell=tell,
            every=self.every,
        )
        tell(f"watching {', '.join(map(str, places))}; Ctrl-C stops")
        watcher.run()
        tell("stopped; the index is as the last ingestion left it")
