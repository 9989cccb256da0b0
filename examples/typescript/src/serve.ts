// Serves the page on an origin of its own: http://localhost:3000, or another PORT.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const files: Record<string, [file: string, type: string]> = {
  "/": ["../index.html", "text/html; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
};

const server = createServer(async (request, response) => {
  const [file, type] = files[request.url ?? ""] ?? [];
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": type }).end(await readFile(new URL(file, import.meta.url)));
});

server.listen(Number(process.env.PORT ?? 3000), "localhost", () => {
  console.log(`http://localhost:${(server.address() as AddressInfo).port}`);
});
