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
	"math/rand/v2"
	"net/http"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// streamsPerConnection keeps below every server's limit of concurrent HTTP/2 streams.
const streamsPerConnection = 32

// Report is what is printed. Latencies are in milliseconds; Requests counts the warm-up too, and
// Measured does not.
type Report struct {
	Requests  int64   `json:"requests"`
	Measured  int     `json:"measured"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50"`
	P99       float64 `json:"p99"`
	Failures  int64   `json:"failures"`
	Failure   string  `json:"failure"`
}

func main() {
	url := flag.String("url", "", "the server, as http://HOST:PORT")
	protocol := flag.String("protocol", "connect-proto", "connect-json, connect-proto, grpc or grpc-web")
	operation := flag.String("operation", "update", "update, get or list")
	ids := flag.String("ids", "", "a file with a configuration's id on each line")
	callers := flag.Int("callers", 1, "calls at once")
	duration := flag.Duration("duration", 2*time.Second, "how long to measure")
	requests := flag.Int64("requests", 0, "end after so many requests instead")
	warmup := flag.Duration("warmup", 200*time.Millisecond, "what is not measured before that")
	constant := flag.Bool("constant", false, "accept any answer: the server does not look at requests")
	http1 := flag.Bool("http1", false, "HTTP/1.1 instead of HTTP/2")
	flag.Parse()
	token := os.Getenv("LOAD_TOKEN")
	if *url == "" || *ids == "" || token == "" {
		log.Fatal("load: -url, -ids and the environment variable LOAD_TOKEN are needed")
	}
	call, err := newCall(*url, token, *protocol, *operation)
	if err != nil {
		log.Fatal("load: ", err)
	}
	if *constant {
		call.expect = func(_, _ string) string { return "" }
	}
	known, err := lines(*ids)
	if err != nil {
		log.Fatal("load: ", err)
	}
	load := &Load{call: call, ids: known, warmup: *warmup, duration: *duration, limit: *requests}
	report := load.run(*callers, clients(*callers, *http1))
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		log.Fatal("load: ", err)
	}
}

// Load is a closed loop of callers.
type Load struct {
	call             *Call
	ids              []string
	warmup, duration time.Duration
	limit            int64

	started  atomic.Int64
	failures atomic.Int64
	failure  atomic.Value
}

func (l *Load) run(callers int, clients []*http.Client) Report {
	begun := time.Now()
	measureFrom := begun.Add(l.warmup)
	end := measureFrom.Add(l.duration)
	latencies := make([][]time.Duration, callers)
	var last atomic.Int64
	var wait sync.WaitGroup
	for caller := range callers {
		wait.Go(func() {
			latencies[caller] = l.work(clients[caller%len(clients)], measureFrom, end)
			for {
				seen, now := last.Load(), time.Since(measureFrom).Nanoseconds()
				if now <= seen || last.CompareAndSwap(seen, now) {
					return
				}
			}
		})
	}
	wait.Wait()
	all := make([]time.Duration, 0)
	for _, some := range latencies {
		all = append(all, some...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	report := Report{
		Requests:  l.started.Load(),
		Measured:  len(all),
		PerSecond: float64(len(all)) / (float64(last.Load()) / 1e9),
		P50:       percentile(all, 0.50),
		P99:       percentile(all, 0.99),
		Failures:  l.failures.Load(),
	}
	if failure, ok := l.failure.Load().(string); ok {
		report.Failure = failure
	}
	return report
}

func (l *Load) work(client *http.Client, measureFrom, end time.Time) []time.Duration {
	var latencies []time.Duration
	for {
		number := l.started.Load()
		begun := time.Now()
		if l.limit == 0 && begun.After(end) || l.limit > 0 && number >= l.limit {
			return latencies
		}
		l.started.Add(1)
		id := l.ids[rand.IntN(len(l.ids))]
		if err := l.call.do(client, id, fmt.Sprintf("Name %d", rand.Uint32())); err != nil {
			l.failures.Add(1)
			l.failure.Store(err.Error())
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if begun.After(measureFrom) {
			latencies = append(latencies, time.Since(begun))
		}
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
		made[i] = &http.Client{Timeout: time.Minute, Transport: &http.Transport{
			Protocols:           protocols,
			MaxIdleConnsPerHost: callers,
			DisableCompression:  true,
		}}
	}
	return made
}

func percentile(sorted []time.Duration, part float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	index := min(int(float64(len(sorted))*part), len(sorted)-1)
	return float64(sorted[index].Microseconds()) / 1000
}

func lines(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var found []string
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		found = append(found, scanner.Text())
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s is empty", path)
	}
	return found, scanner.Err()
}
