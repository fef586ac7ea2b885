"""Set up models that run elsewhere, through the clients that LangChain has for them.

Clients are told to try once and to wait no longer than is allowed: trying again is done here, alike
for all.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from app.errors import UserError
from app.models.names import Remote, provider_named
from app.models.remote.calls import Calls
from app.models.remote.chat import RemoteChatModel
from app.models.remote.embeddings import RemoteEmbeddings
from app.models.remote.faults import KEYS
from app.plugins import Port

T = TypeVar("T")

EXTRAS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google_genai": "google",
    "mistralai": "mistral",
    "ollama": "ollama",
}
MODELS: Port[Callable[..., BaseChatModel]] = Port(
    "groundtune.models",
    "a function of (name, *, timeout, **options) that returns a BaseChatModel of LangChain's",
    builtin=frozenset((*EXTRAS, "builtin")),
    spelled=provider_named,
)
"""Packages add a provider here: the PROVIDER of PROVIDER:NAME."""
RESPONSES = frozenset(
    {"reasoning", "include", "truncation", "context_management", "use_previous_response_id"}
)
"""Options of OpenAI's client for which it speaks the Responses API, the only one to know them."""
NO_KEY = "none"  # what a server that wants no key is given, since clients want one


@dataclass(frozen=True, kw_only=True)
class Access:
    """How models elsewhere are reached."""

    setting: str
    """The variable that names the model."""
    key: SecretStr | None = None
    """Of a server; providers' own variables hold theirs."""
    options: Mapping[str, Any]
    """What the client is told besides."""
    seconds: float
    """Of silence after which a model counts as hanging."""

    def key_name(self, remote: Remote) -> str:
        """Return the variable that holds a model's key."""
        return f"{self.setting}_KEY" if remote.url else KEYS.get(remote.provider, "its key")


def load_chat(remote: Remote, access: Access, *, max_tokens: int) -> RemoteChatModel:
    """Set up a chat model elsewhere; nothing is sent yet.

    Raises UserError when the provider's package or key is missing.
    """
    added = remote.provider in MODELS.names()
    once = {} if added else _once(remote.provider, access.seconds)
    make = _served_chat if remote.url else _added_chat if added else _init_chat
    client = _made(lambda: _limited(make, remote, access, once), remote, access)
    profile: Mapping[str, Any] = client.profile or {}
    free = "temperature" in access.options or profile.get("temperature") is False
    return RemoteChatModel(
        inner=client,
        calls=calls(client, remote, access),
        model_name=remote.told,
        max_tokens=max_tokens,
        temperature=None if free else 0.0,
        says_endings=not added,
    )


def load_embeddings(remote: Remote, access: Access) -> RemoteEmbeddings:
    """Set up an embedding model elsewhere; nothing is sent yet.

    Raises UserError when the provider's package or key is missing.
    """
    # Google's client of embeddings waits as long as it likes.
    once = {} if remote.provider == "google_genai" else _once(remote.provider, access.seconds)
    make = _served_embeddings if remote.url else _init_embeddings
    client = _made(lambda: _limited(make, remote, access, once), remote, access)
    return RemoteEmbeddings(client, calls(client, remote, access))


def calls(client: object, remote: Remote, access: Access) -> Calls:
    """Return what calls a client, and keeps its keys out of errors."""
    held = [value for value in vars(client).values() if isinstance(value, SecretStr)]
    return Calls(
        remote,
        access.seconds,
        key=access.key_name(remote),
        secrets=tuple(secret.get_secret_value() for secret in held),
    )


def _init_chat(remote: Remote, access: Access, arguments: Mapping[str, Any]) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    made: BaseChatModel = init_chat_model(remote.name, model_provider=remote.provider, **arguments)
    return made


def _added_chat(remote: Remote, access: Access, arguments: Mapping[str, Any]) -> BaseChatModel:
    made = MODELS.load(remote.provider)(remote.name, timeout=access.seconds, **arguments)
    if not isinstance(made, BaseChatModel):
        kind = type(made).__name__
        reason = f"but what it returns is of type {kind}, not a BaseChatModel"
        raise MODELS.broken(remote.provider, reason)
    return made


def _served_chat(remote: Remote, access: Access, arguments: Mapping[str, Any]) -> BaseChatModel:
    from langchain_openai.chat_models.base import BaseChatOpenAI, ChatOpenAI

    # By itself the client tells the protocol by names of OpenAI's models, which mean nothing here.
    responses = arguments.get("use_responses_api", bool(RESPONSES & arguments.keys()))
    # OpenAI's own class asks for `max_completion_tokens`, which servers of others may not know; the
    # other one streams no Responses.
    kind = ChatOpenAI if responses else BaseChatOpenAI
    return kind(
        model=remote.name,
        base_url=remote.url,
        api_key=access.key or SecretStr(NO_KEY),
        **{"stream_usage": True, **arguments, "use_responses_api": responses},
    )


def _init_embeddings(remote: Remote, access: Access, arguments: Mapping[str, Any]) -> Embeddings:
    from langchain.embeddings import init_embeddings

    return init_embeddings(
        remote.name, provider=remote.provider, **arguments, **_without_tokenizer(remote.provider)
    )


def _served_embeddings(remote: Remote, access: Access, arguments: Mapping[str, Any]) -> Embeddings:
    from langchain_openai import OpenAIEmbeddings

    return OpenAIEmbeddings(
        model=remote.name,
        openai_api_base=remote.url,
        openai_api_key=access.key or SecretStr(NO_KEY),
        check_embedding_ctx_length=False,  # else it fetches a tokenizer, and sends ids
        **arguments,
    )


def _without_tokenizer(provider: str) -> dict[str, Any]:
    """Return how a client of embeddings is kept from fetching a tokenizer: chunks are short."""
    if provider in ("openai", "azure_openai"):
        return {"check_embedding_ctx_length": False}
    if provider == "mistralai":
        return {"tokenizer": Tokenizer(WordLevel({"?": 0}, unk_token="?"))}  # a text is a token
    return {}


def _once(provider: str, seconds: float) -> dict[str, Any] | None:
    """Return how a client is told to try once, for so many seconds; None where its fields tell."""
    match provider:
        case "openai" | "anthropic":
            return {"timeout": seconds, "max_retries": 0}
        case "google_genai":
            return {"timeout": seconds, "max_retries": 1}
        case "mistralai":
            return {"timeout": round(seconds), "max_retries": 1}
        case "openrouter":
            return {"timeout": round(seconds * 1000), "max_retries": 0}
        case "ollama":
            return {"client_kwargs": {"timeout": seconds}}
        case "huggingface":  # loads a model, which is not to be done twice
            return {}
    return None


def _limited(
    make: Callable[[Remote, Access, Mapping[str, Any]], T],
    remote: Remote,
    access: Access,
    once: Mapping[str, Any] | None,
) -> T:
    """Make a client that tries once; where nobody knows how to tell it, it is first made to see."""
    if once is None:
        fields = getattr(type(make(remote, access, access.options)), "model_fields", {})
        once = usual_limits(fields, access)
    return make(remote, access, {**once, **access.options})


def usual_limits(fields: Mapping[str, FieldInfo], access: Access) -> dict[str, Any]:
    """Return the limits of the usual names that a client has and the options leave open.

    A time in whole numbers is left out: they may be milliseconds.
    """
    told: dict[str, Any] = {}
    for own, field in fields.items():
        names = {own, field.alias}
        kinds = {field.annotation, *get_args(field.annotation)}
        for name, value in (("timeout", float(access.seconds)), ("max_retries", 0)):
            if name in names and type(value) in kinds and names.isdisjoint(access.options):
                told[name] = value
    return told


def _made(make: Callable[[], T], remote: Remote, access: Access) -> T:
    try:
        return make()
    except UserError:
        raise
    except ImportError as error:
        extra = EXTRAS.get(remote.provider)
        missing = f"'groundtune[{extra}]'" if extra else f"the package that it names ({error})"
        raise UserError(
            f"{access.setting} names {remote.where}, whose client is not installed: run pip "
            f"install {missing}"
        ) from error
    except Exception as error:  # a client raises what it likes where its key is missing
        reason = textwrap.shorten(str(error), 200)
        raise UserError(
            f"{access.setting}: {remote.where} cannot be set up ({reason}): set "
            f"{access.key_name(remote)}, and see that GROUNDTUNE_MODEL_OPTIONS are its client's"
        ) from None
