// Judges bundles with the charm library of Juju 3.6, whose planner is not in a Go module.
//
// Reads a JSON list of requests on standard input and prints a JSON list of judgements.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/juju/charm/v12"
)

type request struct {
	Bundle   string            `json:"bundle"`
	Overlays []string          `json:"overlays"`
	Folder   string            `json:"folder"`
	Charms   map[string]string `json:"charms"`
}

type judgement struct {
	ParseError string   `json:"parse_error"`
	Errors     []string `json:"errors"`
}

func judge(r request) (j judgement) {
	defer func() {
		if caught := recover(); caught != nil {
			j.ParseError = fmt.Sprintf("panic: %v", caught)
		}
	}()
	data, err := read(r)
	if err != nil {
		if list, ok := err.(*charm.VerificationError); ok {
			for _, e := range list.Errors {
				j.Errors = append(j.Errors, e.Error())
			}
			return j
		}
		j.ParseError = err.Error()
		return j
	}
	j.Errors = verify(data, r)
	return j
}

func read(r request) (*charm.BundleData, error) {
	var sources []charm.BundleDataSource
	for _, text := range append([]string{r.Bundle}, r.Overlays...) {
		source, err := charm.StreamBundleDataSource(strings.NewReader(text), r.Folder)
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	data, err := charm.ReadAndMergeBundleData(sources...)
	if err != nil {
		if list, ok := cause(err).(*charm.VerificationError); ok {
			return nil, list
		}
	}
	return data, err
}

func cause(err error) error {
	type causer interface{ Cause() error }
	if c, ok := err.(causer); ok && c.Cause() != nil {
		return c.Cause()
	}
	return err
}

func verify(data *charm.BundleData, r request) []string {
	var err error
	if r.Charms == nil {
		err = data.VerifyLocal(r.Folder, nil, nil, nil)
	} else {
		charms := map[string]charm.Charm{}
		for name, path := range r.Charms {
			read, readErr := charm.ReadCharmDir(path)
			if readErr != nil {
				return []string{"oracle: " + readErr.Error()}
			}
			charms[name] = read
		}
		err = data.VerifyWithCharms(nil, nil, nil, charms)
	}
	if list, ok := err.(*charm.VerificationError); ok {
		var texts []string
		for _, e := range list.Errors {
			texts = append(texts, e.Error())
		}
		return texts
	}
	if err != nil {
		return []string{err.Error()}
	}
	return nil
}

func main() {
	var requests []request
	if err := json.NewDecoder(os.Stdin).Decode(&requests); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	judgements := make([]judgement, 0, len(requests))
	for _, r := range requests {
		judgements = append(judgements, judge(r))
	}
	if err := json.NewEncoder(os.Stdout).Encode(judgements); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
