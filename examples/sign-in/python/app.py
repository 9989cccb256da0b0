"""A web application whose people sign in through their organization's provider, whichever that is.

One integration, with the OpenID Connect library of the framework. Run: `uvicorn app:app --port 8000`, with ORGPLANE_URL,
ORGPLANE_APPLICATION_ID, ORGPLANE_APPLICATION_SECRET and APP_URL in the environment.
"""

import asyncio
import json
import logging
import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape
from typing import Any

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

APP_URL = os.environ["APP_URL"]
ORGPLANE_URL = os.environ["ORGPLANE_URL"]

#: Seconds after which it is asked what is true of somebody by now; it also tells that they are still here.
ASK_AGAIN = 300

#: Who is here, by their sign-in (`sid`): what was told of them, when, and the token to ask anew. A real application has them in its database,
#: and the cursor with them.
people: dict[str, dict[str, Any]] = {}

oauth = OAuth()
oauth.register(
    "orgplane",
    server_metadata_url=f"{ORGPLANE_URL}/.well-known/openid-configuration",
    client_id=os.environ["ORGPLANE_APPLICATION_ID"],
    client_secret=os.environ["ORGPLANE_APPLICATION_SECRET"],
    client_kwargs={"scope": "openid", "code_challenge_method": "S256"},
)


async def watch(begun: asyncio.Event) -> None:
    """Has Orgplane tell who is here no more, so that whoever is suspended is out at once although nobody asks with each request."""
    cursor = ""
    while True:
        try:
            async with (
                # Something comes every 30 seconds.
                httpx2.AsyncClient(timeout=60) as http,
                http.stream(
                    "POST",
                    f"{ORGPLANE_URL}/orgplane.v1.SignInService/WatchSignOuts",
                    headers={
                        "authorization": f"Bearer {os.environ['ORGPLANE_APPLICATION_SECRET']}"
                    },
                    json={"cursor": cursor},
                ) as answer,
            ):
                answer.raise_for_status()
                async for line in answer.aiter_lines():
                    told = json.loads(line)
                    if (sign_out := told.get("signOut")) is not None:
                        people.pop(sign_out["signInId"], None)
                    cursor = told.get("cursor", cursor)
                    begun.set()
        except httpx2.HTTPError as error:
            logging.warning("sign-outs are not told: %r", error)
        await asyncio.sleep(1)  # and on from the last place: none is missed


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """Nobody comes in before it would be told that they are out."""
    begun = asyncio.Event()
    watching = asyncio.create_task(watch(begun))
    await begun.wait()
    yield
    watching.cancel()


async def home(request: Request) -> Response:
    sid = request.session.get("sid", "")
    if (person := people.get(sid)) is None:
        return HTMLResponse('<a href="/login">Sign in</a>', status_code=401)
    if time.monotonic() > person["asked"] + ASK_AGAIN:
        answer = await oauth.orgplane.get(f"{ORGPLANE_URL}/oauth2/userinfo", token=person["token"])
        if answer.status_code == 401:
            people.pop(sid, None)
            return HTMLResponse("Your sign-in has ended.", status_code=401)
        person |= answer.json() | {"asked": time.monotonic()}
    groups = ", ".join(person["groups"]) or "no group"
    told = escape(f"{person['name']} of {person['organization_name']}, {person['role']}, {groups}")
    sign_out = '<form method="post" action="/logout"><button>Sign out</button></form>'
    return HTMLResponse(f"<p>{told}</p>{sign_out}")


async def login(request: Request) -> Response:
    more = {
        name: value
        for name in ("organization", "login_hint")
        if (value := request.query_params.get(name))
    }
    return await oauth.orgplane.authorize_redirect(request, f"{APP_URL}/callback", **more)


async def callback(request: Request) -> Response:
    try:
        token = await oauth.orgplane.authorize_access_token(request)
    except OAuthError as error:
        return HTMLResponse(escape(f"You are not signed in: {error.description}"), status_code=403)
    # token["userinfo"]["sub"] is who it is, for good, and ["organization"] whose member.
    sid = token["userinfo"]["sid"]
    people[sid] = {**token["userinfo"], "token": token, "asked": time.monotonic()}
    request.session["sid"] = sid
    return RedirectResponse("/", status_code=303)


async def logout(request: Request) -> Response:
    people.pop(request.session.get("sid", ""), None)
    request.session.clear()
    return RedirectResponse("/", status_code=303)


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/", home),
        Route("/login", login),
        Route("/callback", callback),
        Route("/logout", logout, methods=["POST"]),
    ],
    middleware=[
        Middleware(
            SessionMiddleware,
            secret_key=os.environ.get("SESSION_KEY") or secrets.token_urlsafe(32),
            https_only=APP_URL.startswith("https://"),
        )
    ],
)
