"""Your own documents in ten minutes: `python examples/own_documents.py FOLDER QUESTION...`.

Every answer is printed with its quotes, and each quote is looked up in its document again.
"""

from __future__ import annotations

import sys

from app.assistant import Assistant


def main(folder: str, questions: list[str]) -> None:
    """Ingest a folder and answer questions about it."""
    assistant = Assistant()
    report = assistant.ingest([folder])
    print(f"{len(report.added)} documents added, {len(report.skipped)} could not be read")
    for question in questions:
        answer = assistant.ask(question)
        print(f"\n{question}\n{answer['answer']}")
        for citation in answer["citations"]:
            document, start, end = citation["document"], citation["start"], citation["end"]
            assert assistant.text_of(document)[start:end] == citation["quote"]
            print(f"  {document}, characters {start}–{end}: “{citation['quote']}”")
    assistant.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
