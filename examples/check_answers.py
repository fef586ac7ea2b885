"""Check another system's answers: `python examples/check_answers.py ANSWERS.jsonl [FOLDER]`.

A line is {"id", "question", "answer", "documents"?}. Answers without documents are checked against
FOLDER. Prints what has no support; exits with 2 if anything has none.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from app.assistant import Assistant


def main(answers: str, folder: str | None = None) -> int:
    """Check every answer, and return the exit code."""
    assistant = Assistant()
    if folder:
        assistant.ingest([folder])
    outcomes: Counter[str] = Counter()
    for line in Path(answers).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        check = assistant.checker.check(
            row["question"], row["answer"], documents=row.get("documents", ())
        )
        outcomes[check["supported"]] += 1
        for claim in check["claims"]:
            if not claim["citations"]:
                print(f"{row['id']}: no support for “{claim['text']}” ({claim['probability']:.2f})")
    print(", ".join(f"{outcomes[kind]} {kind}" for kind in ("all", "part", "none")))
    assistant.close()
    return 0 if set(outcomes) <= {"all"} else 2


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
