"""Calls all that Orgplane serves with the vendor's Python SDK of the 0.x generation, and prints the results.

Arguments: the base URL, one whose first answer is 503, a token, the ids of its organization, its user and
another member, where somebody has just signed in (as JSON), and `sync` or `async`. Prints a JSON object: what was tried -> "works", or how it failed.
"""

import asyncio
import contextlib
import inspect
import json
import sys

import gitpod

base_url, flaky_url, token, organization_id, user_id, member_id, sign_in, flavour = sys.argv[1:]
sign_in = json.loads(sign_in)
Client = gitpod.Gitpod if flavour == "sync" else gitpod.AsyncGitpod
results = {}


@contextlib.contextmanager
def trying(what):
    try:
        yield
        results[what] = "works"
    except Exception as error:
        results[what] = f"fails: {type(error).__name__}: {error}"


async def done(value):
    return await value if inspect.isawaitable(value) else value


async def every(pages):
    """All items of a list, however many pages that takes."""
    if hasattr(pages, "__aiter__"):
        return [item async for item in pages]
    return list(pages)


async def first(stream, wanted):
    if hasattr(stream, "__aiter__"):
        async for item in stream:
            if wanted(item):
                return item
    else:
        for item in stream:
            if wanted(item):
                return item
    raise AssertionError("the stream ended")


async def fails_with(kind, call, code):
    try:
        await done(call())
    except kind as error:
        assert error.body["code"] == code, error.body
        assert error.body["message"], error.body
        return error
    raise AssertionError(f"no {kind.__name__}")


async def signing_in():
    there = Client(base_url=sign_in["baseUrl"], bearer_token="none yet")
    accounts = there.accounts
    login_url = f"{sign_in['publicUrl']}/login/sso/{sign_in['ssoConfigurationId']}"
    with trying("ExchangeToken"):
        made = await done(there.identity.exchange_token(exchange_token=sign_in["exchangeToken"]))
        member = Client(base_url=sign_in["baseUrl"], bearer_token=made.access_token)
        who = await done(member.identity.get_authenticated_identity())
        assert who.subject.id == sign_in["userId"]
    with trying("GetSSOLoginURL"):
        found = await done(accounts.get_sso_login_url(email=sign_in["email"]))
        assert found.login_url == login_url
    with trying("ListSSOLogins"):
        (login,) = await every(accounts.list_sso_logins(email=sign_in["email"]))
        assert login.login_url == login_url
        assert login.display_name
    with trying("ListLoginProviders"):
        (provider,) = await every(accounts.list_login_providers(filter={"email": sign_in["email"]}))
        assert (provider.provider, provider.login_url) == ("custom", login_url)


async def main():
    await signing_in()
    client = Client(base_url=base_url, bearer_token=token, timeout=30)
    organizations = client.organizations
    sso = organizations.sso_configurations
    scim = organizations.scim_configurations

    with trying("GetAuthenticatedIdentity"):
        who = await done(client.identity.get_authenticated_identity())
        assert who.organization_id == organization_id
        assert who.subject.id == user_id
    with trying("GetAuthenticatedUser"):
        assert (await done(client.users.get_authenticated_user())).user.id == user_id
    with trying("GetOrganization"):
        found = await done(organizations.retrieve(organization_id=organization_id))
        assert found.organization.id == organization_id
    with trying("UpdateOrganization"):
        changed = await done(organizations.update(organization_id=organization_id, name="Initech"))
        assert changed.organization.name == "Initech"

    with trying("ListMembers"):
        members = await every(
            organizations.list_members(organization_id=organization_id, page_size=1)
        )
        assert {member.user_id for member in members} == {user_id, member_id}
    with trying("GetUser"):
        assert (await done(client.users.get_user(user_id=member_id))).user.id == member_id
    with trying("SetRole"):
        await done(
            organizations.set_role(
                organization_id=organization_id,
                user_id=member_id,
                role="ORGANIZATION_ROLE_ADMIN",
            )
        )
    with trying("SetSuspended"):
        await done(client.users.set_suspended(user_id=member_id, suspended=True))

    with trying("CreateSSOConfiguration"):
        made = await done(
            sso.create(
                organization_id=organization_id,
                client_id="client",
                client_secret="secret",
                issuer_url="https://idp.example",
                email_domains=["acme.example"],
            )
        )
        sso_id = made.sso_configuration.id
    with trying("UpdateSSOConfiguration"):
        await done(sso.update(sso_configuration_id=sso_id, state="SSO_CONFIGURATION_STATE_ACTIVE"))
    with trying("GetSSOConfiguration"):
        found = await done(sso.retrieve(sso_configuration_id=sso_id))
        assert found.sso_configuration.state == "SSO_CONFIGURATION_STATE_ACTIVE"
    with trying("ListSSOConfigurations"):
        listed = await every(sso.list(organization_id=organization_id))
        assert [item.id for item in listed] == [sso_id]

    domains = organizations.domain_verifications
    with trying("CreateDomainVerification"):
        made = await done(domains.create(organization_id=organization_id, domain="Acme.com"))
        domain_id = made.domain_verification.id
    with trying("GetDomainVerification"):
        found = await done(domains.retrieve(domain_verification_id=domain_id))
        assert found.domain_verification.domain == "acme.com"
        assert found.domain_verification.state == "DOMAIN_VERIFICATION_STATE_PENDING"
    with trying("ListDomainVerifications"):
        vouched, listed = await every(domains.list(organization_id=organization_id))
        assert listed.id == domain_id
    with trying("VerifyDomain"):
        verified = await done(domains.verify(domain_verification_id=vouched.id))
        assert verified.domain_verification.state == "DOMAIN_VERIFICATION_STATE_VERIFIED"
    with trying("DeleteDomainVerification"):
        await done(domains.delete(domain_verification_id=domain_id))
        assert len(await every(domains.list(organization_id=organization_id))) == 1

    invites, policies = organizations.invites, organizations.policies
    with trying("CreateOrganizationInvite"):
        made = await done(invites.create(organization_id=organization_id))
        invite_id = made.invite.invite_id
    with trying("GetOrganizationInvite"):
        found = await done(invites.retrieve(organization_id=organization_id))
        assert found.invite.invite_id == invite_id
    with trying("GetOrganizationInviteSummary"):
        summary = await done(invites.get_summary(invite_id=invite_id))
        assert summary.organization_name == "Initech"
    with trying("JoinOrganization"):
        joined = await done(organizations.join(invite_id=invite_id))
        assert joined.member.user_id == user_id
    with trying("UpdateOrganizationPolicies"):
        await done(
            policies.update(organization_id=organization_id, restrict_account_creation_to_scim=True)
        )
    with trying("GetOrganizationPolicies"):
        found = await done(policies.retrieve(organization_id=organization_id))
        assert found.policies.restrict_account_creation_to_scim
        assert found.policies.allowed_editor_ids == []
    with trying("GetAccount"):
        account = (await done(client.accounts.retrieve())).account
        assert [each.user_id for each in account.memberships] == [user_id]
    with trying("ListJoinableOrganizations"):
        listed = await done(client.accounts.list_joinable_organizations())
        assert not listed.joinable_organizations

    with trying("CreateSCIMConfiguration"):
        created = [
            await done(
                scim.create(
                    organization_id=organization_id, sso_configuration_id=sso_id, name=str(number)
                )
            )
            for number in range(5)
        ]
        assert len({one.token for one in created}) == 5
        scim_id = created[0].scim_configuration.id
    with trying("UpdateSCIMConfiguration"):
        updated = await done(scim.update(scim_configuration_id=scim_id, enabled=False))
        assert updated.scim_configuration.enabled is False
        assert updated.scim_configuration.name == "0"
    with trying("GetSCIMConfiguration"):
        found = await done(scim.retrieve(scim_configuration_id=scim_id))
        assert found.scim_configuration.enabled is False
        assert found.scim_configuration == updated.scim_configuration
    with trying("RegenerateSCIMToken"):
        again = await done(scim.regenerate_token(scim_configuration_id=scim_id))
        assert again.token != created[0].token
    with trying("ListSCIMConfigurations"), trying("a list to its end, page by page"):
        listed = await every(scim.list(page_size=2))
        assert [item.id for item in listed] == [one.scim_configuration.id for one in created]

    with trying("ListPersonalAccessTokens"):
        (pat,) = await every(client.users.pats.list())
        assert pat.user_id == user_id
    with trying("GetPersonalAccessToken"):
        found = await done(client.users.pats.get(personal_access_token_id=pat.id))
        assert found.pat.id == pat.id
    with trying("DeletePersonalAccessToken"):
        made = await done(
            client.post(
                "/gitpod.v1.UserService/CreatePersonalAccessToken",
                cast_to=object,
                body={"userId": user_id, "description": "to be revoked"},
            )
        )
        (other,) = [one for one in await every(client.users.pats.list()) if one.id != pat.id]
        await done(client.users.pats.delete(personal_access_token_id=other.id))
        await fails_with(
            gitpod.AuthenticationError,
            Client(base_url=base_url, bearer_token=made["token"]).users.get_authenticated_user,
            "unauthenticated",
        )

    with trying("ListAuditLogs"):
        entries = await every(client.events.list(filter={"subject_ids": [scim_id]}, page_size=1))
        assert [entry.action for entry in entries][-1] == "create", entries
        assert len(entries) == 3, entries
    with trying("WatchEvents"):
        stream = await done(client.events.watch(organization=True))
        await first(stream, lambda event: not event.resource_id)  # the watch has begun
        await done(scim.update(scim_configuration_id=scim_id, enabled=True))
        event = await first(stream, lambda event: event.resource_id)
        assert event.resource_id == scim_id
        assert event.operation == "RESOURCE_OPERATION_UPDATE"
        await done(stream.close())

    with trying("raw responses"):
        raw = await done(scim.with_raw_response.retrieve(scim_configuration_id=scim_id))
        assert raw.http_response.status_code == 200
        assert raw.headers["x-request-id"]
        assert (await done(raw.parse())).scim_configuration.id == scim_id
    with trying("errors by class, with their details"):
        await fails_with(
            gitpod.NotFoundError,
            lambda: scim.retrieve(scim_configuration_id=user_id),
            "not_found",
        )
        error = await fails_with(
            gitpod.BadRequestError,
            lambda: scim.update(scim_configuration_id="no"),
            "invalid_argument",
        )
        (bad,) = [d for d in error.body["details"] if d["type"] == "google.rpc.BadRequest"]
        assert bad["debug"]["fieldViolations"][0]["field"] == "scim_configuration_id"
        await fails_with(
            gitpod.AuthenticationError,
            lambda: Client(
                base_url=base_url, bearer_token="x"
            ).organizations.scim_configurations.retrieve(scim_configuration_id=scim_id),
            "unauthenticated",
        )
    with trying("a second try after `unavailable`"):
        flaky = Client(base_url=flaky_url, bearer_token=token)
        found = await done(
            flaky.organizations.scim_configurations.retrieve(scim_configuration_id=scim_id)
        )
        assert found.scim_configuration.id == scim_id

    with trying("DeleteSCIMConfiguration"):
        for one in created:
            await done(scim.delete(scim_configuration_id=one.scim_configuration.id))
        assert await every(scim.list()) == []
    with trying("DeleteSSOConfiguration"):
        await done(sso.delete(sso_configuration_id=sso_id))
        assert await every(sso.list(organization_id=organization_id)) == []
    with trying("CreateOrganization"):
        made = await done(organizations.create(name="Another", join_organization=True))
        assert made.organization.name == "Another"
        assert made.member.role == "ORGANIZATION_ROLE_ADMIN"
        # Without a token there nobody could act for it any more, once the one here is gone.
        first_token = "/orgplane.v1.MembershipService/CreateFirstToken"
        await done(
            client.post(first_token, body={"organizationId": made.organization.id}, cast_to=object)
        )
    with trying("LeaveOrganization"):
        await done(organizations.leave(user_id=member_id))
    with trying("DeleteUser"):
        await done(
            client.post(
                "/gitpod.v1.UserService/DeleteUser", body={"userId": member_id}, cast_to=object
            )
        )
    with trying("DeleteOrganization"):
        await done(organizations.delete(organization_id=organization_id))


asyncio.run(main())
print(json.dumps(results))
