package main

import (
	"context"
	"errors"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
)

// ErrNotFound says that there is no such row in the caller's organization.
var ErrNotFound = errors.New("not found")

// UUID is an identifier.
type UUID = uuid.UUID

// Access is a token's row, joined with its user.
type Access struct {
	TokenID, UserID, OrganizationID UUID
	ReadOnly                        bool
	ExpiresAt                       time.Time
	Role, UserStatus                string
}

// Configuration is a row of scim_configuration.
type Configuration struct {
	ID, OrganizationID                   UUID
	Name                                 string
	Enabled                              bool
	SSOConfigurationID                   *UUID
	AllowUnverified                      bool
	TokenExpiresAt, CreatedAt, UpdatedAt time.Time
}

// Event is a row of audit_event.
type Event struct {
	ID         UUID
	OccurredAt time.Time
	Caller     Caller
	SubjectID  UUID
	Changes    map[string][2]any
}

// Change computes a row's next state.
type Change func(Configuration) (Configuration, error)

// Store is the database. Update locks the row, applies the change, writes row and event in one durable
// transaction, and writes nothing when nothing differs.
type Store interface {
	Access(ctx context.Context, digest []byte) (Access, error)
	Get(ctx context.Context, organization, id UUID) (Configuration, error)
	List(ctx context.Context, organization, after UUID, limit int) ([]Configuration, error)
	Update(ctx context.Context, caller Caller, id UUID, change Change) (Configuration, error)
}

func newUUID() UUID { return uuid.Must(uuid.NewV7()) }

func parseUUID(text string) (UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return id, connect.NewError(connect.CodeInvalidArgument, err)
	}
	return id, nil
}

func text(id *UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}
