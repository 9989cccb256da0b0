package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Call is one RPC in one protocol.
type Call struct {
	url       string
	header    http.Header
	enveloped bool // gRPC and gRPC-Web put five bytes before a message
	status    func(*http.Response, []byte) error
	request   func(id, name string) []byte
	expect    func(id, name string) string
}

var paths = map[string]string{
	"update": "/gitpod.v1.OrganizationService/UpdateSCIMConfiguration",
	"get":    "/gitpod.v1.OrganizationService/GetSCIMConfiguration",
	"list":   "/gitpod.v1.OrganizationService/ListSCIMConfigurations",
}

func newCall(url, token, protocol, operation string) (*Call, error) {
	path, ok := paths[operation]
	if !ok {
		return nil, fmt.Errorf("unknown operation %q", operation)
	}
	header := http.Header{"Authorization": {"Bearer " + token}}
	call := &Call{url: url + path, header: header, status: httpStatus, request: binaryRequests[operation]}
	switch operation {
	case "update":
		call.expect = func(_, name string) string { return name }
	case "get":
		call.expect = func(id, _ string) string { return id }
	default:
		call.expect = func(_, _ string) string { return "" }
	}
	switch protocol {
	case "connect-json":
		header.Set("Content-Type", "application/json")
		header.Set("Connect-Protocol-Version", "1")
		call.request = jsonRequests[operation]
	case "connect-proto":
		header.Set("Content-Type", "application/proto")
		header.Set("Connect-Protocol-Version", "1")
	case "grpc":
		header.Set("Content-Type", "application/grpc+proto")
		header.Set("Te", "trailers")
		call.enveloped, call.status = true, grpcStatus
	case "grpc-web":
		header.Set("Content-Type", "application/grpc-web+proto")
		call.enveloped, call.status = true, grpcWebStatus
	default:
		return nil, fmt.Errorf("unknown protocol %q", protocol)
	}
	return call, nil
}

// do makes the call and returns an error unless it succeeded with the answer that it must have.
func (c *Call) do(client *http.Client, id, name string) error {
	body := c.request(id, name)
	if c.enveloped {
		body = append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body))), body...)
	}
	request, err := http.NewRequest(http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = c.header
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if err := c.status(response, answer); err != nil {
		return err
	}
	if !bytes.Contains(answer, []byte(c.expect(id, name))) {
		return errors.New("an answer without what was asked for")
	}
	return nil
}

func httpStatus(response *http.Response, answer []byte) error {
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %.200s", response.Status, answer)
	}
	return nil
}

func grpcStatus(response *http.Response, answer []byte) error {
	status := response.Trailer.Get("Grpc-Status")
	if status != "0" {
		return fmt.Errorf("%s, grpc-status %q %s%s", response.Status, status,
			response.Trailer.Get("Grpc-Message"), response.Header.Get("Grpc-Message"))
	}
	return httpStatus(response, answer)
}

// grpcWebStatus finds the trailers in the last frame of the body.
func grpcWebStatus(response *http.Response, answer []byte) error {
	for len(answer) >= 5 {
		size := 5 + int(binary.BigEndian.Uint32(answer[1:5]))
		if size > len(answer) {
			break
		}
		trailers := bytes.ToLower(answer[5:size])
		if answer[0]&0x80 != 0 && bytes.Contains(trailers, []byte("grpc-status: 0")) ||
			answer[0]&0x80 != 0 && bytes.Contains(trailers, []byte("grpc-status:0")) {
			return httpStatus(response, answer)
		}
		answer = answer[size:]
	}
	return fmt.Errorf("%s, no grpc-status 0: %.200q", response.Status, answer)
}

var jsonRequests = map[string]func(id, name string) []byte{
	"update": func(id, name string) []byte {
		return fmt.Appendf(nil, `{"scimConfigurationId":%q,"name":%q}`, id, name)
	},
	"get": func(id, _ string) []byte {
		return fmt.Appendf(nil, `{"scimConfigurationId":%q}`, id)
	},
	"list": func(_, _ string) []byte { return []byte(`{"pagination":{"pageSize":25}}`) },
}

// binaryRequests are the same as protobuf: field 1 the id, field 2 the name; field 1 the pagination, in
// which field 1 is the page size.
var binaryRequests = map[string]func(id, name string) []byte{
	"update": func(id, name string) []byte { return text(text(nil, 1, id), 2, name) },
	"get":    func(id, _ string) []byte { return text(nil, 1, id) },
	"list":   func(_, _ string) []byte { return []byte{1<<3 | 2, 2, 1 << 3, 25} },
}

// text appends a length-delimited field shorter than 128 bytes.
func text(to []byte, field byte, value string) []byte {
	return append(append(to, field<<3|2, byte(len(value))), value...)
}
