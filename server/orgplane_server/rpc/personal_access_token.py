from __future__ import annotations

from orgplane_api.gitpod.v1 import personal_access_token_pb as pb
from orgplane_api.orgplane.v1 import personal_access_token_pb as own_pb
from orgplane_api.orgplane.v1.personal_access_token_service_connect import (
    PersonalAccessTokenService,
    PersonalAccessTokenServiceASGIApplication,
)

from ..domain.identifier import PersonalAccessTokenId, UserId
from ..domain.personal_access_token import PersonalAccessToken
from ..usecases.personal_access_token import PersonalAccessTokens
from ..usecases.personal_access_token_policy import PersonalAccessTokenPolicies
from .caller import caller
from .identity import subject
from .personal_access_token_policy import PersonalAccessTokenPolicyRpcs
from .service import Service
from .wire import (
    Context,
    lifetime,
    optional_timestamp,
    page_request,
    page_response,
    timestamp,
    uuid,
)


class PersonalAccessTokenRpcs:
    """The personal access token RPCs of `gitpod.v1.UserService`."""

    _personal_access_tokens: PersonalAccessTokens

    async def create_personal_access_token(
        self, request: pb.CreatePersonalAccessTokenRequest, ctx: Context
    ) -> pb.CreatePersonalAccessTokenResponse:
        token = await self._personal_access_tokens.create(
            caller(),
            UserId(uuid(request.user_id)),
            description=request.description,
            lifetime=lifetime(request.valid_for) or None,
            read_only=request.read_only,
        )
        return pb.CreatePersonalAccessTokenResponse(token=token.reveal())

    async def get_personal_access_token(
        self, request: pb.GetPersonalAccessTokenRequest, ctx: Context
    ) -> pb.GetPersonalAccessTokenResponse:
        found = await self._personal_access_tokens.get(
            caller(), _id(request.personal_access_token_id)
        )
        return pb.GetPersonalAccessTokenResponse(pat=_to_wire(found))

    async def list_personal_access_tokens(
        self, request: pb.ListPersonalAccessTokensRequest, ctx: Context
    ) -> pb.ListPersonalAccessTokensResponse:
        user_ids = request.filter.user_ids if request.filter is not None else ()
        page = await self._personal_access_tokens.list(
            caller(),
            page_request(request.pagination),
            [UserId(uuid(user_id)) for user_id in user_ids],
        )
        return pb.ListPersonalAccessTokensResponse(
            pagination=page_response(page.next_token),
            personal_access_tokens=[_to_wire(item) for item in page.items],
        )

    async def delete_personal_access_token(
        self, request: pb.DeletePersonalAccessTokenRequest, ctx: Context
    ) -> pb.DeletePersonalAccessTokenResponse:
        await self._personal_access_tokens.delete(caller(), _id(request.personal_access_token_id))
        return pb.DeletePersonalAccessTokenResponse()


class PersonalAccessTokenServiceRpcs(PersonalAccessTokenPolicyRpcs, PersonalAccessTokenService):
    """`orgplane.v1.PersonalAccessTokenService`."""

    def __init__(
        self, personal_access_tokens: PersonalAccessTokens, policies: PersonalAccessTokenPolicies
    ) -> None:
        self._personal_access_tokens = personal_access_tokens
        self._policies = policies

    async def list_personal_access_token_statuses(
        self, request: own_pb.ListPersonalAccessTokenStatusesRequest, ctx: Context
    ) -> own_pb.ListPersonalAccessTokenStatusesResponse:
        ids = [_id(each) for each in request.personal_access_token_ids]
        found = await self._personal_access_tokens.among(caller(), ids)
        return own_pb.ListPersonalAccessTokenStatusesResponse(
            statuses=[
                own_pb.PersonalAccessTokenStatus(
                    personal_access_token_id=str(each.id),
                    signed_in_through_sso_configuration_id=str(each.signed_in_through or ""),
                    rests_at=optional_timestamp(rests_at),
                )
                for each, rests_at in found
            ]
        )


SERVICE = Service(
    PersonalAccessTokenService.desc(),
    PersonalAccessTokenServiceASGIApplication,
    lambda use_cases: PersonalAccessTokenServiceRpcs(
        use_cases.personal_access_tokens, use_cases.personal_access_token_policies
    ),
)


def _id(text: str) -> PersonalAccessTokenId:
    return PersonalAccessTokenId(uuid(text))


def _to_wire(access: PersonalAccessToken) -> pb.PersonalAccessToken:
    return pb.PersonalAccessToken(
        id=str(access.id),
        user_id=str(access.user_id),
        description=access.description,
        creator=subject(access.creator_id),
        created_at=timestamp(access.created_at),
        expires_at=timestamp(access.expires_at),
        last_used=optional_timestamp(access.last_used_at),
        read_only=access.read_only,
    )
