package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Call is one request and how to tell that it was answered as it must be.
type Call struct {
	method, url string
	header      http.Header
	body        []byte
	answered    func(*http.Response, []byte) error

	// unmeasured calls put things back as they were.
	unmeasured bool
}

// Operation is what a caller does with a row: calls, one after the other, of which none is left out.
type Operation func(row Row) []Call

// do returns an error unless the call succeeded with the answer that it must have.
func (c *Call) do(client *http.Client) error {
	request, err := http.NewRequest(c.method, c.url, bytes.NewReader(c.body))
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
	return c.answered(response, answer)
}

func status(response *http.Response, answer []byte, wanted int) error {
	if response.StatusCode != wanted {
		return fmt.Errorf("%s: %.200s", response.Status, answer)
	}
	return nil
}

// holds returns an error unless the answer has the text so many times, or more often.
func holds(answer []byte, text string, times int) error {
	if bytes.Count(answer, []byte(text)) < times {
		return errors.New("an answer without what was asked for")
	}
	return nil
}
