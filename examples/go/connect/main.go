// Command connect calls Orgplane over Connect: it signs in, sets up SSO and SCIM, changes, lists, watches
// and cleans up again. It reads ORGPLANE_URL and ORGPLANE_TOKEN.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"

	gitpodv1 "example.com/orgplane/gen/gitpod/v1"
	"example.com/orgplane/gen/gitpod/v1/gitpodv1connect"
	orgplanev1 "example.com/orgplane/gen/orgplane/v1"
	"example.com/orgplane/gen/orgplane/v1/orgplanev1connect"
)

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, os.Getenv("ORGPLANE_URL"), os.Getenv("ORGPLANE_TOKEN")); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, baseURL, token string) (err error) {
	client := &http.Client{Transport: bearer{token, http.DefaultTransport}}
	organizations := gitpodv1connect.NewOrganizationServiceClient(client, baseURL)

	who, err := gitpodv1connect.NewIdentityServiceClient(client, baseURL).
		GetAuthenticatedIdentity(ctx, &gitpodv1.GetAuthenticatedIdentityRequest{})
	if err != nil {
		return err
	}
	fmt.Printf("signed in as user %s of organization %s\n", who.GetSubject().GetId(), who.GetOrganizationId())

	sso, err := organizations.CreateSSOConfiguration(ctx, &gitpodv1.CreateSSOConfigurationRequest{
		OrganizationId: who.GetOrganizationId(),
		ClientId:       "example",
		ClientSecret:   "example-secret",
		IssuerUrl:      "https://idp.example.com",
		DisplayName:    "Example",
	})
	if err != nil {
		return err
	}
	ssoID := sso.GetSsoConfiguration().GetId()
	fmt.Printf("created SSO configuration %s\n", ssoID)
	defer func() {
		_, failed := organizations.DeleteSSOConfiguration(ctx,
			&gitpodv1.DeleteSSOConfigurationRequest{SsoConfigurationId: ssoID})
		err = errors.Join(err, failed)
	}()

	var ids []string
	defer func() {
		for _, id := range ids {
			_, failed := organizations.DeleteSCIMConfiguration(ctx,
				&gitpodv1.DeleteSCIMConfigurationRequest{ScimConfigurationId: id})
			err = errors.Join(err, failed)
		}
	}()
	for _, name := range []string{"Okta", "Entra", "OneLogin"} {
		made, err := organizations.CreateSCIMConfiguration(ctx, &gitpodv1.CreateSCIMConfigurationRequest{
			OrganizationId:     who.GetOrganizationId(),
			SsoConfigurationId: ssoID,
			Name:               proto.String(name),
		})
		if err != nil {
			return err
		}
		// made.GetToken() is shown this once: it goes to the identity provider.
		ids = append(ids, made.GetScimConfiguration().GetId())
		fmt.Printf("created SCIM configuration %s %q\n", made.GetScimConfiguration().GetId(), name)
	}

	// The first message says that the watch has begun: nothing after it is missed.
	watching, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := orgplanev1connect.NewEventServiceClient(client, baseURL).
		WatchEvents(watching, &orgplanev1.WatchEventsRequest{
			Filter: &orgplanev1.EventFilter{
				ResourceTypes: []gitpodv1.ResourceType{gitpodv1.ResourceType_RESOURCE_TYPE_SCIM_CONFIGURATION},
			},
		})
	if err != nil {
		return err
	}
	if !stream.Receive() {
		return stream.Err()
	}

	// What is not set stays as it is.
	updated, err := organizations.UpdateSCIMConfiguration(ctx, &gitpodv1.UpdateSCIMConfigurationRequest{
		ScimConfigurationId: ids[0],
		Name:                proto.String("Okta, paused"),
		Enabled:             proto.Bool(false),
	})
	if err != nil {
		return err
	}
	fmt.Printf("updated it: name %q, enabled %t\n",
		updated.GetScimConfiguration().GetName(), updated.GetScimConfiguration().GetEnabled())

	for stream.Receive() {
		event := stream.Msg().GetEvent()
		if event == nil {
			continue // a heartbeat
		}
		fmt.Printf("event: %s %s of %s changes", event.GetOperation(), event.GetResourceType(), event.GetResourceId())
		for _, change := range event.GetChanges() {
			fmt.Printf(" %s", change.GetField())
		}
		fmt.Println()
		break
	}
	if err := stream.Err(); err != nil {
		return err
	}
	stop()

	pages, found, token := 0, 0, ""
	for more := true; more; more = token != "" {
		page, err := organizations.ListSCIMConfigurations(ctx, &gitpodv1.ListSCIMConfigurationsRequest{
			Pagination: &gitpodv1.PaginationRequest{PageSize: 2, Token: token},
		})
		if err != nil {
			return err
		}
		pages, found, token = pages+1, found+len(page.GetScimConfigurations()), page.GetPagination().GetNextToken()
	}
	fmt.Printf("listed %d SCIM configurations on %d pages\n", found, pages)

	_, err = organizations.UpdateSCIMConfiguration(ctx, &gitpodv1.UpdateSCIMConfigurationRequest{
		ScimConfigurationId: "not-a-uuid",
	})
	if err == nil {
		return errors.New("a bad id was accepted")
	}
	return explain(err)
}

// bearer is a transport that sends a token with every request.
type bearer struct {
	token string
	next  http.RoundTripper
}

func (b bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(request)
}

// explain prints what an error says: its code, the stable reason, and every field that is wrong.
func explain(err error) error {
	var problem *connect.Error
	if !errors.As(err, &problem) {
		return err
	}
	for _, detail := range problem.Details() {
		message, err := detail.Value()
		if err != nil {
			continue // of a type that this program does not know
		}
		switch message := message.(type) {
		case *errdetails.ErrorInfo:
			fmt.Printf("refused: %s, reason %s\n", problem.Code(), message.GetReason())
		case *errdetails.BadRequest:
			for _, violation := range message.GetFieldViolations() {
				fmt.Printf("  %s: %s\n", violation.GetField(), violation.GetDescription())
			}
		}
	}
	return nil
}
