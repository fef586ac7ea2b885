"""Ask a program of this machine: GROUNDTUNE_MODEL="pipe:PROGRAM ARGUMENT ...".

The program gets the prompt on its standard input and writes its reply: `ollama run NAME`, `llm`, a
script of your own.
"""

from __future__ import annotations

import shlex
import subprocess
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult


class Pipe(BaseChatModel):
    """A program that is started anew for each prompt."""

    command: list[str]
    timeout: float

    @property
    def _llm_type(self) -> str:
        return "pipe"

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, *_: Any, **others: Any
    ) -> ChatResult:
        try:
            done = subprocess.run(
                self.command,
                input="\n\n".join(message.text for message in messages),
                capture_output=True,
                text=True,
                timeout=self.timeout,
                check=True,
            )
        except subprocess.TimeoutExpired as error:
            raise TimeoutError from error  # so that Groundtune tells of it as of any other model
        except subprocess.CalledProcessError as error:
            raise OSError(error.stderr.strip() or str(error)) from error
        reply = AIMessage(done.stdout.strip(), response_metadata={"finish_reason": "stop"})
        return ChatResult(generations=[ChatGeneration(message=reply)])


def pipe(name: str, *, timeout: float) -> Pipe:
    """Return the model that a program is; it takes no GROUNDTUNE_MODEL_OPTIONS."""
    return Pipe(command=shlex.split(name), timeout=timeout)
