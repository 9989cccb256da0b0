"""A web application whose people sign in through their organization's provider, whichever that is.

One integration, with the OpenID Connect library of the framework. Run: `uvicorn app:app --port 8000`, with ORGPLANE_URL,
ORGPLANE_APPLICATION_ID, ORGPLANE_APPLICATION_SECRET and APP_URL in the environment.
"""

import os
import secrets
from html import escape

from authlib.integrations.starlette_client import OAuth, OAuthError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

APP_URL = os.environ["APP_URL"]
ORGPLANE_URL = os.environ["ORGPLANE_URL"]

oauth = OAuth()
oauth.register(
    "orgplane",
    server_metadata_url=f"{ORGPLANE_URL}/.well-known/openid-configuration",
    client_id=os.environ["ORGPLANE_APPLICATION_ID"],
    client_secret=os.environ["ORGPLANE_APPLICATION_SECRET"],
    client_kwargs={"scope": "openid", "code_challenge_method": "S256"},
)


async def home(request: Request) -> Response:
    if "token" not in request.session:
        return HTMLResponse('<a href="/login">Sign in</a>', status_code=401)
    # As it is now, and only as long as the sign-in lasts: whoever is suspended is out at once.
    answer = await oauth.orgplane.get(
        f"{ORGPLANE_URL}/oauth2/userinfo", token=request.session["token"]
    )
    if answer.status_code == 401:
        request.session.clear()
        return HTMLResponse("Your sign-in has ended.", status_code=401)
    person = answer.json()
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
    request.session["token"] = {name: token[name] for name in ("access_token", "token_type")}
    return RedirectResponse("/", status_code=303)


async def logout(request: Request) -> Response:
    request.session.clear()
    return RedirectResponse("/", status_code=303)


app = Starlette(
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
