package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
)

// Caller is who was authenticated, an administrator or not.
type Caller struct {
	UserID, OrganizationID, TokenID UUID
	Admin, ReadOnly                 bool
	Peer                            string
}

type callerKey struct{}

func callerOf(ctx context.Context) Caller { return ctx.Value(callerKey{}).(Caller) }

func (c Caller) require(changes bool) error {
	if !c.Admin || changes && c.ReadOnly {
		return connect.NewError(connect.CodePermissionDenied, errors.New("only an administrator may do this"))
	}
	return nil
}

func logging() connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			begun := time.Now()
			response, err := next(ctx, request)
			code := "ok"
			if err != nil {
				code = connect.CodeOf(err).String()
			}
			slog.Info("call", "method", request.Spec().Procedure, "protocol", request.Peer().Protocol,
				"code", code, "seconds", time.Since(begun).Seconds(), "peer", request.Peer().Addr)
			return response, err
		}
	}
}

func authentication(store Store) connect.UnaryInterceptorFunc {
	refused := func(text string) error { return connect.NewError(connect.CodeUnauthenticated, errors.New(text)) }
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			token, ok := strings.CutPrefix(request.Header().Get("Authorization"), "Bearer ")
			if !ok {
				return nil, refused("an access token is needed")
			}
			digest := sha256.Sum256([]byte(token))
			access, err := store.Access(ctx, digest[:])
			switch {
			case errors.Is(err, ErrNotFound):
				return nil, refused("the token is unknown or revoked")
			case err != nil:
				return nil, err
			case !time.Now().Before(access.ExpiresAt):
				return nil, refused("the token has expired")
			case access.UserStatus != "active":
				return nil, refused("the token's user is not active")
			}
			return next(context.WithValue(ctx, callerKey{}, Caller{
				UserID: access.UserID, OrganizationID: access.OrganizationID, TokenID: access.TokenID,
				Admin: access.Role == "admin", ReadOnly: access.ReadOnly, Peer: request.Peer().Addr,
			}), request)
		}
	}
}

func validation(validator protovalidate.Validator) connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			if err := validator.Validate(request.Any().(proto.Message)); err != nil {
				invalid := connect.NewError(connect.CodeInvalidArgument, err)
				var violated *protovalidate.ValidationError
				if errors.As(err, &violated) {
					if detail, err := connect.NewErrorDetail(violated.ToProto()); err == nil {
						invalid.AddDetail(detail)
					}
				}
				return nil, invalid
			}
			return next(ctx, request)
		}
	}
}
