package main

import (
	"math/rand/v2"
	"net/http"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// Load is a closed loop of callers. Each has rows of its own, so that no two are at the same row.
type Load struct {
	operation        Operation
	rows             []Row
	warmup, duration time.Duration
	limit            int64

	begun    atomic.Int64
	failures atomic.Int64
	failure  atomic.Value
}

// Report is what is printed. Latencies are in milliseconds. Requests counts every call, Measured those
// that began after the warm-up and are to be measured. PerSecond is the sum of what each caller does in the
// time of these calls: they do nothing in between but put things back.
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
	measureFrom := time.Now().Add(l.warmup)
	end := measureFrom.Add(l.duration)
	latencies := make([][]time.Duration, callers)
	var wait sync.WaitGroup
	for caller := range callers {
		var own []Row
		for i := caller; i < len(l.rows); i += callers {
			own = append(own, l.rows[i])
		}
		wait.Go(func() { latencies[caller] = l.work(own, clients[caller%len(clients)], measureFrom, end) })
	}
	wait.Wait()
	report := Report{Requests: l.begun.Load(), Failures: l.failures.Load()}
	report.Failure, _ = l.failure.Load().(string)
	var all []time.Duration
	for _, own := range latencies {
		var spent time.Duration
		for _, latency := range own {
			spent += latency
		}
		if len(own) > 0 {
			report.PerSecond += float64(len(own)) / spent.Seconds()
		}
		all = append(all, own...)
	}
	if report.Measured = len(all); report.Measured > 0 {
		sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
		report.P50, report.P99 = percentile(all, 0.50), percentile(all, 0.99)
	}
	return report
}

// work begins operations until the end, or until it has measured one if that takes longer, and finishes the
// last one. It ends with anybody's first failure.
func (l *Load) work(rows []Row, client *http.Client, measureFrom, end time.Time) (latencies []time.Duration) {
	for len(latencies) == 0 || time.Now().Before(end) {
		if l.limit > 0 && l.begun.Load() >= l.limit || l.failures.Load() > 0 {
			break
		}
		for _, call := range l.operation(rows[rand.IntN(len(rows))]) {
			l.begun.Add(1)
			begun := time.Now()
			if err := call.do(client); err != nil {
				l.failures.Add(1)
				l.failure.Store(err.Error())
				return latencies
			}
			if !call.unmeasured && begun.After(measureFrom) {
				latencies = append(latencies, time.Since(begun))
			}
		}
	}
	return latencies
}

func percentile(sorted []time.Duration, part float64) float64 {
	index := min(int(float64(len(sorted))*part), len(sorted)-1)
	return float64(sorted[index].Microseconds()) / 1000
}
