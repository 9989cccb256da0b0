import { Code, ConnectError, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { ResourceOperation, ResourceType } from "./gen/gitpod/v1/event_pb.ts";
import { IdentityService } from "./gen/gitpod/v1/identity_service_pb.ts";
import { OrganizationService } from "./gen/gitpod/v1/organization_service_pb.ts";
import { BadRequestSchema, ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.ts";
import { EventService } from "./gen/orgplane/v1/event_service_pb.ts";

/** Sends the token with every call. */
export function bearer(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("Authorization", `Bearer ${token}`);
    return next(request);
  };
}

/**
 * Signs in, sets up SSO and SCIM, changes, watches, lists and cleans up again, telling of each step. The
 * transport makes the difference between Node and a browser.
 */
export async function story(transport: Transport, say: (line: string) => void): Promise<void> {
  const organizations = createClient(OrganizationService, transport);
  const events = createClient(EventService, transport);

  const who = await createClient(IdentityService, transport).getAuthenticatedIdentity({});
  const { organizationId } = who;
  say(`signed in as user ${who.subject?.id} of organization ${organizationId}`);

  const sso = await organizations.createSSOConfiguration({
    organizationId,
    clientId: "example",
    clientSecret: "example-secret",
    issuerUrl: "https://idp.example.com",
    displayName: "Example",
  });
  const ssoConfigurationId = sso.ssoConfiguration!.id;
  say(`created SSO configuration ${ssoConfigurationId}`);

  const ids: string[] = [];
  const watching = new AbortController();
  try {
    for (const name of ["Okta", "Entra", "OneLogin"]) {
      // `token` is shown this once: it goes to the identity provider.
      const { scimConfiguration, token } = await organizations.createSCIMConfiguration({
        organizationId,
        ssoConfigurationId,
        name,
      });
      ids.push(scimConfiguration!.id);
      say(`created SCIM configuration ${scimConfiguration!.id} "${name}"`);
    }

    // The first message says that the watch has begun: nothing after it is missed.
    const stream = events.watchEvents(
      { filter: { resourceTypes: [ResourceType.SCIM_CONFIGURATION] } },
      { signal: watching.signal },
    )[Symbol.asyncIterator]();
    await stream.next();

    // What is not set stays as it is.
    const { scimConfiguration } = await organizations.updateSCIMConfiguration({
      scimConfigurationId: ids[0]!,
      name: "Okta, paused",
      enabled: false,
    });
    say(`updated it: name "${scimConfiguration!.name}", enabled ${scimConfiguration!.enabled}`);

    for (let next = await stream.next(); !next.done; next = await stream.next()) {
      const { response } = next.value;
      if (response.case !== "event") continue; // a heartbeat
      const { operation, resourceType, resourceId, changes } = response.value;
      const fields = changes.map((change) => change.field).join(" ");
      const what = `${ResourceOperation[operation]} ${ResourceType[resourceType]}`;
      say(`event: ${what} of ${resourceId} changes ${fields}`);
      break;
    }
    watching.abort();

    let [pages, found, token] = [0, 0, ""];
    do {
      const page = await organizations.listSCIMConfigurations({ pagination: { pageSize: 2, token } });
      pages += 1;
      found += page.scimConfigurations.length;
      token = page.pagination!.nextToken;
    } while (token);
    say(`listed ${found} SCIM configurations on ${pages} pages`);

    try {
      await organizations.updateSCIMConfiguration({ scimConfigurationId: "not-a-uuid" });
    } catch (error) {
      explain(ConnectError.from(error), say);
    }
  } finally {
    watching.abort();
    for (const scimConfigurationId of ids) {
      await organizations.deleteSCIMConfiguration({ scimConfigurationId });
    }
    await organizations.deleteSSOConfiguration({ ssoConfigurationId });
  }
}

/** Tells what an error says: its code, the stable reason, and every field that is wrong. */
function explain(error: ConnectError, say: (line: string) => void): void {
  for (const { reason } of error.findDetails(ErrorInfoSchema)) {
    say(`refused: ${Code[error.code]}, reason ${reason}`);
  }
  for (const { fieldViolations } of error.findDetails(BadRequestSchema)) {
    for (const { field, description } of fieldViolations) {
      say(`  ${field}: ${description}`);
    }
  }
}
