"""Each row of a batch streams its own text and ends for its own reason."""

import random

import pytest
from byte_fallback import byte_fallback

from app.models.decoding import (
    Decoder,
    Event,
    Finished,
    Row,
    first_stop,
    settled_length,
    whole_characters,
)

END = 0
ALPHABET = ["a", "b", "ab", "ba", "aab", "é", "日"]


class ByteDecoder:
    """A token is a byte; what is not whole yet shows as the replacement character."""

    streams = True

    def decode(self, token_ids: list[int]) -> str:
        return bytes(token for token in token_ids if token != END).decode(errors="replace")


class FallbackDecoder:
    """A token is a word, or a byte of what is no word, newlines among them."""

    streams = True

    def __init__(self) -> None:
        self.tokenizer = byte_fallback(["a", "▁leaves", "▁at"], specials=["</s>"])

    def decode(self, token_ids: list[int]) -> str:
        text: str = self.tokenizer.decode(token_ids, skip_special_tokens=True)
        return text


FALLBACK = FallbackDecoder()


def run(text: str, *, stop: list[str], max_tokens: int = 100) -> tuple[list[str], Finished]:
    """Feed a text byte by byte, then the end token, until the row has finished."""
    return fed([*text.encode(), END], ByteDecoder(), stop=stop, max_tokens=max_tokens)


def fed(
    tokens: list[int], decoder: Decoder, *, stop: list[str], max_tokens: int = 100
) -> tuple[list[str], Finished]:
    events: list[Event] = []
    row = Row(deliver=events.append, max_tokens=max_tokens, stop=stop)
    for token in tokens:
        if row.accept(token, end_tokens=frozenset({END}), decoder=decoder):
            break
    *pieces, end = events
    assert isinstance(end, Finished)
    return [piece for piece in pieces if isinstance(piece, str)], end


@pytest.mark.parametrize(
    ("text", "stop", "place"),
    [
        ("abc", [], None),
        ("abc", ["x"], None),
        ("abcabc", ["c"], 2),
        ("abc", ["c", "b"], 1),
        ("abc", ["abcd"], None),
        ("abc", ["abc"], 0),
    ],
)
def test_first_stop(text: str, stop: list[str], place: int | None) -> None:
    assert first_stop(text, stop) == place


@pytest.mark.parametrize(
    ("text", "stop", "length"),
    [
        ("abc", [], 3),
        ("ab\ufffd", [], 2),
        ("ab\ufffd\ufffd\ufffd", [], 2),
        ("abc", ["x"], 3),
        ("abc", ["cd"], 2),
        ("abc", ["cd", "bcd"], 1),
        ("aab", ["ab!"], 1),
        ("abc", ["abcd"], 0),
        ("ab\ufffd", ["b\u20ac"], 1),
    ],
)
def test_settled_length(text: str, stop: list[str], length: int) -> None:
    assert settled_length(text, stop) == length


def test_whole_characters_drops_the_unfinished_character_at_the_end() -> None:
    assert whole_characters("ab") == "ab"
    assert whole_characters("ab\ufffd") == "ab"
    assert whole_characters("a\ufffdb\ufffd\ufffd") == "a\ufffdb"  # one sign for each byte


def cut_at_first_stop(text: str, stop: list[str]) -> str | None:
    """Cut the text before the stop string that is complete first, reading left to right."""
    for end in range(len(text) + 1):
        begins = [end - len(string) for string in stop if text[:end].endswith(string)]
        if begins:
            return text[: min(begins)]
    return None


@pytest.mark.parametrize("decoder", [ByteDecoder(), FALLBACK], ids=["byte level", "byte fallback"])
def test_streamed_pieces_are_the_text_up_to_the_first_stop_for_any_text(decoder: Decoder) -> None:
    rng = random.Random(0)
    ended = {"stop": 0, "length": 0}
    for _ in range(600):
        text = "".join(rng.choices(ALPHABET, k=rng.randint(0, 12)))
        stop = ["".join(rng.choices(ALPHABET, k=rng.randint(1, 3))) for _ in range(2)]
        limit = rng.randint(1, 30)
        spelled = [byte + (decoder is FALLBACK) for byte in text.encode()]  # END comes before
        pieces, end = fed([*spelled, END], decoder, stop=stop, max_tokens=limit)
        seen = text.encode()[:limit].decode(errors="ignore")
        cut = cut_at_first_stop(seen, stop)
        assert "".join(pieces) == end.text == (seen if cut is None else cut)
        assert all(pieces)
        ended[end.reason] += 1
        assert end.reason == ("stop" if cut is not None or len(text.encode()) < limit else "length")
    assert min(ended.values()) > 100


@pytest.mark.parametrize(
    ("text", "stop", "limit", "pieces", "said"),
    [
        ("🚢 leaves", [], 99, ["🚢", " leaves"], "🚢 leaves"),
        ("a 🚢 leaves at\n", [], 99, ["a", " ", "🚢", " leaves", " at", "\n"], "a 🚢 leaves at\n"),
        ("a\n🚢é leaves", [], 99, ["a", "\n", "🚢", "é", " leaves"], "a\n🚢é leaves"),
        ("a\n🚢", [], 4, ["a", "\n"], "a\n"),
        ("aé🚢", [], 6, ["a", "é"], "aé"),
        ("a\n🚢 leaves", ["\n🚢"], 99, ["a"], "a"),
        ("a\n🚢 leaves", ["\n⛵"], 99, ["a", "\n🚢", " leaves"], "a\n🚢 leaves"),
        ("a\n🚢 leaves", ["🚢 l"], 99, ["a", "\n"], "a\n"),
    ],
)
def test_no_byte_of_a_character_is_shown_where_each_shows_as_a_sign(
    text: str, stop: list[str], limit: int, pieces: list[str], said: str
) -> None:
    tokens = [*FALLBACK.tokenizer.encode(text).ids, END]
    told, end = fed(tokens, FALLBACK, stop=stop, max_tokens=limit)
    assert (told, end.text) == (pieces, said)


def test_bytes_that_never_become_a_character_do_not_hold_up_what_follows() -> None:
    byte, word = FALLBACK.tokenizer.token_to_id, FALLBACK.tokenizer.encode(" leaves").ids
    tokens = [*FALLBACK.tokenizer.encode("a\n").ids, byte("<0xF0>"), *word, *word, END]
    pieces, end = fed(tokens, FALLBACK, stop=[])
    assert pieces == ["a", "\n", "\ufffd leaves", " leaves"]
    assert end.text == "a\ufffd\ufffd leaves leaves"  # as the decoder reads the whole


def test_row_says_how_many_tokens_it_took() -> None:
    assert run("hello", stop=[])[1].completion_tokens == 6  # the end token is one too
    assert run("hello", stop=["l"])[1].completion_tokens == 3
    assert run("hello", stop=[], max_tokens=2)[1].completion_tokens == 2


def test_cancelled_row_keeps_what_it_had_and_takes_no_more() -> None:
    events: list[Event] = []
    row = Row(deliver=events.append, max_tokens=9)
    assert not row.accept(ord("a"), end_tokens=frozenset(), decoder=ByteDecoder())
    row.cancelled.set()
    assert row.accept(ord("b"), end_tokens=frozenset(), decoder=ByteDecoder())
    assert row.accept(ord("c"), end_tokens=frozenset(), decoder=ByteDecoder())
    assert events == [
        "a",
        Finished(text="a", reason="cancelled", prompt_tokens=0, completion_tokens=1),
    ]


class ThoughtDecoder(ByteDecoder):
    """Takes what stands before a mark for a thought."""

    streams = False

    def decode(self, token_ids: list[int]) -> str:
        return super().decode(token_ids).rpartition("</think>")[2]


def test_a_thought_that_ends_without_having_begun_is_never_streamed() -> None:
    events: list = []
    row = Row(deliver=events.append, max_tokens=99)
    for token in [*b"Okay, a name.</think>Anna", END]:
        row.accept(token, end_tokens=frozenset({END}), decoder=ThoughtDecoder())
    assert events[0] == "Anna"
    assert (events[1].text, events[1].reason, len(events)) == ("Anna", "stop", 2)
