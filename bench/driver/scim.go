package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
)

const (
	patchOp  = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[%s]}`
	pageSize = 100
)

// scim returns an operation of SCIM 2.0; rows are users, and group is who takes them in. What is created is
// like what identity providers create. A user who was made inactive is made active again, which counts too;
// one who was added to the group leaves it again, which does not.
func scim(base, token, operation, group string) (Operation, error) {
	header := http.Header{"Authorization": {"Bearer " + token}, "Accept": {"application/scim+json"}}
	withBody := header.Clone()
	withBody.Set("Content-Type", "application/scim+json")

	get := func(path, expected string, times int) []Call {
		return []Call{{method: http.MethodGet, url: base + path, header: header, answered: success(200, expected, times)}}
	}
	patch := func(path, operation, expected string) Call {
		return Call{
			method: http.MethodPatch, url: base + path, header: withBody, body: fmt.Appendf(nil, patchOp, operation),
			answered: func(response *http.Response, answer []byte) error {
				if response.StatusCode == http.StatusNoContent { // RFC 7644, section 3.5.2, leaves it to the server
					return nil
				}
				return success(200, expected, 1)(response, answer)
			},
		}
	}
	switch operation {
	case "create-user":
		return func(Row) []Call {
			name := fmt.Sprintf("%016x%016x@example.com", rand.Uint64(), rand.Uint64())
			return []Call{{
				method: http.MethodPost, url: base + "/Users", header: withBody, body: newUser(name),
				answered: success(201, name, 1),
			}}
		}, nil
	case "filter-users":
		return func(row Row) []Call {
			filter := url.QueryEscape(fmt.Sprintf("userName eq %q", row.name))
			return get("/Users?filter="+filter, row.id, 1)
		}, nil
	case "get-user":
		return func(row Row) []Call { return get("/Users/"+row.id, row.name, 1) }, nil
	case "page-users":
		return func(Row) []Call {
			return get(fmt.Sprintf("/Users?startIndex=1&count=%d", pageSize), `"userName"`, pageSize)
		}, nil
	case "patch-user":
		return func(row Row) []Call {
			set := func(active bool) Call {
				operation := fmt.Sprintf(`{"op":"replace","path":"active","value":%t}`, active)
				return patch("/Users/"+row.id, operation, row.name)
			}
			return []Call{set(false), set(true)}
		}, nil
	case "add-member":
		return func(row Row) []Call {
			add := patch("/Groups/"+group, fmt.Sprintf(`{"op":"add","path":"members","value":[{"value":%q}]}`, row.id), row.id)
			remove := patch("/Groups/"+group, fmt.Sprintf(`{"op":"remove","path":"members[value eq \"%s\"]"}`, row.id), row.id)
			remove.unmeasured = true
			return []Call{add, remove}
		}, nil
	}
	return nil, fmt.Errorf("unknown operation %q", operation)
}

func newUser(name string) []byte {
	return fmt.Appendf(nil, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"externalId":%q,"userName":%q,`+
		`"name":{"givenName":"Grace","familyName":"Hopper"},"displayName":"Grace Hopper","active":true,`+
		`"emails":[{"value":%q,"type":"work","primary":true}]}`, name[:32], name, name)
}

func success(code int, expected string, times int) func(*http.Response, []byte) error {
	return func(response *http.Response, answer []byte) error {
		if err := status(response, answer, code); err != nil {
			return err
		}
		return holds(answer, expected, times)
	}
}
