"""The demonstration that `make demo` runs: the sample handbook, asked six things."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from app.answers import Answer
from app.assistant import Assistant
from app.settings import Settings
from app.terminal import print_answer, print_quote, print_report, stream_answer

HANDBOOK = Path(__file__).parent / "sample" / "handbook"
INDEX = Path(".groundtune/demo")

QUESTIONS = (
    "Once the gangway is down at Skjørnvik, how long do the buses wait?",
    "How many kennels are there on the Grey Phalarope?",
    "What number do I text for service alerts?",
    "What does the ordinary adult Skerry Pass cost?",
)
UNANSWERABLE = "What is the Wi-Fi password on the Grey Phalarope?"
SMALL_TALK = "Good morning! How are you?"


def main() -> int:
    """Ingest the handbook, ask, and open the first citation; return 0 if answers were cited."""
    console = Console(highlight=False, soft_wrap=True)
    assistant = Assistant(Settings(index=INDEX))
    console.print(f"$ groundtune ingest {_relative(HANDBOOK)} --index {INDEX}", style="green")
    print_report(assistant.ingest([HANDBOOK], progress=True), console)
    answers = [_ask(assistant, question, console) for question in QUESTIONS]
    _ask(assistant, UNANSWERABLE, console)
    _ask(assistant, SMALL_TALK, console)
    citations = [citation for answer in answers for citation in answer["citations"]]
    if not citations:
        return 2
    first = citations[0]
    place = f"'{first['document']}' {first['start']} {first['end']}"
    console.print(f"\n$ groundtune show {place} --index {INDEX}", style="green")
    print_quote(assistant.text_of(first["document"]), first["start"], first["end"], console)
    assistant.close()
    return 0


def _ask(assistant: Assistant, question: str, console: Console) -> Answer:
    console.print(Text(f'\n$ groundtune ask "{question}" --index {INDEX}', style="green"))
    answer = stream_answer(assistant.stream(question), console)
    print_answer(answer, console, roots=assistant.roots())
    return answer


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    sys.exit(main())
