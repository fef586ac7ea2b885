"""What computing costs, as the user says."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, ValidationError

from app.errors import UserError
from finetune.errors import first_fault


class TokenPrice(BaseModel):
    """What a model elsewhere costs."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    input_million: NonNegativeFloat
    """A million tokens of prompts."""
    output_million: NonNegativeFloat
    """A million tokens of replies."""

    def of(self, tokens: tuple[float, float]) -> float:
        """Return the price of so many tokens of prompts and replies."""
        return (tokens[0] * self.input_million + tokens[1] * self.output_million) / 1e6


class Prices(BaseModel):
    """What computing costs, in any one currency."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    currency: str
    """Its name or sign."""
    answering_hour: NonNegativeFloat
    """An hour of the machine that answers."""
    training_hour: NonNegativeFloat
    """An hour of the machine that trains."""
    models: dict[str, TokenPrice] = {}
    """Of models that `--also` names."""


def read_prices(path: Path) -> Prices:
    """Read a JSON file of prices; raises UserError that names what is wrong."""
    try:
        return Prices.model_validate_json(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path} ({error}): name a .json file of prices") from error
    except ValidationError as error:
        raise UserError(
            f"{path}: {first_fault(error, 'the file')}; expected "
            '{"currency", "answering_hour", "training_hour", "models"?: {MODEL: {"input_million", '
            '"output_million"}}}'
        ) from error
