package main

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// patience is how much longer than wanted callers go on until each of them has measured something.
const patience = 5 * time.Second

// Load is a closed loop of callers. Each has rows of its own, so that no two are at the same row.
type Load struct {
	operation        Operation
	rows             []Row
	warmup, duration time.Duration
	limit            int64

	waiting  atomic.Int64 // callers that have not measured anything yet
	complete atomic.Int64 // when there were none any more, in nanoseconds since the beginning
	begun    atomic.Int64
	failures atomic.Int64
	failure  atomic.Value
}

// call is one that ended after the warm-up.
type call struct {
	begun, ended time.Duration // since the load began
	unmeasured   bool
}

// Report is what is printed. Latencies are in milliseconds. Requests counts every call, Measured those whose
// latencies count: they began after the warm-up. PerSecond counts those that ended while all callers were at
// it, and leaves out the time that a caller spent on calls that are not to be measured.
type Report struct {
	Requests  int64   `json:"requests"`
	Measured  int     `json:"measured"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50"`
	P99       float64 `json:"p99"`
	Failures  int64   `json:"failures"`
	Failure   string  `json:"failure"`
}

func (l *Load) run(callers int, clients []*http.Client) Report {
	l.waiting.Store(int64(callers))
	calls := make([][]call, callers)
	var wait sync.WaitGroup
	start := time.Now()
	for caller := range callers {
		var own []Row
		for i := caller; i < len(l.rows); i += callers {
			own = append(own, l.rows[i])
		}
		wait.Go(func() { calls[caller] = l.work(own, clients[caller%len(clients)], start) })
	}
	wait.Wait()
	report := Report{Requests: l.begun.Load(), Failures: l.failures.Load()}
	report.Failure, _ = l.failure.Load().(string)
	until := max(l.warmup+l.duration, time.Duration(l.complete.Load()))
	var latencies []time.Duration
	var ended int
	var elsewhere time.Duration
	for _, each := range slices.Concat(calls...) {
		switch {
		case each.unmeasured:
			elsewhere += max(0, min(each.ended, until)-max(each.begun, l.warmup))
			continue
		case each.begun >= l.warmup:
			latencies = append(latencies, each.ended-each.begun)
		}
		if each.ended <= until {
			ended++
		}
	}
	if report.Measured = len(latencies); report.Measured > 0 {
		slices.Sort(latencies)
		report.PerSecond = float64(ended) / (until - l.warmup - elsewhere/time.Duration(callers)).Seconds()
		report.P50, report.P99 = percentile(latencies, 0.50), percentile(latencies, 0.99)
	}
	return report
}

// work begins operations until the end, or until everybody has measured one if that takes longer, and finishes
// the last one. It ends with anybody's first failure.
func (l *Load) work(rows []Row, client *http.Client, start time.Time) (calls []call) {
	end := l.warmup + l.duration
	measured := false
	for {
		now := time.Since(start)
		over := now >= end && (l.waiting.Load() == 0 || now >= end+patience)
		if over || l.limit > 0 && l.begun.Load() >= l.limit || l.failures.Load() > 0 {
			return calls
		}
		for _, each := range l.operation(rows[rand.IntN(len(rows))]) {
			l.begun.Add(1)
			begun := time.Since(start)
			if err := each.do(client); err != nil {
				l.failures.Add(1)
				l.failure.Store(err.Error())
				return calls
			}
			ended := time.Since(start)
			if ended >= l.warmup {
				calls = append(calls, call{begun, ended, each.unmeasured})
			}
			if !measured && !each.unmeasured && begun >= l.warmup {
				measured = true
				if l.waiting.Add(-1) == 0 {
					l.complete.Store(int64(ended))
				}
			}
		}
	}
}

func percentile(sorted []time.Duration, part float64) float64 {
	index := min(int(float64(len(sorted))*part), len(sorted)-1)
	return float64(sorted[index].Microseconds()) / 1000
}
