"""Make rows that need no passage: rewriting follow-ups, and replying to small talk."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.language_models import BaseChatModel

from app.dataset.grounded import example
from app.dataset.pairs import Pair
from finetune.data.examples import Example, Kind
from graphs import prompts
from graphs.layout import without_cut_end

REPLY_TOKENS = 48  # small talk is answered in one short sentence


def rewrite_row(pair: Pair) -> Example:
    """Ask for the stand-alone question that a person wrote for a follow-up."""
    prompt = prompts.rewrite_follow_up(pair.turns, pair.question)
    return example(f"rewrite-{pair.id}", Kind.REWRITE, prompt, pair.standalone, pair)


def direct_rows(pairs: Sequence[Pair], chat_model: BaseChatModel) -> list[Example]:
    """Keep how the base model replies to small talk, or train the answer that a pair gives.

    Of the model's longer replies the last sentence is left out: the prompt asks for one, and the
    limit may have cut it.
    """
    chats = [prompts.talk(pair.messages) for pair in pairs]
    needed = [at for at, pair in enumerate(pairs) if not pair.answers]
    written = chat_model.batch([chats[at] for at in needed], max_tokens=REPLY_TOKENS)
    replies = dict(zip(needed, (without_cut_end(reply.text) for reply in written), strict=True))
    return [
        example(f"direct-{pair.id}", Kind.DIRECT, prompt, replies.get(at) or pair.answers[0], pair)
        for at, (pair, prompt) in enumerate(zip(pairs, chats, strict=True))
        if replies.get(at) or pair.answers
    ]
