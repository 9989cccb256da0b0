package main

import (
	"context"
	"log/slog"
	"time"
)

// request is a row of scim_request: what administrators see of what providers sent.
type request struct {
	id                                        UUID
	visit                                     *Visit
	receivedAt                                time.Time
	duration                                  time.Duration
	method, path, detail, scimType, userAgent string
	status                                    int
}

const (
	// logBatch is how many requests one transaction writes at most.
	logBatch = 500
	// logKept is how many requests of a configuration are kept.
	logKept = 10_000
	// logPurge is after how many requests the others are deleted.
	logPurge = 200
)

// requestLog writes requests soon after they were answered, all that wait in one transaction.
type requestLog chan request

func newRequestLog(store ScimStore) requestLog {
	log := make(requestLog, 20_000)
	go func() {
		for first := range log {
			batch := []request{first}
			for len(batch) < logBatch && len(log) > 0 {
				batch = append(batch, <-log)
			}
			if err := store.Log(context.Background(), batch); err != nil {
				slog.Error("requests cannot be kept", "error", err)
			}
		}
	}()
	return log
}

func (l requestLog) note(r request) {
	select {
	case l <- r:
	default:
		slog.Error("a request is missing from the log")
	}
}

// purges tells when to delete what is too much.
type purges struct{ since int }

func (p *purges) due(more int) bool {
	if p.since += more; p.since < logPurge {
		return false
	}
	p.since = 0
	return true
}
