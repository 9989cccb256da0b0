package main

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	gitpodv1 "orgplane/bench/peers/go/gen/gitpod/v1"
	"orgplane/bench/peers/go/gen/gitpod/v1/gitpodv1connect"
)

type service struct {
	gitpodv1connect.UnimplementedOrganizationServiceHandler
	store Store
}

func (s *service) GetSCIMConfiguration(
	ctx context.Context, request *connect.Request[gitpodv1.GetSCIMConfigurationRequest],
) (*connect.Response[gitpodv1.GetSCIMConfigurationResponse], error) {
	caller := callerOf(ctx)
	if err := caller.require(false); err != nil {
		return nil, err
	}
	id, err := parseUUID(request.Msg.GetScimConfigurationId())
	if err != nil {
		return nil, err
	}
	found, err := s.store.Get(ctx, caller.OrganizationID, id)
	if err != nil {
		return nil, answer(err)
	}
	return connect.NewResponse(&gitpodv1.GetSCIMConfigurationResponse{ScimConfiguration: toWire(found)}), nil
}

func (s *service) ListSCIMConfigurations(
	ctx context.Context, request *connect.Request[gitpodv1.ListSCIMConfigurationsRequest],
) (*connect.Response[gitpodv1.ListSCIMConfigurationsResponse], error) {
	caller := callerOf(ctx)
	if err := caller.require(false); err != nil {
		return nil, err
	}
	limit := int(request.Msg.GetPagination().GetPageSize())
	if limit == 0 {
		limit = 25
	}
	var after UUID
	if token := request.Msg.GetPagination().GetToken(); token != "" {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(raw) != len(after) {
			return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("not a page token"))
		}
		copy(after[:], raw)
	}
	found, err := s.store.List(ctx, caller.OrganizationID, after, limit+1)
	if err != nil {
		return nil, answer(err)
	}
	pagination := &gitpodv1.PaginationResponse{}
	if len(found) > limit {
		found = found[:limit]
		pagination.NextToken = base64.RawURLEncoding.EncodeToString(found[limit-1].ID[:])
	}
	response := &gitpodv1.ListSCIMConfigurationsResponse{Pagination: pagination}
	for _, each := range found {
		response.ScimConfigurations = append(response.ScimConfigurations, toWire(each))
	}
	return connect.NewResponse(response), nil
}

func (s *service) UpdateSCIMConfiguration(
	ctx context.Context, request *connect.Request[gitpodv1.UpdateSCIMConfigurationRequest],
) (*connect.Response[gitpodv1.UpdateSCIMConfigurationResponse], error) {
	caller := callerOf(ctx)
	if err := caller.require(true); err != nil {
		return nil, err
	}
	id, err := parseUUID(request.Msg.GetScimConfigurationId())
	if err != nil {
		return nil, err
	}
	changed := func(before Configuration) (Configuration, error) {
		after := before
		message := request.Msg
		if message.Name != nil {
			after.Name = message.GetName()
		}
		if message.Enabled != nil {
			after.Enabled = message.GetEnabled()
		}
		if message.AllowUnverifiedEmailAccountLinking != nil {
			after.AllowUnverified = message.GetAllowUnverifiedEmailAccountLinking()
		}
		if message.SsoConfigurationId != nil {
			after.SSOConfigurationID = nil
			if message.GetSsoConfigurationId() != "" {
				link, err := parseUUID(message.GetSsoConfigurationId())
				if err != nil {
					return before, err
				}
				after.SSOConfigurationID = &link
			}
		}
		return after, nil
	}
	updated, err := s.store.Update(ctx, caller, id, changed)
	if err != nil {
		return nil, answer(err)
	}
	return connect.NewResponse(&gitpodv1.UpdateSCIMConfigurationResponse{ScimConfiguration: toWire(updated)}), nil
}

// revise returns the event about what differs, nil if nothing does, and moves UpdatedAt.
func revise(caller Caller, before Configuration, after *Configuration) *Event {
	changes := map[string][2]any{}
	if before.Name != after.Name {
		changes["name"] = [2]any{before.Name, after.Name}
	}
	if before.Enabled != after.Enabled {
		changes["enabled"] = [2]any{before.Enabled, after.Enabled}
	}
	if before.AllowUnverified != after.AllowUnverified {
		changes["allow_unverified_email_account_linking"] = [2]any{before.AllowUnverified, after.AllowUnverified}
	}
	if text(before.SSOConfigurationID) != text(after.SSOConfigurationID) {
		changes["sso_configuration_id"] = [2]any{text(before.SSOConfigurationID), text(after.SSOConfigurationID)}
	}
	if len(changes) == 0 {
		return nil
	}
	after.UpdatedAt = time.Now().UTC().Truncate(time.Microsecond)
	if !after.UpdatedAt.After(before.UpdatedAt) {
		after.UpdatedAt = before.UpdatedAt.Add(time.Microsecond)
	}
	return &Event{
		ID: newUUID(), OccurredAt: after.UpdatedAt, Caller: caller, SubjectID: after.ID, Changes: changes,
	}
}

func answer(err error) error {
	if errors.Is(err, ErrNotFound) {
		return connect.NewError(connect.CodeNotFound, errors.New("SCIM configuration not found"))
	}
	return err
}

func toWire(c Configuration) *gitpodv1.SCIMConfiguration {
	return &gitpodv1.SCIMConfiguration{
		Id:                                 c.ID.String(),
		OrganizationId:                     c.OrganizationID.String(),
		Name:                               c.Name,
		Enabled:                            c.Enabled,
		SsoConfigurationId:                 text(c.SSOConfigurationID),
		CreatedAt:                          timestamppb.New(c.CreatedAt),
		UpdatedAt:                          timestamppb.New(c.UpdatedAt),
		TokenExpiresAt:                     timestamppb.New(c.TokenExpiresAt),
		AllowUnverifiedEmailAccountLinking: c.AllowUnverified,
	}
}
