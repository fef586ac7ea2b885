"""The command that moves an index from one store to another."""

from __future__ import annotations

from typing import Literal

from pydantic_settings import CliPositionalArg

from app.verbs import Verb


class Store(Verb):
    """Copy an index from one store to another without embedding anew, and compare the two."""

    action: CliPositionalArg[Literal["copy"]]
    """What to do; copy is all there is."""
    source: CliPositionalArg[str]
    """Folder or URL of the index to copy."""
    target: CliPositionalArg[str]
    """Folder or URL of the store to copy it into."""
    anew: bool = False
    """Replace the index that the target holds."""

    def cli_cmd(self) -> None:
        """Run the command."""
        from app.index.copying import copy_index

        copied = copy_index(self.source, self.target, machine=self.index, anew=self.anew)
        print(
            f"{copied.documents} documents and {copied.chunks} chunks, version {copied.version}: "
            "texts and vectors are equal in both stores"
        )
