// A web application whose people sign in through their organization's provider, whichever that is.
//
// One integration, with an OpenID Connect library. Run: `npm start`, with ORGPLANE_URL, ORGPLANE_APPLICATION_ID,
// ORGPLANE_APPLICATION_SECRET and APP_URL in the environment.
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import * as oidc from "openid-client";

const APP_URL = setting("APP_URL");
const ORGPLANE_URL = new URL(setting("ORGPLANE_URL"));
const CALLBACK = `${APP_URL}/callback`;
const TLS = APP_URL.startsWith("https://");
/** Of somebody who is here, and of somebody who is on their way to the provider. */
const [SESSION, ON_THE_WAY] = TLS ? ["__Host-session", "__Host-sign-in"] : ["session", "sign-in"];

interface Answer {
  status: number;
  body?: string;
  location?: string;
  cookies?: string[];
}

/** The sign-in that a session is of, and what was told of who it is. */
interface Session {
  sub: string;
  /** The sign-in. */
  sid: string;
  accessToken: string;
  person: oidc.UserInfoResponse | undefined;
  /** When that was asked; milliseconds. */
  asked: number;
  /** When it has ended in any case; milliseconds. */
  end: number;
}

/** What has to come back, and PKCE's verifier. */
interface OnTheWay {
  state: string;
  nonce: string;
  verifier: string;
}

/** Milliseconds after which it is asked what is true of somebody by now; it also tells that they are still here. */
const ASK_AGAIN = 300_000;

/** By what their cookies say. A real application has them in its database, and the cursor with them. */
const sessions = new Map<string, Session>();

const orgplane = await oidc.discovery(
  ORGPLANE_URL,
  setting("ORGPLANE_APPLICATION_ID"),
  setting("ORGPLANE_APPLICATION_SECRET"),
  undefined,
  // While developing, on this machine.
  ORGPLANE_URL.protocol === "http:" ? { execute: [oidc.allowInsecureRequests] } : undefined,
);

interface Told {
  cursor: string;
  signOut?: { signInId: string };
}

/**
 * Has Orgplane tell who is here no more, so that whoever is suspended is out at once although nobody asks with each request.
 * `begun` is called when from there on none is missed.
 */
async function watch(begun: () => void): Promise<never> {
  for (let cursor = ""; ; ) {
    try {
      const answer = await fetch(new URL("/orgplane.v1.SignInService/WatchSignOuts", ORGPLANE_URL), {
        method: "POST",
        headers: {
          authorization: `Bearer ${setting("ORGPLANE_APPLICATION_SECRET")}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ cursor }),
      });
      if (!answer.ok || answer.body === null) throw new Error(`${answer.status}`);
      let rest = "";
      for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + piece).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          const told = JSON.parse(line) as Told;
          for (const [id, { sid }] of sessions) if (sid === told.signOut?.signInId) sessions.delete(id);
          cursor = told.cursor ?? cursor;
          begun();
        }
      }
    } catch (error) {
      console.error("sign-outs are not told:", error);
    }
    await new Promise((resolve) => setTimeout(resolve, 1000)); // and on from the last place: none is missed
  }
}

async function home(request: IncomingMessage): Promise<Answer> {
  const id = cookie(request, SESSION);
  const session = id === undefined ? undefined : sessions.get(id);
  if (id === undefined || session === undefined) {
    return { status: 401, body: '<a href="/login">Sign in</a>' };
  }
  try {
    if (session.person === undefined || Date.now() > session.asked + ASK_AGAIN) {
      session.person = await oidc.fetchUserInfo(orgplane, session.accessToken, session.sub);
      session.asked = Date.now();
    }
    const person = session.person;
    const groups = (person["groups"] as string[]).join(", ") || "no group";
    const told = `${person.name} of ${person["organization_name"]}, ${person["role"]}, ${groups}`;
    const signOut = '<form method="post" action="/logout"><button>Sign out</button></form>';
    return { status: 200, body: `<p>${escape(told)}</p>${signOut}` };
  } catch (error) {
    if (!(error instanceof oidc.WWWAuthenticateChallengeError)) throw error;
    sessions.delete(id);
    return { status: 401, body: "Your sign-in has ended.", cookies: [forget(SESSION)] };
  }
}

async function login(url: URL): Promise<Answer> {
  const begun: OnTheWay = {
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    verifier: oidc.randomPKCECodeVerifier(),
  };
  const asked = new URLSearchParams({
    redirect_uri: CALLBACK,
    scope: "openid",
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: "S256",
  });
  for (const name of ["organization", "login_hint"]) {
    const value = url.searchParams.get(name);
    if (value) asked.set(name, value);
  }
  const kept = Buffer.from(JSON.stringify(begun)).toString("base64url");
  return {
    status: 303,
    location: oidc.buildAuthorizationUrl(orgplane, asked).href,
    cookies: [remember(ON_THE_WAY, kept)],
  };
}

async function callback(request: IncomingMessage, url: URL): Promise<Answer> {
  const cookies = [forget(ON_THE_WAY)];
  const kept = cookie(request, ON_THE_WAY);
  if (kept === undefined) return { status: 400, body: "You have not begun to sign in here." };
  try {
    const begun = JSON.parse(Buffer.from(kept, "base64url").toString()) as OnTheWay;
    const answered = new URL(`${CALLBACK}${url.search}`);
    const tokens = await oidc.authorizationCodeGrant(orgplane, answered, {
      pkceCodeVerifier: begun.verifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      idTokenExpected: true,
    });
    // claims.sub is who it is, for good, and claims.organization whose member.
    const claims = tokens.claims();
    if (claims === undefined) throw new Error("no ID token");
    const id = begin({
      sub: claims.sub,
      sid: claims["sid"] as string,
      person: undefined,
      asked: 0,
      accessToken: tokens.access_token,
      end: Date.now() + (tokens.expiresIn() ?? 0) * 1000,
    });
    return { status: 303, location: "/", cookies: [...cookies, remember(SESSION, id)] };
  } catch (error) {
    if (error instanceof oidc.AuthorizationResponseError) {
      const why = escape(error.error_description ?? error.error);
      return { status: 403, body: `You are not signed in: ${why}`, cookies };
    }
    console.error(error);
    return { status: 400, body: "You are not signed in. Try again.", cookies };
  }
}

function logout(request: IncomingMessage): Answer {
  sessions.delete(cookie(request, SESSION) ?? "");
  return { status: 303, location: "/", cookies: [forget(SESSION)] };
}

/** The id of a new session. */
function begin(session: Session): string {
  for (const [id, { end }] of sessions) if (end <= Date.now()) sessions.delete(id);
  const id = randomBytes(32).toString("base64url");
  sessions.set(id, session);
  return id;
}

function cookie(request: IncomingMessage, name: string): string | undefined {
  const given = (request.headers.cookie ?? "").split("; ");
  return given.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** SameSite keeps other sites from posting as whoever is here; the provider's answer is a GET and gets through. */
function remember(name: string, value: string): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${TLS ? "; Secure" : ""}`;
}

function forget(name: string): string {
  return `${remember(name, "")}; Max-Age=0`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? "/", APP_URL);
  switch (`${request.method} ${url.pathname}`) {
    case "GET /":
      return home(request);
    case "GET /login":
      return login(url);
    case "GET /callback":
      return callback(request, url);
    case "POST /logout":
      return logout(request);
    default:
      return { status: 404, body: "There is nothing here." };
  }
}

const server = createServer(async (request, response) => {
  let given: Answer;
  try {
    given = await answer(request);
  } catch (error) {
    console.error(error);
    given = { status: 500, body: "Something went wrong here." };
  }
  const headers: OutgoingHttpHeaders = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
  };
  if (given.location !== undefined) headers["location"] = given.location;
  if (given.cookies !== undefined) headers["set-cookie"] = given.cookies;
  response.writeHead(given.status, headers).end(given.body);
});
// Nobody comes in before it would be told that they are out.
await new Promise<void>((begun) => void watch(begun));
const port = Number(process.env["PORT"] ?? 8000);
server.listen(port, "127.0.0.1", () => console.log(`running on http://127.0.0.1:${port}`));
