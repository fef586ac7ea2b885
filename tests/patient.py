"""Calls to a server by httpx that wait a minute where it waits 5 s: the machine may be busy."""

from __future__ import annotations

from functools import partial

import httpx

PATIENCE_S = 60

delete = partial(httpx.delete, timeout=PATIENCE_S)
get = partial(httpx.get, timeout=PATIENCE_S)
options = partial(httpx.options, timeout=PATIENCE_S)
patch = partial(httpx.patch, timeout=PATIENCE_S)
post = partial(httpx.post, timeout=PATIENCE_S)
request = partial(httpx.request, timeout=PATIENCE_S)
