// Command peer serves gitpod.v1.OrganizationService, and users over SCIM 2.0, as one would write it in Go:
// connect-go, protovalidate, net/http, and pgx on PostgreSQL or modernc's SQLite. It serves a database that Orgplane has made and seeded.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect"

	"orgplane/bench/peers/go/gen/gitpod/v1/gitpodv1connect"
)

func main() {
	databaseURL := flag.String("database-url", "", "postgresql://... or sqlite:///FILE")
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	store, err := open(context.Background(), *databaseURL)
	if err != nil {
		log.Fatal(err)
	}
	validator, err := protovalidate.New()
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(gitpodv1connect.NewOrganizationServiceHandler(
		&service{store: store},
		connect.WithInterceptors(logging(), authentication(store), validation(validator)),
	))
	scim := &door{store: store, log: newRequestLog(store)}
	mux.Handle("/scim/v2/", scim.handler())
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: mux, Protocols: protocols, ReadHeaderTimeout: 10 * time.Second}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ready on http://%s\n", listener.Addr())
	log.Fatal(server.Serve(listener))
}

type database interface {
	Store
	ScimStore
}

func open(ctx context.Context, url string) (database, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:///"); ok {
		return openSQLite(path)
	}
	return openPostgres(ctx, url)
}
