"""Make rehearsal rows, which keep a model saying what it says anyway; knows no documents.

Sampling them from the base model itself forgets less than borrowing them from elsewhere
("endogenous replay", OpenReview AmQVxvyRJC), and needs no data.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage

from app.errors import UserError
from finetune.data.examples import Example, Kind, Message, read_examples
from finetune.errors import DataError
from graphs.layout import without_cut_end

REPLY_TOKENS = 96
TRIES = 4  # prompts for each row wanted; a small model seldom ends some kinds of reply in time
CUT = 0.25  # largest share of rows whose reply reached the limit and lost its last sentence
MOST_PROMPTS = 10_000  # of some 70,000 that the lists allow, so that new ones are soon found
BATCH = 32  # prompts at once, where so many rows are wanted

INSTRUCTIONS = (
    "Explain {topic} in two sentences.",
    "Explain {topic} to a ten-year-old in two sentences.",
    "What is {topic}? Answer in one sentence.",
    "Why do people care about {topic}? Answer briefly.",
    "Give one common misunderstanding about {topic}.",
    "Name three things that have to do with {topic}.",
    "List four words that people use when they talk about {topic}.",
    "Write one sentence about {topic}.",
    "Write a four-line poem about {topic}.",
    "Write a haiku about {topic}.",
    "Write a short joke about {topic}.",
    "Write a headline for a newspaper story about {topic}.",
    "Write the first sentence of a story about {topic}.",
    "Write a two-sentence advertisement for a course on {topic}.",
    "Write a polite two-sentence e-mail that asks a colleague for notes on {topic}.",
    "Write one quiz question about {topic} and its answer.",
    "Write a one-sentence diary entry about {topic}.",
    "Suggest a title for a book about {topic}.",
    "Suggest a gift for a friend who loves {topic}.",
    "Give me one tip for someone who is new to {topic}.",
    "Give one advantage and one disadvantage of {topic}.",
    "Compare {topic} with {other} in one sentence.",
    "Which is older, {topic} or {other}? Answer in one sentence.",
    "What do {topic} and {other} have in common? Answer briefly.",
    "Is {topic} more of a science or an art? Answer in one sentence.",
    "Classify as positive or negative: \"I really enjoyed learning about {topic}.\"",
    "Classify as positive or negative: \"The talk on {topic} was a waste of time.\"",
    "Does this sentence speak about {topic}? \"My car needs new tyres.\" Reply yes or no.",
    "Translate into French: \"I like {topic}.\"",
    "Translate into Spanish: \"Tell me more about {topic}.\"",
    "Translate into German: \"We talked about {topic} yesterday.\"",
    "Rewrite more formally: \"hey, got anything on {topic}?\"",
    "Rewrite in the past tense: \"She teaches {topic} and writes about {other}.\"",
    "Rewrite as a question: \"Many schools teach {topic}.\"",
    "Correct the grammar: \"Him and me was reading about {topic}.\"",
    "Make this shorter: \"In my own personal opinion, I think that {topic} is very interesting.\"",
    "Summarise in five words: \"The town opened a small museum of {topic} next to the station.\"",
    "Put these words into alphabetical order: {topic}, {other}, bread.",
    "How many words are in \"{topic} is fun\"?",
    "Pretend to be a librarian whom a child asks about {topic}. Reply in two sentences.",
    "Pretend to be a pirate who explains {topic} in one sentence.",
    "You are a teacher. Praise a pupil's essay on {topic} in one sentence.",
    "Ask me one question about {topic}.",
    "What would you say to someone who finds {topic} boring? Answer in one sentence.",
    "What is {a} + {b}?",
    "What is {a} times {b}?",
    "Which number is larger, {a} or {b}?",
    "I have {a} apples and eat 2 of them. How many are left?",
    "Is {a} an even number? Answer in one sentence.",
    "Count from {a} to {a} plus 4.",
    "Write a Python line that prints {a} + {b}.",
    "Write a Python function that adds {a} to a number.",
    "Write a Python list of the words {topic} and {other}.",
    "What does the Python expression len(\"{topic}\") compute? Answer in one sentence.",
    "Write a JSON object with the keys \"topic\" and \"level\" for {topic}.",
    "Write an SQL query that counts the rows of a table named lessons.",
    "Thank you for your help with {topic}!",
    "Hello! Can you help me with {topic}?",
    "I am nervous about my exam on {topic}.",
    "Goodbye, and thanks for explaining {topic}.",
)  # fmt: skip
TOPICS = (
    "gravity", "photosynthesis", "volcanoes", "the water cycle", "chess", "football", "swimming",
    "baking", "gardening", "painting", "jazz", "the violin", "poetry", "the Roman Empire",
    "the printing press", "the steam engine", "bicycles", "trains", "sailing", "astronomy",
    "the Moon", "whales", "honey bees", "penguins", "dinosaurs", "electricity", "magnets",
    "the internet", "computers", "robots", "algebra", "statistics", "money", "democracy",
    "languages", "dictionaries", "photography", "weather", "deserts", "mountains",
)  # fmt: skip
MEASURED_TOPICS = (
    "glaciers", "earthquakes", "rainbows", "owls", "octopuses", "coral reefs", "cheese", "knitting",
    "pottery", "sculpture", "opera", "ballet", "archery", "skiing", "castles", "the Silk Road",
    "lighthouses", "telescopes", "vaccines", "maps",
)  # fmt: skip


@dataclass(frozen=True)
class Fillings:
    """What the instructions are filled with."""

    topics: tuple[str, ...]
    numbers: range

    def fill(self, instruction: str, draw: random.Random) -> str:
        """Draw what an instruction leaves open."""
        topic, other = draw.sample(self.topics, 2)
        a, b = (draw.randint(self.numbers.start, self.numbers.stop - 1) for _ in "ab")
        return instruction.format(topic=topic, other=other, a=a, b=b)


REHEARSED = Fillings(TOPICS, range(3, 61))
MEASURED = Fillings(MEASURED_TOPICS, range(61, 119))
"""Nothing that rehearsal draws, in this release or an earlier one: forgetting is measured on it."""
MEASURED_SEED = 13  # the same for all, so that what adapters forget can be compared


@dataclass(frozen=True)
class _Reply:
    prompt: str
    text: str
    was_cut: bool


def sample_rehearsal(
    chat_model: BaseChatModel, *, count: int, seed: int, tokens: int = REPLY_TOKENS
) -> list[Example]:
    """Let the base model reply to general prompts, greedily, and keep what it says.

    Replies that end by themselves within `tokens` are preferred; at most a quarter of the rows lost
    the sentence that the limit cut. Returns fewer rows where four prompts for each yield too few.
    """
    return _sample(chat_model, prompts(TRIES * count, seed=seed), count, tokens)


def sample_measured(chat_model: BaseChatModel, *, count: int) -> list[Example]:
    """Let the base model reply to prompts that are never rehearsed, to measure forgetting on."""
    asked = prompts(TRIES * count, seed=MEASURED_SEED, fillings=MEASURED)
    return _sample(chat_model, asked, count, REPLY_TOKENS)


def _sample(
    chat_model: BaseChatModel, asked: Iterable[str], count: int, tokens: int
) -> list[Example]:
    ended: list[_Reply] = []
    cut: list[_Reply] = []
    candidates = list(asked)
    size = max(1, min(BATCH, count))
    for at in range(0, len(candidates), size):
        for reply in _replies(chat_model, candidates[at : at + size], tokens):
            (cut if reply.was_cut else ended).append(reply)
        if len(ended) + min(len(cut), int(CUT * count)) >= count:
            break
    whole = ended[:count]
    room = min(int(CUT * count), count - len(whole), int(len(whole) * CUT / (1 - CUT)))
    return [_example(number, reply) for number, reply in enumerate([*whole, *cut[:room]], start=1)]


def rehearsal_from(path: Path) -> list[Example]:
    """Read a file of general chats as rehearsal; raises UserError where it is none."""
    try:
        examples = read_examples(path)
    except DataError as error:
        raise UserError(str(error)) from error
    return [
        Example(id=_id(number), kind=Kind.REHEARSAL, messages=example.messages)
        for number, example in enumerate(examples, start=1)
    ]


def prompts(count: int, *, seed: int, fillings: Fillings = REHEARSED) -> Iterator[str]:
    """Yield `count` different prompts, at most 10,000, spread over the instructions."""
    draw = random.Random(seed)
    seen: set[str] = set()
    # What leaves nothing open is the same for all, and so is rehearsed alone.
    order = [i for i in INSTRUCTIONS if fillings is REHEARSED or "{" in i]
    count = min(count, MOST_PROMPTS)
    while len(seen) < count:
        draw.shuffle(order)
        fresh = {instruction: fillings.fill(instruction, draw) for instruction in order}
        new = [prompt for prompt in fresh.values() if prompt not in seen][: count - len(seen)]
        seen.update(new)
        yield from new


def _replies(chat_model: BaseChatModel, questions: list[str], tokens: int) -> Iterator[_Reply]:
    messages: list[list[BaseMessage]] = [[HumanMessage(prompt)] for prompt in questions]
    replies = chat_model.batch(list(messages), max_tokens=tokens, temperature=0.0)
    for prompt, reply in zip(questions, replies, strict=True):
        was_cut = reply.response_metadata.get("finish_reason") == "length"
        text = without_cut_end(reply.text) if was_cut else reply.text
        if text.strip() and not (was_cut and text == reply.text):  # a lone cut sentence is no reply
            yield _Reply(prompt, text, was_cut)


def _example(number: int, reply: _Reply) -> Example:
    messages = (
        Message(role="user", content=reply.prompt),
        Message(role="assistant", content=reply.text),
    )
    return Example(id=_id(number), kind=Kind.REHEARSAL, messages=messages)


def _id(number: int) -> str:
    return f"rehearsal-{number:04}"
