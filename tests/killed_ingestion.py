"""Processes to kill: for each pair of lines on stdin, begin an ingestion, then wait for its end.

usage: killed_ingestion.py INDEX FOLDER URL

The index is in the store of the URL, or in the folder INDEX where that is empty.
It answers the first line with the process's number, the second with how it ended. Each ingestion
is a fork of this process, because starting an interpreter takes longer than ingesting.
"""

import os
import sys
import time
from pathlib import Path

from index_parts import CountingEmbeddings, bring, config

from app.index.choice import open_index

BATCH_SECONDS = 0.04


class SlowEmbeddings(CountingEmbeddings):
    """Keyword embeddings that sleep for each batch."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        time.sleep(BATCH_SECONDS)
        return super().embed_documents(texts)


def main(index: Path, folder: Path, url: str) -> None:
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                bring(open_index(url, index, SlowEmbeddings(), config()), folder)
            except BaseException:
                os._exit(1)
            os._exit(0)
        print(child, flush=True)  # noqa: T201  # the answer
        sys.stdin.readline()
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
