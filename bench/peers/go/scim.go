package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Provisioner is an identity provider: the row of the SCIM configuration whose token it bears.
type Provisioner struct {
	ID, OrganizationID UUID
	Enabled, Linked    bool
	ExpiresAt          time.Time
}

// Visit is one request of a provider.
type Visit struct {
	Digest          []byte
	RequestID, Peer string
	Provisioner     Provisioner // once it is known
}

// admit refuses those who may not do what they want, by what the database says now.
func (v *Visit) admit(found Provisioner, err error, changes bool) error {
	switch {
	case errors.Is(err, ErrNotFound):
		return &refusal{401, "", "the token is unknown or was replaced"}
	case err != nil:
		return err
	}
	v.Provisioner = found
	switch {
	case !time.Now().Before(found.ExpiresAt):
		return &refusal{401, "", "the token has expired"}
	case !found.Enabled:
		return &refusal{403, "", "the SCIM configuration is disabled"}
	case changes && !found.Linked:
		return &refusal{403, "", "the SCIM configuration is not linked to an SSO configuration"}
	}
	return nil
}

// ScimStore is the database. A change admits the visitor in its own transaction, writes its rows and an event,
// and is durable when it returns.
type ScimStore interface {
	Provisioner(ctx context.Context, digest []byte) (Provisioner, error)
	CreateUser(ctx context.Context, visit *Visit, attributes *Attributes) (ScimUser, error)
	ChangeUser(ctx context.Context, visit *Visit, id UUID, patch *patch) (ScimUser, error)
	User(ctx context.Context, configuration, id UUID) (ScimUser, error)
	Users(ctx context.Context, configuration UUID, only *Equals, start, count int) ([]ScimUser, int64, error)
	Log(ctx context.Context, requests []request) error
}

// Equals is a filter: a column of scim_user that has a value.
type Equals struct{ column, value string }

type refusal struct {
	status           int
	scimType, detail string
}

func (r *refusal) Error() string { return r.detail }

func taken(attribute string) error {
	return &refusal{409, "uniqueness", attribute + ": another user of this configuration has it already"}
}

type door struct {
	store ScimStore
	log   requestLog
}

// handler serves users at /scim/v2.
func (d *door) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /scim/v2/Users", d.serve(d.create))
	mux.HandleFunc("GET /scim/v2/Users", d.serve(d.reading(d.list)))
	mux.HandleFunc("GET /scim/v2/Users/{id}", d.serve(d.reading(d.get)))
	mux.HandleFunc("PATCH /scim/v2/Users/{id}", d.serve(d.patch))
	return mux
}

type endpoint func(r *http.Request, visit *Visit) (status int, etag string, body []byte, err error)

// serve authenticates, answers, logs a line, and has the request kept for administrators.
func (d *door) serve(serve endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		digest := sha256.Sum256([]byte(token))
		visit := &Visit{Digest: digest[:], RequestID: newUUID().String(), Peer: r.RemoteAddr}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		code, etag, body, err := serve(r, visit)
		var detail, scimType string
		if err != nil {
			var refused *refusal
			if !errors.As(err, &refused) {
				slog.Error("unhandled error", "error", err)
				refused = &refusal{500, "", "internal error"}
			}
			code, detail, scimType = refused.status, refused.detail, refused.scimType
			body, _ = json.Marshal(map[string]any{
				"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": strconv.Itoa(code),
				"scimType": scimType, "detail": detail,
			})
		}
		header := w.Header()
		header.Set("Content-Type", "application/scim+json")
		if etag != "" {
			header.Set("ETag", etag)
		}
		w.WriteHeader(code)
		w.Write(body)
		spent := time.Since(begun)
		slog.Info("call", "method", r.Method, "path", r.URL.Path, "protocol", "scim", "code", code,
			"seconds", spent.Seconds(), "peer", r.RemoteAddr, "caller", visit.Provisioner.ID)
		if visit.Provisioner.ID != (UUID{}) {
			d.log.note(request{
				id: newUUID(), visit: visit, receivedAt: begun, duration: spent, method: r.Method,
				path: r.URL.RequestURI(), status: code, detail: detail, scimType: scimType, userAgent: r.UserAgent(),
			})
		}
	}
}

// reading admits visitors who change nothing.
func (d *door) reading(next endpoint) endpoint {
	return func(r *http.Request, visit *Visit) (int, string, []byte, error) {
		found, err := d.store.Provisioner(r.Context(), visit.Digest)
		if err := visit.admit(found, err, false); err != nil {
			return 0, "", nil, err
		}
		return next(r, visit)
	}
}

func (d *door) create(r *http.Request, visit *Visit) (int, string, []byte, error) {
	attributes := new(Attributes)
	if err := json.NewDecoder(r.Body).Decode(attributes); err != nil {
		return 0, "", nil, &refusal{400, "invalidSyntax", err.Error()}
	}
	return one(http.StatusCreated, r)(d.store.CreateUser(r.Context(), visit, attributes))
}

func (d *door) get(r *http.Request, visit *Visit) (int, string, []byte, error) {
	return one(http.StatusOK, r)(d.store.User(r.Context(), visit.Provisioner.ID, pathID(r)))
}

func (d *door) patch(r *http.Request, visit *Visit) (int, string, []byte, error) {
	patch := new(patch)
	if err := json.NewDecoder(r.Body).Decode(patch); err != nil {
		return 0, "", nil, &refusal{400, "invalidSyntax", err.Error()}
	}
	return one(http.StatusOK, r)(d.store.ChangeUser(r.Context(), visit, pathID(r), patch))
}

var filters = regexp.MustCompile(`(?i)^(userName|externalId) eq ("(?:[^"\\]|\\.)*")$`)

func (d *door) list(r *http.Request, visit *Visit) (int, string, []byte, error) {
	query := r.URL.Query()
	start, count := number(query.Get("startIndex"), 1), min(number(query.Get("count"), 100), 200)
	var only *Equals
	if text := query.Get("filter"); text != "" {
		parts := filters.FindStringSubmatch(text)
		if parts == nil {
			return 0, "", nil, &refusal{400, "invalidFilter", "only userName eq and externalId eq are understood"}
		}
		value := ""
		if err := json.Unmarshal([]byte(parts[2]), &value); err != nil {
			return 0, "", nil, &refusal{400, "invalidFilter", err.Error()}
		}
		only = &Equals{"external_id", value}
		if strings.EqualFold(parts[1], "userName") {
			only = &Equals{"user_name_key", folded(value)}
		}
	}
	found, total, err := d.store.Users(r.Context(), visit.Provisioner.ID, only, start, count)
	if err != nil {
		return 0, "", nil, err
	}
	body := fmt.Appendf(nil, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":%d,`+
		`"itemsPerPage":%d,"startIndex":%d,"Resources":[`, total, len(found), start)
	for i, user := range found {
		if i > 0 {
			body = append(body, ',')
		}
		body = user.appendJSON(body, base(r))
	}
	return http.StatusOK, "", append(body, `]}`...), nil
}

func one(code int, r *http.Request) func(ScimUser, error) (int, string, []byte, error) {
	return func(user ScimUser, err error) (int, string, []byte, error) {
		if errors.Is(err, ErrNotFound) {
			err = &refusal{404, "", "user not found"}
		}
		if err != nil {
			return 0, "", nil, err
		}
		return code, fmt.Sprintf(`W/"%d"`, user.Version), user.appendJSON(nil, base(r)), nil
	}
}

func base(r *http.Request) string { return "http://" + r.Host + "/scim/v2" }

func pathID(r *http.Request) UUID {
	id, _ := parseUUID(r.PathValue("id")) // nobody has the zero UUID
	return id
}

func number(text string, otherwise int) int {
	if value, err := strconv.Atoi(text); err == nil {
		return max(value, 0)
	}
	return otherwise
}

// limit is the LIMIT and OFFSET of a page.
func limit(start, count int) string { return fmt.Sprintf("%d OFFSET %d", count, max(start-1, 0)) }
