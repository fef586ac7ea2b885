"""Read chats in the forms of other tools: TRL's, Alpaca's and ShareGPT's, with or without ids."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

ROLES = {"human": "user", "gpt": "assistant", "system": "system", "user": "user"} | {
    "assistant": "assistant"
}
"""ShareGPT's names of who speaks, and everybody's."""
OF_THE_CHAT = frozenset({"source", "further_sources", "documents", "group"})
"""Fields that tell of a whole chat and so of each of its replies; the others tell of the last."""


def rows_of(row: Any, name: str, own: Collection[str]) -> Iterator[Any]:
    """Yield a line's examples in our own form; what is in no known form comes back as it is.

    A row without an id is called `name`, its file and line. One that has fields of our `own` keeps
    them; null is none. In a chat of another tool every reply is trained, each as an example of its
    own, as that tool would, unless a field tells of the last reply alone.
    """
    if not isinstance(row, dict) or ("id" in row and "messages" in row):
        yield row
        return
    chat = _chat(row)
    if not chat:
        yield row
        return
    id_ = str(row.get("id") or name)
    fields = {key: row[key] for key in own if _is_ours(key, row.get(key))}
    ends = [] if fields.keys() - OF_THE_CHAT else _ends(chat)
    if len(ends) < 2:
        yield {"id": id_, "messages": chat[: ends[0]] if ends else chat, **fields}
        return
    fields["group"] = fields.get("group") or id_
    for count, end in enumerate(ends, start=1):
        yield {"id": f"{id_}-{count}", "messages": chat[:end], **fields}


def _ends(chat: Sequence[Any]) -> list[int]:
    """Return where each reply ends; a greeting before the user's first turn replies to nothing."""
    roles = [said.get("role") if isinstance(said, dict) else None for said in chat]
    first = roles.index("user") if "user" in roles else len(roles)
    return [at + 1 for at, role in enumerate(roles) if at > first and role == "assistant"]


def _is_ours(key: str, value: Any) -> bool:
    """Tell whether a field is what we mean by it: chat templates take documents as objects."""
    if key != "documents":
        return value is not None
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _chat(row: dict[str, Any]) -> list[Any]:
    """Return a row's messages, which nobody has looked at, or none for a form that is not known."""
    match row:
        case {"messages": list(messages)}:
            return messages
        case {"conversations": list(turns)}:
            return _told(row) + [_turn(turn) for turn in turns]
        case {"prompt": prompt, "completion": completion}:
            return _messages(prompt, "user") + _messages(completion, "assistant")
        case {"instruction": str(instruction), "output": str(output)} if _is_text(row.get("input")):
            asked = "\n\n".join(part for part in (instruction, row.get("input")) if part)
            return _told(row) + _messages(asked, "user") + _messages(output, "assistant")
    return []


def _is_text(value: Any) -> bool:
    """Tell whether an optional part is a text or left out."""
    return not value or isinstance(value, str)


def _told(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "system", "content": row["system"]}] if row.get("system") else []


def _turn(turn: Any) -> dict[str, Any]:
    speaker = turn.get("from", turn.get("role")) if isinstance(turn, dict) else None
    if speaker is None:
        return {"role": "nobody", "content": str(turn)}
    text = turn.get("value", turn.get("content"))
    return {"role": ROLES.get(str(speaker), speaker), "content": text}


def _messages(value: Any, role: str) -> list[Any]:
    return value if isinstance(value, list) else [{"role": role, "content": value}]
