// What Node's clients show of a call that fails: node node_errors.mjs ADDRESS TOKEN IMAGE
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, createClient } from "@connectrpc/connect";
import * as connect from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";

const [address, token, image] = process.argv.slice(2);
const ID = "x";

/** The library without generated code: one field, number 1, of type string. */
function withGrpcJs() {
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      "/gitpod.v1.OrganizationService/UpdateSCIMConfiguration",
      (id) => Buffer.from([0x0a, id.length, ...Buffer.from(id)]),
      (answer) => answer,
      ID,
      metadata,
      (error) => resolve({ code: error.code, message: error.details }),
    );
  });
}

async function withConnect(transport) {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)));
  const client = createClient(registry.getService("gitpod.v1.OrganizationService"), transport);
  try {
    await client.updateSCIMConfiguration(
      { scimConfigurationId: ID },
      { headers: { authorization: `Bearer ${token}` } },
    );
  } catch (error) {
    return { code: error.code, message: error.rawMessage };
  }
}

const baseUrl = `http://${address}`;
console.log(
  JSON.stringify({
    "grpc-js": await withGrpcJs(),
    "connect-node, gRPC": await withConnect(connect.createGrpcTransport({ baseUrl })),
    "connect-node, gRPC-Web": await withConnect(
      connect.createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
    ),
    "connect-node, Connect": await withConnect(
      connect.createConnectTransport({ baseUrl, httpVersion: "1.1" }),
    ),
    invalid: Code.InvalidArgument,
  }),
);
process.exit(0);
