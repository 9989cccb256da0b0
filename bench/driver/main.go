// Command load calls a server from so many callers at once, each one call after the other, and prints
// what it saw as JSON. Every answer is checked: it must be a success and hold what was asked for.
//
// It uses the standard library alone, so it builds without a network.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

// streamsPerConnection keeps below every server's limit of concurrent HTTP/2 streams.
const streamsPerConnection = 32

func main() {
	url := flag.String("url", "", "the server, as http://HOST:PORT; with protocol scim, what /Users is below")
	protocol := flag.String("protocol", "connect-proto", "connect-json, connect-proto, grpc, grpc-web or scim")
	operation := flag.String("operation", "update",
		"update, get or list; scim: create-user, filter-users, get-user, patch-user, page-users or add-member")
	rows := flag.String("rows", "", "a file with, on each line, the id of a configuration; scim: of a user, and the userName")
	group := flag.String("group", "", "the id of the group that add-member adds to")
	callers := flag.Int("callers", 1, "calls at once")
	duration := flag.Duration("duration", 2*time.Second, "how long to measure")
	requests := flag.Int64("requests", 0, "end after so many requests, if that is earlier")
	warmup := flag.Duration("warmup", 200*time.Millisecond, "what is not measured before that")
	constant := flag.Bool("constant", false, "accept any answer: the server does not look at requests")
	http1 := flag.Bool("http1", false, "HTTP/1.1 instead of HTTP/2")
	flag.Parse()
	token := os.Getenv("LOAD_TOKEN")
	if *url == "" || *rows == "" || token == "" {
		log.Fatal("load: -url, -rows and the environment variable LOAD_TOKEN are needed")
	}
	var chosen Operation
	var err error
	if *protocol == "scim" {
		chosen, err = scim(*url, token, *operation, *group)
	} else {
		chosen, err = rpc(*url, token, *protocol, *operation, *constant)
	}
	if err != nil {
		log.Fatal("load: ", err)
	}
	known, err := read(*rows)
	if err != nil {
		log.Fatal("load: ", err)
	}
	if len(known) < *callers {
		log.Fatalf("load: %s has fewer rows than there are callers", *rows)
	}
	load := &Load{operation: chosen, rows: known, warmup: *warmup, duration: *duration, limit: *requests}
	report := load.run(*callers, clients(*callers, *http1))
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		log.Fatal("load: ", err)
	}
}

// clients returns as many connections as the callers need.
func clients(callers int, http1 bool) []*http.Client {
	count := (callers + streamsPerConnection - 1) / streamsPerConnection
	if http1 {
		count = 1
	}
	made := make([]*http.Client, count)
	for i := range made {
		protocols := new(http.Protocols)
		protocols.SetHTTP1(http1)
		protocols.SetUnencryptedHTTP2(!http1)
		made[i] = &http.Client{Timeout: 60 * time.Second, Transport: &http.Transport{
			Protocols:           protocols,
			MaxIdleConnsPerHost: callers,
			DisableCompression:  true,
		}}
	}
	return made
}

// Row is something that the server has.
type Row struct{ id, name string }

func read(path string) ([]Row, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var rows []Row
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		id, name, _ := strings.Cut(scanner.Text(), " ")
		rows = append(rows, Row{id, name})
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s is empty", path)
	}
	return rows, scanner.Err()
}
