// Calls all that Orgplane serves with the vendor's TypeScript SDK, and prints the results. It has no resource
// for SCIM configurations, for another user, for personal access tokens to be created and for logins: those go through
// its generic `post`.
//
// Arguments: the base URL, one whose first answer is 503, a token, the ids of its organization, its user and another
// member, and where somebody has just signed in (as JSON).
// Prints a JSON object: what was tried -> "works", or how it failed.
import assert from "node:assert/strict";
import Gitpod from "@gitpod/sdk";

const [baseURL, flakyURL, bearerToken, organizationId, userId, memberId, signedIn] = process.argv.slice(2);
const signIn = JSON.parse(signedIn);
const client = new Gitpod({ baseURL, bearerToken, timeout: 30_000 });
const { organizations } = client;
const sso = organizations.ssoConfigurations;
const results = {};

async function trying(what, call) {
  try {
    await call();
    results[what] = "works";
  } catch (error) {
    results[what] = `fails: ${error.constructor.name}: ${error.message}`;
  }
}

const post = (method, body) => client.post(`/gitpod.v1.OrganizationService/${method}`, { body });

async function every(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

const there = new Gitpod({ baseURL: signIn.baseUrl, bearerToken: "none yet" });
const { email } = signIn;
const loginUrl = `${signIn.publicUrl}/login/sso/${signIn.ssoConfigurationId}`;
await trying("ExchangeToken", async () => {
  const { accessToken } = await there.identity.exchangeToken({ exchangeToken: signIn.exchangeToken });
  const member = new Gitpod({ baseURL: signIn.baseUrl, bearerToken: accessToken });
  assert.equal((await member.identity.getAuthenticatedIdentity({})).subject.id, signIn.userId);
});
await trying("GetSSOLoginURL", async () => {
  assert.equal((await there.accounts.getSSOLoginURL({ email })).loginUrl, loginUrl);
});
await trying("ListSSOLogins", async () => {
  const { logins } = await there.post("/gitpod.v1.AccountService/ListSSOLogins", { body: { email } });
  assert.deepEqual(logins.map((login) => login.loginUrl), [loginUrl]);
  assert.ok(logins[0].displayName);
});
await trying("ListLoginProviders", async () => {
  const providers = await every(there.accounts.listLoginProviders({ filter: { email } }));
  assert.deepEqual(providers, [{ provider: "custom", loginUrl }]);
});

await trying("GetAuthenticatedIdentity", async () => {
  const who = await client.identity.getAuthenticatedIdentity({});
  assert.deepEqual([who.organizationId, who.subject.id], [organizationId, userId]);
});
await trying("GetAuthenticatedUser", async () => {
  assert.equal((await client.users.getAuthenticatedUser({})).user.id, userId);
});
await trying("GetOrganization", async () => {
  assert.equal((await organizations.retrieve({ organizationId })).organization.id, organizationId);
});
await trying("UpdateOrganization", async () => {
  const { organization } = await organizations.update({ organizationId, name: "Initech" });
  assert.equal(organization.name, "Initech");
});

await trying("ListMembers", async () => {
  const members = await every(organizations.listMembers({ organizationId, pageSize: 1 }));
  assert.deepEqual(new Set(members.map((member) => member.userId)), new Set([userId, memberId]));
});
await trying("GetUser", async () => {
  const { user } = await client.post("/gitpod.v1.UserService/GetUser", { body: { userId: memberId } });
  assert.equal(user.id, memberId);
});
await trying("SetRole", async () => {
  await organizations.setRole({ organizationId, userId: memberId, role: "ORGANIZATION_ROLE_ADMIN" });
});
await trying("SetSuspended", async () => {
  await client.users.setSuspended({ userId: memberId, suspended: true });
});

let ssoConfigurationId;
await trying("CreateSSOConfiguration", async () => {
  const made = await sso.create({
    organizationId,
    clientId: "client",
    clientSecret: "secret",
    issuerUrl: "https://idp.example",
    emailDomain: "acme.example",
  });
  ssoConfigurationId = made.ssoConfiguration.id;
});
await trying("UpdateSSOConfiguration", async () => {
  await sso.update({ ssoConfigurationId, state: "SSO_CONFIGURATION_STATE_ACTIVE" });
});
await trying("GetSSOConfiguration", async () => {
  const { ssoConfiguration } = await sso.retrieve({ ssoConfigurationId });
  assert.equal(ssoConfiguration.state, "SSO_CONFIGURATION_STATE_ACTIVE");
});
await trying("ListSSOConfigurations", async () => {
  const listed = await every(sso.list({ organizationId }));
  assert.deepEqual(listed.map(({ id }) => id), [ssoConfigurationId]);
});

const domains = organizations.domainVerifications;
let domainVerificationId;
let vouched;
await trying("CreateDomainVerification", async () => {
  const made = await domains.create({ organizationId, domain: "Acme.com" });
  domainVerificationId = made.domainVerification.id;
});
await trying("GetDomainVerification", async () => {
  const { domainVerification } = await domains.retrieve({ domainVerificationId });
  assert.equal(domainVerification.domain, "acme.com");
  assert.equal(domainVerification.state, "DOMAIN_VERIFICATION_STATE_PENDING");
});
await trying("ListDomainVerifications", async () => {
  const listed = await every(domains.list({ organizationId }));
  assert.equal(listed[1].id, domainVerificationId);
  vouched = listed[0];
});
await trying("VerifyDomain", async () => {
  const { domainVerification } = await domains.verify({ domainVerificationId: vouched.id });
  assert.equal(domainVerification.state, "DOMAIN_VERIFICATION_STATE_VERIFIED");
});
await trying("DeleteDomainVerification", async () => {
  await domains.delete({ domainVerificationId });
});

const ids = [];
let inviteId;
await trying("CreateOrganizationInvite", async () => {
  ({ inviteId } = (await organizations.invites.create({ organizationId })).invite);
});
await trying("GetOrganizationInvite", async () => {
  const { invite } = await organizations.invites.retrieve({ organizationId });
  assert.equal(invite.inviteId, inviteId);
});
await trying("GetOrganizationInviteSummary", async () => {
  const { organizationName } = await organizations.invites.getSummary({ inviteId });
  assert.equal(organizationName, "Initech");
});
await trying("JoinOrganization", async () => {
  const { member } = await organizations.join({ inviteId });
  assert.equal(member.userId, userId);
});
await trying("UpdateOrganizationPolicies", async () => {
  await organizations.policies.update({ organizationId, restrictAccountCreationToScim: true });
});
await trying("GetOrganizationPolicies", async () => {
  const { policies } = await organizations.policies.retrieve({ organizationId });
  assert.equal(policies.restrictAccountCreationToScim, true);
});
await trying("GetAccount", async () => {
  const { account } = await client.accounts.retrieve({});
  assert.equal(account.memberships[0].userId, userId);
});
await trying("ListJoinableOrganizations", async () => {
  const { joinableOrganizations } = await client.accounts.listJoinableOrganizations({});
  assert.deepEqual(joinableOrganizations ?? [], []);
});

await trying("CreateSCIMConfiguration", async () => {
  for (const name of ["0", "1", "2"]) {
    const made = await post("CreateSCIMConfiguration", { organizationId, ssoConfigurationId, name });
    assert.ok(made.token);
    ids.push(made.scimConfiguration.id);
  }
});
const scimConfigurationId = ids[0];
await trying("UpdateSCIMConfiguration", async () => {
  const updated = await post("UpdateSCIMConfiguration", { scimConfigurationId, enabled: false });
  assert.equal(updated.scimConfiguration.enabled, false);
  assert.equal(updated.scimConfiguration.name, "0");
});
await trying("GetSCIMConfiguration", async () => {
  const found = await post("GetSCIMConfiguration", { scimConfigurationId });
  assert.equal(found.scimConfiguration.enabled, false);
});
await trying("RegenerateSCIMToken", async () => {
  assert.ok((await post("RegenerateSCIMToken", { scimConfigurationId })).token);
});
await trying("ListSCIMConfigurations", async () => {
  const page = await post("ListSCIMConfigurations", { pagination: { pageSize: 10 } });
  assert.deepEqual(page.scimConfigurations.map(({ id }) => id), ids);
});

await trying("CreatePersonalAccessToken", async () => {
  const made = await client.post("/gitpod.v1.UserService/CreatePersonalAccessToken", {
    body: { userId, description: "to be revoked" },
  });
  assert.ok(made.token);
});
let personalAccessTokenId;
await trying("ListPersonalAccessTokens", async () => {
  const tokens = await every(client.users.pats.list({ pageSize: 1 }));
  assert.equal(tokens.length, 2);
  personalAccessTokenId = tokens[1].id;
});
await trying("GetPersonalAccessToken", async () => {
  const { pat } = await client.users.pats.get({ personalAccessTokenId });
  assert.equal(pat.description, "to be revoked");
});
await trying("DeletePersonalAccessToken", async () => {
  await client.users.pats.delete({ personalAccessTokenId });
});

const audit = async () => {
  const entries = await every(
    client.events.list({ filter: { subjectIds: [scimConfigurationId] }, pageSize: 1 }),
  );
  assert.equal(entries.length, 3);
  assert.equal(entries.at(-1).action, "create");
};
await trying("ListAuditLogs", audit);
await trying("a list to its end, page by page", audit);
await trying("WatchEvents", async () => {
  const stream = await client.events.watch({ organization: true });
  const events = stream[Symbol.asyncIterator]();
  assert.ok(!(await events.next()).value.resourceId); // the watch has begun
  await post("UpdateSCIMConfiguration", { scimConfigurationId, enabled: true });
  let event;
  do event = (await events.next()).value;
  while (!event.resourceId);
  assert.equal(event.resourceId, scimConfigurationId);
  assert.equal(event.operation, "RESOURCE_OPERATION_UPDATE");
});

await trying("raw responses", async () => {
  const { data, response } = await organizations.retrieve({ organizationId }).withResponse();
  assert.equal(response.status, 200);
  assert.ok(response.headers.get("x-request-id"));
  assert.equal(data.organization.id, organizationId);
});
await trying("errors by class, with their details", async () => {
  await assert.rejects(sso.retrieve({ ssoConfigurationId: userId }), (error) => {
    assert.ok(error instanceof Gitpod.NotFoundError);
    assert.equal(error.error.code, "not_found");
    return true;
  });
  await assert.rejects(post("UpdateSCIMConfiguration", { scimConfigurationId: "no" }), (error) => {
    assert.ok(error instanceof Gitpod.BadRequestError);
    const bad = error.error.details.find(({ type }) => type === "google.rpc.BadRequest");
    assert.equal(bad.debug.fieldViolations[0].field, "scim_configuration_id");
    return true;
  });
  const stranger = new Gitpod({ baseURL, bearerToken: "x" });
  await assert.rejects(stranger.organizations.retrieve({ organizationId }), Gitpod.AuthenticationError);
});
await trying("a second try after `unavailable`", async () => {
  const flaky = new Gitpod({ baseURL: flakyURL, bearerToken });
  assert.equal((await flaky.organizations.retrieve({ organizationId })).organization.id, organizationId);
});

await trying("DeleteSCIMConfiguration", async () => {
  for (const id of ids) await post("DeleteSCIMConfiguration", { scimConfigurationId: id });
});
await trying("DeleteSSOConfiguration", async () => {
  await sso.delete({ ssoConfigurationId });
});
await trying("CreateOrganization", async () => {
  const made = await organizations.create({ name: "Another", joinOrganization: true });
  assert.equal(made.organization.name, "Another");
  assert.equal(made.member.role, "ORGANIZATION_ROLE_ADMIN");
  // Without a token there nobody could act for it any more, once the one here is gone.
  const body = { organizationId: made.organization.id };
  await client.post("/orgplane.v1.MembershipService/CreateFirstToken", { body });
});
await trying("LeaveOrganization", async () => {
  await organizations.leave({ userId: memberId });
});
await trying("DeleteUser", async () => {
  await client.post("/gitpod.v1.UserService/DeleteUser", { body: { userId: memberId } });
});
await trying("DeleteOrganization", async () => {
  await organizations.delete({ organizationId });
});

console.log(JSON.stringify(results));
process.exit();
