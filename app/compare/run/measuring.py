"""Gather what is measured beside the answers; what was measured before is taken up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from langchain_core.documents import Document

from app.assistant import Assistant
from app.compare.plan.arms import Arm, Made
from app.compare.plan.prices import Prices
from app.compare.plan.request import Extent
from app.compare.run.footprint import Footprint, run_alone
from app.compare.run.forgetting import forgotten
from app.compare.run.measurements import Measurements, everyday_texts, tokens_per_word
from app.compare.run.reuse import Kept
from app.dataset.pairs import Pair
from app.settings import Settings
from finetune.causal import load_tokenizer


@dataclass(frozen=True)
class Gatherer:
    """Measures arms; `configured` holds each arm that can be run with its settings."""

    librarian: Assistant
    configured: Mapping[Arm, Settings]
    made: Made
    kept: Kept
    extent: Extent

    def gather(
        self, pairs: Sequence[Pair], chunks: Sequence[Document], prices: Prices | None
    ) -> Measurements:
        """Measure everything there is to measure without asking the questions again."""
        searched_first = sorted(pairs, key=lambda pair: pair.kind != "answerable")
        questions = [pair.question for pair in searched_first[: self.extent.alone]]
        tokenizer = load_tokenizer(self.librarian.folder)
        own = {arm: settings for arm, settings in self.configured.items() if arm.model is None}
        priced = prices.models if prices else {}
        trained = self.made.trained
        return Measurements(
            footprints={
                arm.name: self._alone(arm, of_arm, questions) for arm, of_arm in own.items()
            },
            forgotten=forgotten(
                self.librarian,
                {arm.name: of_arm for arm, of_arm in own.items()},
                self.kept,
                count=self.extent.replies,
            ),
            trained_s={
                arm.name: trained[arm.adapter].seconds
                for arm in self.configured
                if arm.adapter in trained
            },
            tokens_per_word=tokens_per_word(tokenizer, [chunk.page_content for chunk in chunks]),
            general_tokens_per_word=tokens_per_word(tokenizer, everyday_texts()),
            prices=prices,
            rented={arm.name: priced[arm.model] for arm in self.configured if arm.model in priced},
        )

    def _alone(self, arm: Arm, settings: Settings, questions: Sequence[str]) -> Footprint:
        searches = arm.role.needs_documents
        index = self.librarian.store.version if searches else None
        made = Assistant(settings).made_by(run_alone.__module__, index=index, data=list(questions))
        measured = self.kept.once(
            f"alone-{arm.name}",
            made,
            lambda: asdict(run_alone(settings, questions, searches=searches)),
            what=f"memory and disk of {arm.name}",
        )
        return Footprint(**measured)
