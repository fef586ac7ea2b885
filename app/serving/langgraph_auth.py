"""Who may do what through LangGraph's own routes: a user's threads are that user's alone."""

from __future__ import annotations

from typing import Any

from langgraph_sdk import Auth

from app.serving.graph import resources
from app.serving.langgraph_queue import standing
from app.serving.users import Unauthorized

auth = Auth()
resources.watched.append(standing)


@auth.authenticate
async def authenticate(headers: dict[bytes, bytes]) -> Auth.types.MinimalUserDict:
    """Name the caller."""
    plain = {name.decode("latin-1").lower(): of.decode("latin-1") for name, of in headers.items()}
    try:
        return {"identity": resources.authenticator.user(plain)}
    except Unauthorized as error:
        raise Auth.exceptions.HTTPException(status_code=401, detail=str(error)) from error


@auth.on
async def own(ctx: Auth.types.AuthContext, value: dict[str, Any]) -> dict[str, Any]:
    """Mark what is made with its owner, and show nobody else's."""
    owned = {"owner": ctx.user.identity}
    metadata = value.setdefault("metadata", {})
    metadata.update(owned)  # in place: the server keeps this very object
    return owned


@auth.on.threads.create
async def own_thread(ctx: Auth.types.AuthContext, value: Any) -> dict[str, Any]:
    """Refuse ids of threads that are another's, even where the server itself forgot them.

    Checkpoints outlive a kill, LangGraph's list of threads does not; whoever made up a new thread
    of an old id would read what was said in it.
    """
    thread = value.get("thread_id")
    if thread and not await resources.threads.claim(str(thread), ctx.user.identity):
        raise Auth.exceptions.HTTPException(status_code=404, detail="there is no such thread")
    return await own(ctx, value)


@auth.on.threads.create_run
async def own_run(ctx: Auth.types.AuthContext, value: Any) -> Any:
    """Do the same where a run makes its thread; only reviewers let held answers out."""
    resumes = (value.get("kwargs") or {}).get("command")
    if resumes and not resources.may_review(ctx.user.identity):
        raise Auth.exceptions.HTTPException(
            status_code=403, detail="reviewing is for the users named in GROUNDTUNE_REVIEWERS"
        )
    return await own_thread(ctx=ctx, value=value)


@auth.on.assistants.read
async def see_assistant(ctx: Auth.types.AuthContext, value: Any) -> None:
    """Show the assistants, which belong to the server, to all."""


@auth.on.assistants.search
async def see_assistants(ctx: Auth.types.AuthContext, value: Any) -> None:
    """List them to all."""


@auth.on.store()
async def own_namespace(ctx: Auth.types.AuthContext, value: Any) -> None:
    """Keep each user to the namespaces that begin with the user's name."""
    namespace = tuple(value.get("namespace") or ())
    if namespace[:1] != (ctx.user.identity,):
        raise Auth.exceptions.HTTPException(
            status_code=403,
            detail=f"namespaces of the store must begin with your name, {ctx.user.identity!r}",
        )
