"""Who may do what through LangGraph's own routes: a user's threads are that user's alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from langgraph_sdk import Auth
from pydantic import ValidationError

from app.serving.graph import resources
from app.serving.langgraph_queue import standing
from app.serving.langgraph_reviews import resumed_by
from app.serving.langgraph_threads import Deletions
from app.serving.users import Unauthorized
from finetune.errors import first_fault
from graphs.limits import Context

auth = Auth()
SEALED = resources.served.seal is not None
"""Whether some users are not to read what others review."""

resources.watched.append(standing)
resources.resumed = resumed_by(resources.resumed)
deletions = Deletions(resources)
resources.forgetting.append(deletions.there)


@auth.authenticate
async def authenticate(headers: dict[bytes, bytes]) -> dict[str, Any]:
    """Name the caller and the caller's groups; the server hands both to runs, past their input."""
    plain = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers.items()
    }
    try:
        caller = resources.authenticator.caller(plain)
    except Unauthorized as error:
        raise Auth.exceptions.HTTPException(status_code=401, detail=str(error)) from error
    return {"identity": caller.username, "groups": sorted(caller.groups)}


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


@auth.on.threads.update
async def own_change(ctx: Auth.types.AuthContext, value: Any) -> dict[str, Any]:
    """Change one's own; whoever writes into a state could let an answer out.

    Nothing tells this from other changes but what is missing: metadata, or the end of a run.
    """
    writes = not {"metadata", "action"} & set(value)
    if writes and not resources.settings.may_review(ctx.user.identity):
        waits = await resources.reviews.waits(str(value.get("thread_id")))
        if SEALED or waits:
            raise _refused("where answers are reviewed, reviewers alone write into threads")
    return await own(ctx, value)


@auth.on.threads.delete
async def own_deletion(ctx: Auth.types.AuthContext, value: Any) -> dict[str, Any]:
    """Delete what is kept here of one's own thread, too; this is asked for single runs as well."""
    thread = value.get("thread_id")
    if thread and not value.get("run_id"):
        deletions.begin_here(str(thread), ctx.user.identity)
    return await own(ctx, value)


@auth.on.threads.create_run
async def own_run(ctx: Auth.types.AuthContext, value: Any) -> Any:
    """Do the same where a run makes its thread; only reviewers let held answers out."""
    payload = value.get("kwargs") or {}
    _check_run(ctx.user.identity, payload)
    thread = value.get("thread_id")
    if thread and not payload.get("command") and await resources.reviews.waits(str(thread)):
        message = "the last answer waits for a review: ask when it is decided"
        raise Auth.exceptions.HTTPException(status_code=409, detail=message)
    return await own_thread(ctx=ctx, value=value)


@auth.on.crons.create
async def own_cron(ctx: Auth.types.AuthContext, value: Any) -> Any:
    """Check the runs that a clock will start as if they were started now."""
    _check_run(ctx.user.identity, value.get("payload") or {})
    return await own(ctx, value)


@auth.on.crons.update
async def own_cron_changed(ctx: Auth.types.AuthContext, value: Any) -> Any:
    """Do the same for changes."""
    return await own_cron(ctx=ctx, value=value)


def _check_run(user: str, payload: Mapping[str, Any]) -> None:
    reviews = resources.settings.may_review(user)
    if payload.get("command") and not reviews:
        raise _refused("reviewing is for the users named in GROUNDTUNE_REVIEWERS")
    if SEALED and not reviews and "events" in (payload.get("stream_mode") or ()):
        raise _refused(
            "the stream mode 'events' shows drafts: take another where some are reviewed"
        )
    _check_context(payload.get("context"), (payload.get("config") or {}).get("configurable"))
    webhook = payload.get("webhook")
    if webhook and urlsplit(str(webhook)).hostname not in resources.settings.webhooks():
        raise _refused("answers are sent to hosts that GROUNDTUNE_WEBHOOK_HOSTS names only")


def _check_context(context: Any, configurable: Any = None) -> None:
    """Refuse knobs that the graph would not take, before a run waits with them.

    What comes as `configurable` holds other things too, of which the graph takes no notice.
    """
    knobs = dict(context or {})
    if configurable is not None and not configurable.get("__context_provided__"):
        knobs = {name: knobs[name] for name in knobs.keys() & Context.model_fields.keys()}
    try:
        Context.model_validate(knobs)
    except ValidationError as error:
        fault = first_fault(error)
        why = f"context: {fault}, and {fault.came[:80]} came"
        raise Auth.exceptions.HTTPException(status_code=422, detail=why) from error


def _refused(why: str) -> Exception:
    return Auth.exceptions.HTTPException(status_code=403, detail=why)


@auth.on.assistants.create
async def own_assistant(ctx: Auth.types.AuthContext, value: Any) -> dict[str, Any]:
    """Check the knobs of an assistant as those of its runs."""
    _check_context(value.get("context"))
    return await own(ctx, value)


@auth.on.assistants.update
async def own_assistant_changed(ctx: Auth.types.AuthContext, value: Any) -> Any:
    """Do the same for changes."""
    return await own_assistant(ctx=ctx, value=value)


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
