"""What every request must pass, whichever route it is for: LangGraph's own are behind it too."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_JSON = 1_000_000  # bytes
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
# As in langgraph.json, which lets the same pages read answers: LangGraph's Studio, and chat pages
# that are served on this machine.
PAGES = re.compile(r"https://smith\.langchain\.com|https?://(localhost|127\.0\.0\.1)(:\d+)?")
FOREIGN = "another site's page may not call this server"
BODY_SECONDS = 20.0  # to send a body in, and one more for each
BODY_BYTES_A_SECOND = 20_000

Refused = Callable[[str, HTTPException], Response]
"""Writes a refusal in the form that a path's clients know."""
Limit = Callable[[str], int]
"""How many bytes may be sent to a path."""


class LocalNames:
    """Answer what comes to this machine's loopback address only under its own names.

    Where nobody is asked for a token, another site's page, whose name is made to lead here, would
    read all there is (DNS rebinding): the browser takes it for the same origin.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._local = TrustedHostMiddleware(app, LOOPBACK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, or refuse it."""
        address, _ = scope.get("server") or ("", None)
        await (self._local if address in LOOPBACK else self._app)(scope, receive, send)


class OneOrigin:
    """Refuse what a foreign page makes a browser send; other programs name no origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, or refuse it."""
        if scope["type"] in ("http", "websocket") and _foreign(scope):
            payload = {"error": "Forbidden", "message": FOREIGN}
            await JSONResponse(payload, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BoundedBodies:
    """Refuse bodies that are too large, or come too slowly to be anybody's."""

    def __init__(self, app: ASGIApp, most: Limit, refused: Refused) -> None:
        self._app = app
        self._most = most
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, and count what it sends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive, send, self._most(scope["path"]))
        length = Headers(scope=scope).get("content-length", "")
        body.check(int(length) if length.isdecimal() else 0)
        try:
            if body.refusal is None:
                await self._app(scope, body.receive, body.send)
        except Exception:  # whatever the routes make of a body that broke off
            if body.refusal is None or body.answered:
                raise
        if body.refusal is not None and not body.answered:
            await self._refused(scope["path"], body.refusal)(scope, receive, send)


class _Body:
    """What is sent with one request.

    Routes see one that is refused break off, as if the client had left: an error would reach them
    in as many forms as there are layers between.
    """

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self.refusal: HTTPException | None = None
        self.answered = False
        self._receive = receive
        self._send = send
        self._most = most
        self._came = 0
        self._whole = False
        self._began = asyncio.get_running_loop().time()

    def check(self, length: int) -> None:
        """Refuse a body that is longer than may be."""
        if length > self._most:
            message = f"{length} bytes came, {self._most} are taken: send less at once"
            self._refuse(413, message)

    async def receive(self) -> Message:
        if self._whole:  # what follows is that the client leaves
            return await self._receive()
        late = self._began + BODY_SECONDS + self._came / BODY_BYTES_A_SECOND
        try:
            async with asyncio.timeout_at(late):
                message = await self._receive()
        except TimeoutError:
            self._refuse(408, "the body came too slowly: send it at once")
            return {"type": "http.disconnect"}
        self._came += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        self.check(self._came)
        return message if self.refusal is None else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self.refusal is None or self.answered:
            self.answered = True
            await self._send(message)

    def _refuse(self, status: int, message: str) -> None:
        self.refusal = HTTPException(status, message, headers={"Connection": "close"})


def guards(*, local: bool, most: Limit, refused: Refused) -> list[Middleware]:
    """Return what stands before every route; `local` where nobody is asked for a token."""
    names = [Middleware(LocalNames)] if local else []
    return [*names, Middleware(OneOrigin), Middleware(BoundedBodies, most=most, refused=refused)]


def _foreign(scope: Scope) -> bool:
    """Tell whether a page of another origin sends this, by what its browser says of it.

    Links may lead here from anywhere. Browsers name no site to servers without TLS on another
    machine; there the origin must be the host that is called.
    """
    headers = Headers(scope=scope)
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and PAGES.fullmatch(origin):
        return False
    if site is not None:
        reads = scope.get("method") in ("GET", "HEAD")
        link = reads and headers.get("sec-fetch-mode") == "navigate"
        return site not in ("same-origin", "none") and not link
    return origin is not None and urlsplit(origin).netloc != headers.get("host")
