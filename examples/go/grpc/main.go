// Command grpc calls Orgplane over gRPC: it signs in, sets up SSO and SCIM, changes, lists, watches and
// cleans up again. It reads ORGPLANE_URL and ORGPLANE_TOKEN.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	gitpodv1 "example.com/orgplane/gen/gitpod/v1"
	orgplanev1 "example.com/orgplane/gen/orgplane/v1"
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
	conn, err := dial(baseURL, token)
	if err != nil {
		return err
	}
	defer conn.Close()
	organizations := gitpodv1.NewOrganizationServiceClient(conn)

	who, err := gitpodv1.NewIdentityServiceClient(conn).
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
	stream, err := orgplanev1.NewEventServiceClient(conn).WatchEvents(watching, &orgplanev1.WatchEventsRequest{
		Filter: &orgplanev1.EventFilter{
			ResourceTypes: []gitpodv1.ResourceType{gitpodv1.ResourceType_RESOURCE_TYPE_SCIM_CONFIGURATION},
		},
	})
	if err != nil {
		return err
	}
	if _, err := stream.Recv(); err != nil {
		return err
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

	for {
		response, err := stream.Recv()
		if err != nil {
			return err
		}
		event := response.GetEvent()
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
	explain(err)
	return nil
}

// dial returns a connection whose every call carries the token, over TLS if the URL says https.
func dial(baseURL, token string) (*grpc.ClientConn, error) {
	target, err := url.Parse(baseURL)
	if err != nil {
		return nil, err
	}
	transport := insecure.NewCredentials()
	if target.Scheme == "https" {
		transport = credentials.NewTLS(nil)
	}
	return grpc.NewClient(target.Host,
		grpc.WithTransportCredentials(transport),
		grpc.WithPerRPCCredentials(bearer{token, target.Scheme == "https"}))
}

// bearer is a token, sent with every call.
type bearer struct {
	token  string
	secure bool
}

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + b.token}, nil
}

func (b bearer) RequireTransportSecurity() bool { return b.secure }

// explain prints what an error says: its code, the stable reason, and every field that is wrong.
func explain(err error) {
	problem := status.Convert(err)
	for _, detail := range problem.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			fmt.Printf("refused: %s, reason %s\n", problem.Code(), detail.GetReason())
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				fmt.Printf("  %s: %s\n", violation.GetField(), violation.GetDescription())
			}
		}
	}
}
