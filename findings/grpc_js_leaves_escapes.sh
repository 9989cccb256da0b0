#!/usr/bin/env bash
# @grpc/grpc-js undoes the percent-encoding of `grpc-message` with decodeURI, which leaves the escapes of
# ; / ? : @ & = + $ , # as they are. A server may escape them (gRPC over HTTP/2, "Responses": a receiver decodes
# every escape), and some do: their messages are shown with %3A and %2F in them. @connectrpc/connect-node, asked
# for the same answer, shows the message.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . \
    @grpc/grpc-js@1.14.4 @connectrpc/connect@2.1.2 @connectrpc/connect-node@2.1.2 @bufbuild/protobuf@2.17.0 >/dev/null
cat >try.mjs <<'JS'
import http2 from "node:http2";
import { createRequire } from "node:module";
import { createFileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema, EmptySchema, file_google_protobuf_empty } from "@bufbuild/protobuf/wkt";
import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";

// "name: must be a/b" with every sign escaped but letters, digits and -._~
const MESSAGE = "name%3A%20must%20be%20a%2Fb";
const server = http2.createServer();
server.on("stream", (stream) => {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc", "grpc-status": "3", "grpc-message": MESSAGE },
    { endStream: true },
  );
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = `127.0.0.1:${server.address().port}`;

const shown = await new Promise((resolve) => {
  new grpc.Client(address, grpc.credentials.createInsecure()).makeUnaryRequest(
    "/a.v1.Service/Call", () => Buffer.alloc(0), (bytes) => bytes, null, (error) => resolve(error.details),
  );
});

const file = create(FileDescriptorProtoSchema, {
  name: "a.proto", package: "a.v1", syntax: "proto3", dependency: ["google/protobuf/empty.proto"],
  service: [{ name: "Service", method: [{
    name: "Call", inputType: ".google.protobuf.Empty", outputType: ".google.protobuf.Empty",
  }] }],
});
const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file_google_protobuf_empty.proto, file] }));
const client = createClient(registry.getService("a.v1.Service"), createGrpcTransport({ baseUrl: `http://${address}` }));
const other = await client.call({}).catch((error) => error.rawMessage);

const version = createRequire(import.meta.url)("@grpc/grpc-js/package.json").version;
console.log(`@grpc/grpc-js ${version} shows:   ${shown}`);
console.log(`@connectrpc/connect-node shows: ${other}`);
process.exit(shown === "name%3A must be a%2Fb" && other === "name: must be a/b" ? 0 : 1);
JS
node try.mjs
