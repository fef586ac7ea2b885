"""The page's routes for documents: list, read, upload, delete, progress."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.assistant import Assistant
from app.errors import UserError
from app.serving.examples import Examples
from app.serving.library import Changing, Library, NoRoom, Refused
from app.serving.users import Caller

MOST_FILES = 100  # in one request
PATIENCE_S = 60.0  # that a deletion waits for its turn
LOOK_SECONDS = 0.2


class Documents:
    """Lists and changes what is searched."""

    def __init__(
        self, library: Library, examples: Examples, seen_by: Callable[[Caller], Assistant]
    ) -> None:
        self._library = library
        self._examples = examples
        self._seen_by = seen_by
        self._one_at_a_time = asyncio.Lock()

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/documents", self.listed, methods=["GET"], include_in_schema=False),
            Route("/documents", self.uploaded, methods=["POST"], include_in_schema=False),
            Route(
                "/documents/{document:path}", self.read, methods=["GET"], include_in_schema=False
            ),
            Route(
                "/documents/{document:path}",
                self.deleted,
                methods=["DELETE"],
                include_in_schema=False,
            ),
            Route("/ingestion", self.progress, methods=["GET"], include_in_schema=False),
            Route("/examples", self.examples, methods=["GET"], include_in_schema=False),
        ]

    async def listed(self, request: Request) -> Response:
        """List the documents of the index that the caller may see."""
        return JSONResponse(await asyncio.to_thread(self._library.listed, request.user))

    async def read(self, request: Request) -> Response:
        """Return a document's extracted text, in which citations count, and its blocks."""
        name = request.path_params["document"]
        try:
            shown = await asyncio.to_thread(self._library.shown, name, request.user)
        except UserError as error:
            raise HTTPException(404, f"there is no document {name!r}") from error
        return JSONResponse(shown)

    async def uploaded(self, request: Request) -> Response:
        """Take in files (multipart, each in a field `files`), and ingest them in the background."""
        if not request.headers.get("content-length", "").isdecimal():
            raise HTTPException(411, "a Content-Length must come with what is sent")
        async with request.form(max_files=MOST_FILES) as form:
            sent = [field for field in form.getlist("files") if isinstance(field, UploadFile)]
            files = [(file.filename or "", await file.read()) for file in sent]
        if not files:
            raise HTTPException(422, "no file came: send each in a multipart field 'files'")
        add = partial(self._library.add, files, request.user)
        try:
            return await self._begun(request.user.username, add)
        except Changing as error:  # files that wait would fill the memory
            raise HTTPException(422, str(error)) from error

    async def deleted(self, request: Request) -> Response:
        """Delete an uploaded document in the background, after the change that is being made.

        Whoever leaves the page cannot ask again.
        """
        name, caller = request.path_params["document"], request.user
        delete = partial(self._library.delete, name, caller)
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return await self._begun(caller.username, delete)
            except Changing as error:
                if time.monotonic() > deadline:
                    raise HTTPException(422, str(error)) from error
                await asyncio.sleep(LOOK_SECONDS)

    async def progress(self, request: Request) -> Response:
        """Tell how far the caller's last change is."""
        return JSONResponse(
            await asyncio.to_thread(self._library.changes.status, request.user.username)
        )

    async def examples(self, request: Request) -> Response:
        """Offer questions that the documents answer."""
        seen = self._seen_by(request.user)
        async with self._one_at_a_time:  # here, for whoever waited in a thread would hold it
            return JSONResponse(await asyncio.to_thread(self._examples.questions, seen))

    async def _begun(self, user: str, change: Callable[[], None]) -> Response:
        try:
            await asyncio.to_thread(change)
        except Changing:
            raise
        except NoRoom as error:
            raise HTTPException(507, str(error)) from error
        except Refused as error:
            raise HTTPException(422, str(error)) from error
        return JSONResponse(await asyncio.to_thread(self._library.changes.status, user), 202)
