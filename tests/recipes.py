"""Turn public data into what `groundtune finetune` takes: `python tests/recipes.py NAME DATA OUT`.

    grounded   SQuAD, MTRAG and CLINC150 -> the examples that the shipped adapter began with
    further    the same, other contexts and much more rehearsal -> those that it went on with
    third      SQuAD, other contexts again, a sample of the rest -> those of its last training
    dev        SQuAD dev -> its test examples: three passages, a quarter without the right one
    attack     TRAM -> chat examples whose replies are JSON records
    techniques ATT&CK and TRAM -> documents, questions to train on, and questions to compare by

DATA is a folder with `squad/`, `rewrites/`, `general/` and `attack/` in JSON lines, gzipped.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from attack_recipes import attack, techniques
from langchain_core.documents import Document
from langchain_core.messages import HumanMessage
from recipe_parts import SEED, chat, rows

from app.assistant import Assistant
from app.dataset.conversations import direct_rows, rewrite_row
from app.dataset.grounded import example, grounded_rows
from app.dataset.mixture import Mixture
from app.dataset.pairs import Pair, contains, grounded_pairs, split_pairs
from app.dataset.rehearsal import sample_rehearsal
from app.settings import Settings
from finetune.data.examples import Example, Kind, read_examples, write_examples
from finetune.verification.examples import split_of
from graphs import prompts
from graphs.layout import without_cut_end
from graphs.passages import place

CONTEXTS = 1_250  # of SQuAD, which an hour on two cores is enough for
FURTHER = Mixture(
    contexts=1_500,
    rounds=1,
    passages=(1, 2, 3, 3, 3, 4),
    per_passage=4,
    graded=0.3,
    withheld=0.25,
    seed=14,
)
THIRD = Mixture(
    contexts=1_700,
    rounds=1,
    passages=(1, 2, 3, 3, 3, 4),
    per_passage=5,
    graded=0.1,
    withheld=0.2,
    seed=15,
)
SAMPLED = {Kind.REHEARSAL: 600, Kind.REWRITE: 120, Kind.DIRECT: 68}  # of what `further` made
INSTRUCTED, PARAGRAPHS = 800, 300  # rehearsal: replies to instructions, and Wikipedia's own prose
SMALL_TALK, TALK_TRAINED, REHEARSAL = 90, 80, 240  # utterances of CLINC150
TESTED, GRADED = 500, 250  # questions of SQuAD dev
WITHHELD = 0.25


def document_name(paragraph: str) -> str:
    title, number = paragraph.rsplit("#", 1)
    folder = re.sub(r"[^-.\w]", "_", title)
    return f"{folder}/{int(number):03}.txt"


def grounded(data: Path, out: Path) -> None:
    """Write the examples that the shipped adapter was trained on; takes a quarter of an hour."""
    for paragraph in rows(data / "squad" / "train.paragraphs.jsonl.gz"):
        file = out / "documents" / document_name(paragraph["id"])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(paragraph["text"], encoding="utf-8")
    settings = Settings(index=out / "index", chunk_size=1600, adapter="none", max_batch=16)
    assistant = Assistant(settings)
    assistant.ingest([out / "documents"], progress=True)
    mixture = Mixture(contexts=CONTEXTS, rounds=1, withheld=0.25, seed=SEED)
    made = [
        *passage_rows(squad_trained(data), assistant, mixture),
        *follow_ups(data),
        *chats(data, assistant),
    ]
    assistant.close()
    write(out / "examples.jsonl", made)


def further(data: Path, out: Path) -> None:
    """Write the examples of the second training, from the index that `grounded` left in `out`."""
    settings = Settings(index=out / "index", chunk_size=1600, adapter="none", max_batch=32)
    assistant = Assistant(settings)
    rehearsed = sample_rehearsal(assistant.chat_model, count=INSTRUCTED, seed=FURTHER.seed)
    made = [
        *passage_rows(squad_trained(data), assistant, FURTHER),
        *follow_ups(data),
        *chats(data, assistant),
        *(row.model_copy(update={"id": f"instructed-{row.id}"}) for row in rehearsed),
        *prose(data),
    ]
    assistant.close()
    write(out / "further.jsonl", made)


def third(data: Path, out: Path) -> None:
    """Write the examples of the third training, out of what `grounded` and `further` left in `out`.

    Reading passages needs most practice: fewer grades and refusals, and rehearsal that was seen.
    """
    settings = Settings(index=out / "index", chunk_size=1600, adapter="none", max_batch=32)
    assistant = Assistant(settings)
    made = list(passage_rows(squad_trained(data), assistant, THIRD))
    assistant.close()
    seen = read_examples(out / "further.jsonl")
    draw = random.Random(THIRD.seed)
    for kind, count in SAMPLED.items():
        of_kind = [row for row in seen if row.kind is kind]
        made += draw.sample(of_kind, min(count, len(of_kind)))
    write(out / "third.jsonl", made)


def write(path: Path, made: Sequence[Example]) -> None:
    # A question may be graded beside the same passage in two contexts.
    write_examples(path, {row.id: row for row in reversed(made)}.values())


def prose(data: Path) -> Iterator[Example]:
    """Let the model write paragraphs as people do: its own replies are all of one style."""
    paragraphs = list(rows(data / "squad" / "train.paragraphs.jsonl.gz"))
    for row in random.Random(SEED).sample(paragraphs, PARAGRAPHS):
        title = row["id"].rsplit("#", 1)[0].replace("_", " ")
        turns = [("user", f"Write a paragraph about {title}."), ("assistant", row["text"])]
        yield chat(f"prose-{row['id']}", turns, kind="rehearsal")


def squad_trained(data: Path) -> list[Pair]:
    kept, _ = split_pairs(list(squad_pairs(data, "train")), share=0.03, seed=SEED)
    return kept


def passage_rows(
    pairs: Sequence[Pair], assistant: Assistant, mixture: Mixture
) -> Iterator[Example]:
    for context in grounded_rows(
        grounded_pairs(pairs, assistant.store.all_chunks()),
        assistant.chunks_for,
        mixture,
        seed=mixture.seed,
    ):
        yield from context


def squad_pairs(data: Path, split: str) -> Iterator[Pair]:
    for row in rows(data / "squad" / f"{split}.questions.jsonl.gz"):
        yield Pair(
            id=row["id"],
            question=row["question"].strip(),
            answers=tuple(row["answers"]),
            documents=(document_name(row["paragraph"]),),
        )


def follow_ups(data: Path) -> list[Example]:
    pairs = [
        Pair.model_validate(
            {
                "id": "mtrag-" + row["id"].replace("<::>", "-"),
                "question": row["turns"][-1],
                "kind": "follow-up",
                "standalone": row["rewrite"],
                "history": [{"role": "user", "content": turn} for turn in row["turns"][:-1]],
                "documents": [row["id"].split("<::>")[0]],
            }
        )
        for row in rows(data / "rewrites" / "train.jsonl.gz")
        if len(row["turns"]) > 1 and row["rewrite"].strip()
    ]
    kept, _ = split_pairs(pairs, share=0.1, seed=SEED)
    return [rewrite_row(pair) for pair in kept]


def chats(data: Path, assistant: Assistant) -> list[Example]:
    """Keep what the base model says to small talk, and to requests that are none."""
    utterances = list(rows(data / "general" / "utterances.jsonl.gz"))
    draw = random.Random(SEED)
    talk = draw.sample(sorted({u["text"] for u in utterances if u["small_talk"]}), SMALL_TALK)
    asked = draw.sample(sorted({u["text"] for u in utterances if not u["small_talk"]}), REHEARSAL)
    pairs = [
        Pair(id=f"clinc-{number:03}", question=text, kind="small-talk")
        for number, text in enumerate(talk)
    ]
    said = assistant.chat_model.batch([[HumanMessage(text)] for text in asked], max_tokens=64)
    kept = [without_cut_end(reply.text).strip() for reply in said]
    rehearsed = [
        chat(f"rehearsal-{number:04}", [("user", text), ("assistant", reply)], kind="rehearsal")
        for number, (text, reply) in enumerate(zip(asked, kept, strict=True))
        if reply
    ]
    return [*direct_rows(pairs, assistant.chat_model)[:TALK_TRAINED], *rehearsed]


def dev(data: Path, out: Path) -> None:
    """Write test examples of SQuAD dev, and general instructions to measure forgetting on."""
    articles = by_article(data)
    draw = random.Random(SEED)
    pairs = draw.sample(list(squad_pairs(data, "dev")), TESTED)
    made = [
        row_with_three(pair, articles, draw, withheld=at < WITHHELD * TESTED)
        for at, pair in enumerate(pairs)
    ]
    made += [row for pair in pairs[:GRADED] for row in graded_rows(pair, articles, draw)]
    write_examples(out / "test.jsonl", made)
    write_examples(out / "general.jsonl", list(instructions(data)))


def by_article(data: Path, split: str = "dev") -> dict[str, list[Document]]:
    articles: dict[str, list[Document]] = {}
    for row in rows(data / "squad" / f"{split}.paragraphs.jsonl.gz"):
        name = document_name(row["id"])
        chunk = Document(row["text"], id=name, metadata={"document": name, "start": 0})
        articles.setdefault(name.partition("/")[0], []).append(chunk)
    return articles


def article_of(pair: Pair) -> str:
    return pair.source.partition("/")[0]


def unseen_pairs(data: Path, split: str) -> list[Pair]:
    """Return the questions of dev, or of train those about articles that no reader learned from."""
    pairs = squad_pairs(data, split)
    return [pair for pair in pairs if split == "dev" or split_of(article_of(pair)) == "held"]


def others_of(pair: Pair, articles: dict[str, list[Document]]) -> tuple[Document, list[Document]]:
    """Return the gold paragraph and those of the same article that do not hold the answer."""
    article = articles[article_of(pair)]
    gold = next(chunk for chunk in article if chunk.id == pair.source)
    holds = {c.id for c in article if any(contains(c.page_content, a) for a in pair.answers)}
    return gold, [chunk for chunk in article if chunk.id not in holds | {gold.id}]


def three_passages(
    pair: Pair, articles: dict[str, list[Document]], draw: random.Random, *, withheld: bool
) -> tuple[Document, list[Document]]:
    """Return the gold paragraph, and what is shown: it and two others, or three without it."""
    gold, others = others_of(pair, articles)
    shown = draw.sample(others, min(len(others), 3 if withheld else 2))
    shown += [] if withheld else [gold]
    draw.shuffle(shown)
    return gold, shown


def row_with_three(
    pair: Pair, articles: dict[str, list[Document]], draw: random.Random, *, withheld: bool
) -> Example:
    gold, shown = three_passages(pair, articles, draw, withheld=withheld)
    prompt = prompts.generate(pair.question, [place(chunk) for chunk in shown])
    if withheld:
        return example(f"refusal-{pair.id}", Kind.REFUSAL, prompt, prompts.REFUSAL, pair)
    number = 1 + shown.index(gold)
    reply = f"{pair.answers[0]} [{number}]"
    extra = {"answers": pair.answers, "citation": number}
    return example(f"answer-{pair.id}", Kind.ANSWER, prompt, reply, pair, **extra)


def graded_rows(
    pair: Pair, articles: dict[str, list[Document]], draw: random.Random
) -> Iterator[Example]:
    gold, others = others_of(pair, articles)
    for chunk, verdict in ((gold, "yes"), (draw.choice(others), "no")):
        prompt = prompts.grade_document(pair.question, place(chunk))
        yield example(f"grade-{verdict}-{pair.id}", Kind.GRADE, prompt, verdict, pair)


def instructions(data: Path) -> Iterator[Example]:
    for number, row in enumerate(rows(data / "general" / "instructions.jsonl.gz")):
        asked = f"{row['instruction']}\n\n{row['input']}".strip()
        yield chat(f"instruction-{number:03}", [("user", asked), ("assistant", row["output"])])


RECIPES: dict[str, Callable[[Path, Path], None]] = {
    "grounded": grounded,
    "further": further,
    "third": third,
    "dev": dev,
    "attack": attack,
    "techniques": techniques,
}


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("recipe", choices=RECIPES)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args(None if arguments is None else list(arguments))
    RECIPES[given.recipe](given.data, given.out)


if __name__ == "__main__":
    main()
