package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
)

var methods = map[string]string{
	"update": "/gitpod.v1.OrganizationService/UpdateSCIMConfiguration",
	"get":    "/gitpod.v1.OrganizationService/GetSCIMConfiguration",
	"list":   "/gitpod.v1.OrganizationService/ListSCIMConfigurations",

	"get-organization": "/gitpod.v1.OrganizationService/GetOrganization",
}

// rpc returns an operation of OrganizationService in one of its protocols; rows are SCIM configurations, or
// organizations. An
// update gives a new name, which must be in the answer. A server that is constant answers what it likes.
func rpc(url, token, protocol, operation string, constant bool) (Operation, error) {
	method, ok := methods[operation]
	if !ok {
		return nil, fmt.Errorf("unknown operation %q", operation)
	}
	header := http.Header{"Authorization": {"Bearer " + token}}
	requests, enveloped, succeeded := binaryRequests, false, httpStatus
	switch protocol {
	case "connect-json":
		header.Set("Content-Type", "application/json")
		header.Set("Connect-Protocol-Version", "1")
		requests = jsonRequests
	case "connect-proto":
		header.Set("Content-Type", "application/proto")
		header.Set("Connect-Protocol-Version", "1")
	case "grpc":
		header.Set("Content-Type", "application/grpc+proto")
		header.Set("Te", "trailers")
		enveloped, succeeded = true, grpcStatus
	case "grpc-web":
		header.Set("Content-Type", "application/grpc-web+proto")
		enveloped, succeeded = true, grpcWebStatus
	default:
		return nil, fmt.Errorf("unknown protocol %q", protocol)
	}
	return func(row Row) []Call {
		name := fmt.Sprintf("Name %d", rand.Uint32())
		body := requests[operation](row.id, name)
		if enveloped { // gRPC and gRPC-Web put five bytes before a message
			body = append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body))), body...)
		}
		expected := map[string]string{"update": name, "get": row.id, "get-organization": row.id}[operation]
		return []Call{{
			method: http.MethodPost, url: url + method, header: header, body: body,
			answered: func(response *http.Response, answer []byte) error {
				if err := succeeded(response, answer); err != nil || constant {
					return err
				}
				return holds(answer, expected, 1)
			},
		}}
	}, nil
}

func httpStatus(response *http.Response, answer []byte) error {
	return status(response, answer, http.StatusOK)
}

func grpcStatus(response *http.Response, answer []byte) error {
	if code := response.Trailer.Get("Grpc-Status"); code != "0" {
		return fmt.Errorf("%s, grpc-status %q %s%s", response.Status, code,
			response.Trailer.Get("Grpc-Message"), response.Header.Get("Grpc-Message"))
	}
	return httpStatus(response, answer)
}

// grpcWebStatus finds the trailers in the last frame of the body.
func grpcWebStatus(response *http.Response, answer []byte) error {
	for rest := answer; len(rest) >= 5; {
		size := 5 + int(binary.BigEndian.Uint32(rest[1:5]))
		if size > len(rest) {
			break
		}
		if rest[0]&0x80 != 0 && statusZero.Match(rest[5:size]) {
			return httpStatus(response, answer)
		}
		rest = rest[size:]
	}
	return fmt.Errorf("%s, no grpc-status 0: %.200q", response.Status, answer)
}

var statusZero = regexp.MustCompile(`(?i)grpc-status: ?0\r`)

var jsonRequests = map[string]func(id, name string) []byte{
	"update": func(id, name string) []byte {
		return fmt.Appendf(nil, `{"scimConfigurationId":%q,"name":%q}`, id, name)
	},
	"get": func(id, _ string) []byte {
		return fmt.Appendf(nil, `{"scimConfigurationId":%q}`, id)
	},
	"get-organization": func(id, _ string) []byte {
		return fmt.Appendf(nil, `{"organizationId":%q}`, id)
	},
	"list": func(_, _ string) []byte { return []byte(`{"pagination":{"pageSize":25}}`) },
}

// binaryRequests are the same as protobuf: field 1 the id, field 2 the name; field 1 the pagination, in
// which field 1 is the page size.
var binaryRequests = map[string]func(id, name string) []byte{
	"update": func(id, name string) []byte { return text(text(nil, 1, id), 2, name) },
	"get":    func(id, _ string) []byte { return text(nil, 1, id) },
	"list":   func(_, _ string) []byte { return []byte{1<<3 | 2, 2, 1 << 3, 25} },

	"get-organization": func(id, _ string) []byte { return text(nil, 1, id) },
}

// text appends a length-delimited field shorter than 128 bytes.
func text(to []byte, field byte, value string) []byte {
	return append(append(to, field<<3|2, byte(len(value))), value...)
}
