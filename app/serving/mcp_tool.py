"""Offer the assistant to MCP clients: one tool, described by the documents that it answers from."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from app.answers import Answer
from app.assistant import Assistant
from app.serving.answer_events import NO_DOCUMENTS, link, told_error
from app.serving.guards import MOST_JSON
from app.serving.resources import Resources
from app.serving.users import Caller
from finetune.errors import first_fault
from graphs.state import Citation

ASK = "ask_documents"
MOST_NAMES = 1000  # characters of the documents' names that the description holds
WHAT = (
    "Answers a question from {count} documents, and quotes the sentences that the answer rests "
    "on, or says that they do not hold it. Ask one question that can be understood by itself. "
    "The documents: {names}."
)


class Question(BaseModel):
    """What the tool is asked."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(description="One question, understandable without a conversation.")


class Source(BaseModel):
    """A sentence of a document."""

    document: str
    page: int | None = Field(description="Page of the document, where it has pages.")
    quote: str
    url: str = Field(description="Opens the document with the quote highlighted.")


class Answered(BaseModel):
    """What the tool answers."""

    answer: str = Field(description="[n] in it stands for the n-th of the citations.")
    abstained: bool = Field(description="Whether the documents do not hold the answer.")
    citations: list[Source] = Field(description="What the answer rests on.")
    conflicts: list[Source] = Field(description="What other documents say in its place.")
    confidence: float | None = Field(description="Least probability among the answer's claims.")


class McpTool:
    """The tool, and the server that offers it."""

    def __init__(self, resources: Resources) -> None:
        self._of = resources
        server: Server[Any] = Server(
            "groundtune",
            version=version("groundtune"),
            on_list_tools=self.listed,
            on_call_tool=self.called,
        )
        self.sessions = StreamableHTTPSessionManager(
            server, stateless=True, max_request_body_size=MOST_JSON
        )
        """Runs for as long as the application does."""

    def routes(self, *middleware: Middleware) -> list[Route]:
        """Return the routes, which differ in nothing but what clients write at the end."""
        app = StreamableHTTPASGIApp(self.sessions)
        return [Route(path, app, middleware=middleware) for path in ("/mcp", "/mcp/")]

    async def listed(
        self, context: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        """Describe the tool as the documents are now."""
        names = await asyncio.to_thread(lambda: sorted(self._seen(context).roots()))
        tool = Tool(
            name=ASK,
            title="Ask the documents",
            description=_description(names),
            input_schema=Question.model_json_schema(),
            output_schema=Answered.model_json_schema(),
            annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
        )
        return ListToolsResult(tools=[tool])

    async def called(
        self, context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult:
        """Answer a question; what goes wrong is a result too, so that models read it."""
        if params.name != ASK:
            raise MCPError(INVALID_PARAMS, f"there is no tool {params.name!r}: call {ASK!r}")
        try:
            question = Question.model_validate(params.arguments or {}).question
            answer = await self._answered(context, question)
        except ValidationError as error:
            return _failure(str(first_fault(error, "body")))
        except HTTPException as error:
            return _failure(error.detail)
        except Exception as error:
            return _failure(told_error(error)["message"])
        assert context.request is not None  # it came over HTTP
        return _result(answer, str(context.request.base_url))

    async def _answered(self, context: ServerRequestContext[Any], question: str) -> Answer:
        assistant = self._seen(context)
        await asyncio.to_thread(assistant.check_askable, question)
        place, step = self._of.queue.enter(self._caller(context).username), 0
        async for ahead in place.turn():
            step += 1
            message = f"place {ahead} in the queue"
            await context.session.report_progress(step, message=message)
        async with place:
            return await assistant.aask(question)

    def _seen(self, context: ServerRequestContext[Any]) -> Assistant:
        """Return the assistant of whoever calls."""
        return self._of.seen_by(self._caller(context))

    def _caller(self, context: ServerRequestContext[Any]) -> Caller:
        assert context.request is not None  # it came over HTTP
        caller: Caller = context.request.user
        return caller


def _description(names: Sequence[str]) -> str:
    if not names:
        return f"Nothing can be asked: {NO_DOCUMENTS}."
    listed, rest = "", len(names)
    for name in names:
        if len(listed) + len(name) > MOST_NAMES:
            break
        listed, rest = f"{listed}, {name}" if listed else name, rest - 1
    if rest:
        listed += f" and {rest} more"
    return WHAT.format(count=len(names), names=listed)


def _result(answer: Answer, base: str) -> CallToolResult:
    result = Answered(
        answer=answer["answer"],
        abstained=answer["abstained"],
        citations=_sources(answer["citations"], base),
        conflicts=_sources(answer.get("conflicts", []), base),
        confidence=answer["confidence"],
    )
    content = TextContent(text=_as_text(result))
    return CallToolResult(content=[content], structured_content=result.model_dump(mode="json"))


def _sources(citations: Sequence[Citation], base: str) -> list[Source]:
    return [
        Source(
            document=citation["document"],
            page=citation["page"],
            quote=citation["quote"],
            url=link(base, citation),
        )
        for citation in citations
    ]


def _as_text(result: Answered) -> str:
    lines = [result.answer, ""] if result.citations else [result.answer]
    marked = [(f"[{number}]", source) for number, source in enumerate(result.citations, start=1)]
    marked += [("Another document says otherwise:", source) for source in result.conflicts]
    for mark, source in marked:
        page = f", page {source.page}" if source.page else ""
        lines.append(f"{mark} {source.document}{page}: “{source.quote}” {source.url}")
    return "\n".join(lines)


def _failure(message: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=message)], is_error=True)
