"""What is measured beside the answers: memory, disk, training, forgetting, vocabulary, money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.compare.judge.evidence import Row
from app.compare.plan.prices import Prices, TokenPrice
from app.compare.run.footprint import Footprint
from app.dataset.rehearsal import INSTRUCTIONS
from graphs.text import words

ANSWERS = 1_000  # that a price is told for


@dataclass(frozen=True)
class Measurements:
    """Everything about the arms that is no answer."""

    footprints: Mapping[str, Footprint] = field(default_factory=dict)
    forgotten: Mapping[str, float] = field(default_factory=dict)
    """By arm, the share by which perplexity on general text rose."""
    trained_s: Mapping[str, float] = field(default_factory=dict)
    """By arm, the seconds that its own training took."""
    tokens_per_word: float | None = None
    """Into how many tokens the model splits a word of the documents."""
    general_tokens_per_word: float | None = None
    """The same of everyday instructions."""
    prices: Prices | None = None
    rented: Mapping[str, TokenPrice] = field(default_factory=dict)
    """By arm, what its tokens cost, where it is paid by tokens."""

    def rows(
        self, waits_s: Mapping[str, float], tokens: Mapping[str, tuple[float, float]]
    ) -> Iterator[Row]:
        """Yield the evidence, given the mean seconds and tokens of an arm's answer."""
        for arm, took in self.footprints.items():
            yield Row(
                f"memory.{arm}", took.peak_mib, f"{arm}: {took.peak_mib:,.0f} MiB of memory at most"
            )
            yield Row(f"disk.{arm}", took.disk_mib, f"{arm}: {took.disk_mib:,.0f} MiB on disk")
            text = f"{arm}: with the network blocked {took.answered} of {took.asked} were answered"
            yield Row(f"offline.{arm}", took.answered / took.asked, text)
        for arm, change in self.forgotten.items():
            text = f"{arm}: perplexity on general text changed by {change:+.1%}"
            yield Row(f"forgetting.{arm}", change, text)
        for arm, seconds in self.trained_s.items():
            text = f"{arm}: trained on this machine in {seconds / 60:.1f} minutes"
            yield Row(f"training.{arm}", seconds, text)
        yield from self._vocabulary()
        if self.prices is not None:
            yield from self._money(self.prices, waits_s, tokens)

    def _vocabulary(self) -> Iterator[Row]:
        if self.tokens_per_word and self.general_tokens_per_word:
            ratio = self.tokens_per_word / self.general_tokens_per_word
            text = (
                f"a word of the documents is {self.tokens_per_word:.2f} tokens, one of everyday "
                f"text {self.general_tokens_per_word:.2f}"
            )
            yield Row("vocabulary", ratio, text)

    def _money(
        self,
        prices: Prices,
        waits_s: Mapping[str, float],
        tokens: Mapping[str, tuple[float, float]],
    ) -> Iterator[Row]:
        for arm, seconds in waits_s.items():
            price = ANSWERS * seconds / 3600 * prices.answering_hour
            if (rent := self.rented.get(arm)) is not None:
                price = ANSWERS * rent.of(tokens[arm])
            training = self.trained_s.get(arm, 0) / 3600 * prices.training_hour
            once = f", after {training:.2f} for its training" if training else ""
            text = f"{arm}: {price:.2f} {prices.currency} for {ANSWERS:,} answers{once}"
            yield Row(f"price.{arm}", price, text)


def tokens_per_word(tokenizer: Any, texts: Iterable[str]) -> float | None:
    """Return into how many tokens a word is split on average; None without any word."""
    tokens = counted = 0
    for text in texts:
        split = words(text)
        counted += len(split)
        tokens += sum(len(tokenizer.encode(f" {w}", add_special_tokens=False)) for w in split)
    return tokens / counted if counted else None


def everyday_texts() -> list[str]:
    """Return texts that no domain is special to: this package's instructions."""
    return [text.format(topic="music", other="sports", a=3, b=4) for text in INSTRUCTIONS]
