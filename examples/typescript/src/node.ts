// From Node; reads ORGPLANE_URL and ORGPLANE_TOKEN.
import { createConnectTransport } from "@connectrpc/connect-node";
import { bearer, story } from "./story.ts";

const { ORGPLANE_URL: baseUrl = "http://127.0.0.1:8080", ORGPLANE_TOKEN: token = "" } = process.env;

await story(
  createConnectTransport({ baseUrl, httpVersion: "1.1", interceptors: [bearer(token)] }),
  console.log,
);
