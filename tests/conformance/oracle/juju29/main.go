// Judges bundles with the packages of Juju 2.9.
//
// Reads a JSON list of requests on standard input and prints a JSON list of judgements.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/juju/charm/v8"
	changes "github.com/juju/juju/core/bundle/changes"
	"github.com/juju/juju/core/constraints"
	"github.com/juju/juju/core/devices"
	"github.com/juju/juju/storage"
)

type request struct {
	Bundle   string            `json:"bundle"`
	Overlays []string          `json:"overlays"`
	Folder   string            `json:"folder"`
	Charms   map[string]string `json:"charms"`
}

type change struct {
	ID          string        `json:"id"`
	Method      string        `json:"method"`
	Requires    []string      `json:"requires"`
	Args        []interface{} `json:"args"`
	Description []string      `json:"description"`
}

type judgement struct {
	ParseError   string   `json:"parse_error"`
	Errors       []string `json:"errors"`
	Changes      []change `json:"changes"`
	ChangesError string   `json:"changes_error"`
}

type silent struct{}

func (silent) Tracef(string, ...interface{}) {}

type arch string

func (a arch) Arch() (string, error) { return string(a), nil }

func archOf(text string) changes.ArchConstraint {
	value, err := constraints.Parse(text)
	if err == nil && value.HasArch() {
		return arch(*value.Arch)
	}
	return arch("amd64")
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
	if len(j.Errors) > 0 {
		return j
	}
	list, err := changes.FromData(changes.ChangesConfig{
		Bundle: data, Logger: silent{}, ConstraintGetter: archOf,
	})
	if err != nil {
		j.ChangesError = err.Error()
		return j
	}
	for _, c := range list {
		j.Changes = append(j.Changes, change{c.Id(), c.Method(), c.Requires(), plain(c.GUIArgs()), c.Description()})
	}
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
	checkConstraints := func(text string) error {
		_, err := constraints.Parse(text)
		return err
	}
	checkStorage := func(text string) error {
		_, err := storage.ParseConstraints(text)
		return err
	}
	checkDevices := func(text string) error {
		_, err := devices.ParseConstraints(text)
		return err
	}
	var err error
	if r.Charms == nil {
		err = data.VerifyLocal(r.Folder, checkConstraints, checkStorage, checkDevices)
	} else {
		charms := map[string]charm.Charm{}
		for name, path := range r.Charms {
			read, readErr := charm.ReadCharmDir(path)
			if readErr != nil {
				return []string{"oracle: " + readErr.Error()}
			}
			charms[name] = read
		}
		err = data.VerifyWithCharms(checkConstraints, checkStorage, checkDevices, charms)
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

// plain replaces YAML maps, whose keys can have any type, by maps that JSON can encode.
func plain(values []interface{}) []interface{} {
	out := make([]interface{}, len(values))
	for i, value := range values {
		out[i] = plainOne(value)
	}
	return out
}

func plainOne(value interface{}) interface{} {
	switch v := value.(type) {
	case map[string]interface{}:
		out := map[string]interface{}{}
		for key, item := range v {
			out[key] = plainOne(item)
		}
		return out
	case map[interface{}]interface{}:
		out := map[string]interface{}{}
		for key, item := range v {
			out[fmt.Sprint(key)] = plainOne(item)
		}
		return out
	case []interface{}:
		return plain(v)
	}
	return value
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
