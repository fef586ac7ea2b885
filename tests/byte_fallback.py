"""A tokenizer that spells what it has no word for byte by byte, as Llama 2's and Phi-3's do."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer, decoders, models, normalizers

MARK = "▁"  # for a blank


def byte_fallback(words: Sequence[str], *, specials: Sequence[str] = ()) -> Tokenizer:
    """Return a tokenizer with a token for each special, byte and word, in this order.

    Its decoder writes one sign for each byte of a run that is no text, newlines in it included.
    """
    spelled = [f"<0x{byte:02X}>" for byte in range(256)]
    # A word comes together from its characters, each of which has a token then.
    merges = [(word[:at], word[at]) for word in words for at in range(1, len(word))]
    parts = [part for word in words for part in (*word, *(word[:at] for at in range(2, len(word))))]
    tokens = list(dict.fromkeys([*specials, *spelled, MARK, *parts, *words]))
    bpe = models.BPE(
        vocab={token: at for at, token in enumerate(tokens)}, merges=merges, byte_fallback=True
    )
    tokenizer = Tokenizer(bpe)
    tokenizer.normalizer = normalizers.Replace(" ", MARK)
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace(MARK, " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    tokenizer.add_special_tokens(list(specials))
    return tokenizer
