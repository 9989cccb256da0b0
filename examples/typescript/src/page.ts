// From a web page: the form says where to, and with which token.
import { createConnectTransport } from "@connectrpc/connect-web";
import { bearer, story } from "./story.ts";

const form = document.querySelector("form")!;
const output = document.querySelector("output")!;

function say(line: string): void {
  output.textContent += `${line}\n`;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { baseUrl, token } = Object.fromEntries(new FormData(form)) as Record<string, string>;
  output.textContent = "";
  try {
    await story(createConnectTransport({ baseUrl: baseUrl!, interceptors: [bearer(token!)] }), say);
    say("done");
  } catch (error) {
    say(`failed: ${error}`);
  }
});
