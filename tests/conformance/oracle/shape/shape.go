// Package shape defines what the oracles read and print, whichever Juju release they contain.
package shape

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
)

// Request names a bundle file and says how it would be deployed into an empty model.
type Request struct {
	Path             string   `json:"path"`
	Overlays         []string `json:"overlays"`
	Trust            bool     `json:"trust"`
	ModelConstraints string   `json:"model_constraints"`
}

// Change is one step of the plan.
type Change struct {
	ID          string        `json:"id"`
	Method      string        `json:"method"`
	Requires    []string      `json:"requires"`
	Args        []interface{} `json:"args"`
	Description []string      `json:"description"`
}

// Judgement is what a dry run of the client would print about one bundle.
type Judgement struct {
	// Stage is where Juju refuses the bundle: read, verify, trust, resolve, plan or panic.
	Stage string `json:"stage"`
	// Refusal is the client's whole message, without the word ERROR.
	Refusal string `json:"refusal"`
	// Messages are the faults in the refusal, one by one.
	Messages []string `json:"messages"`
	Warnings []string `json:"warnings"`
	Changes  []Change `json:"changes"`
}

// Listed is the first line of a refusal that lists faults.
const Listed = "the provided bundle has the following errors:\n"

// Refuse records that Juju refuses the bundle, with the text before the error that it prints.
func (j *Judgement) Refuse(stage, prefix string, err error) {
	j.Stage, j.Refusal = stage, prefix+err.Error()
	j.Messages = []string{err.Error()}
	if _, list, found := strings.Cut(err.Error(), Listed); found {
		j.Messages = strings.Split(list, "\n")
	}
	j.Changes = nil
}

// Step is the part of Juju's own Change that all releases have.
type Step interface {
	Id() string
	Method() string
	Requires() []string
	Description() []string
}

// Add appends a step to the plan.
func (j *Judgement) Add(step Step, args []interface{}) {
	j.Changes = append(j.Changes, Change{
		ID: step.Id(), Method: step.Method(), Requires: step.Requires(),
		Args: plainList(args), Description: step.Description(),
	})
}

// plainList replaces YAML maps, whose keys can have any type, by maps that JSON can encode.
func plainList(values []interface{}) []interface{} {
	out := make([]interface{}, len(values))
	for i, value := range values {
		out[i] = plain(value)
	}
	return out
}

func plain(value interface{}) interface{} {
	switch v := value.(type) {
	case map[string]interface{}:
		out := map[string]interface{}{}
		for key, item := range v {
			out[key] = plain(item)
		}
		return out
	case map[interface{}]interface{}:
		out := map[string]interface{}{}
		for key, item := range v {
			out[fmt.Sprint(key)] = plain(item)
		}
		return out
	case []interface{}:
		return plainList(v)
	case float64:
		if _, err := json.Marshal(v); err != nil {
			return fmt.Sprint(v)
		}
	}
	return value
}

// Main reads a JSON list of requests on standard input and prints a JSON list of judgements.
func Main(judge func(Request, *Judgement)) {
	var requests []Request
	exitOnError(json.NewDecoder(os.Stdin).Decode(&requests))
	judgements := make([]Judgement, len(requests))
	for i, request := range requests {
		guarded(judge, request, &judgements[i])
	}
	exitOnError(json.NewEncoder(os.Stdout).Encode(judgements))
}

func guarded(judge func(Request, *Judgement), request Request, j *Judgement) {
	defer func() {
		if caught := recover(); caught != nil {
			j.Refuse("panic", "panic: ", fmt.Errorf("%v", caught))
		}
	}()
	judge(request, j)
}

func exitOnError(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// Trust returns the client's refusal of applications that need --trust and do not get it.
func Trust(sortedNames []string) error {
	return fmt.Errorf("Bundle cannot be deployed without trusting applications with your cloud credentials.\n"+
		"Please repeat the deploy command with the --trust argument if you consent to trust the following application(s):\n"+
		"  - %s", strings.Join(sortedNames, "\n  - "))
}

// Ignored returns the client's warning about fields that it does not know, or nothing.
func Ignored(unknown []error) string {
	text := ""
	for _, err := range unknown {
		text = fmt.Sprintf("%s\n %s\n", text, err)
	}
	if text == "" {
		return ""
	}
	return fmt.Sprintf("These fields%swill be ignored during deployment\n", text)
}

// IsLocal returns whether a charm is uploaded from a file.
func IsLocal(charm string) bool {
	return strings.HasPrefix(charm, ".") || strings.HasPrefix(charm, "/") || strings.HasPrefix(charm, "local:")
}

// SortedNames returns the names of applications in order. Each release has its own type of them.
func SortedNames[Application any](applications map[string]Application) []string {
	names := make([]string, 0, len(applications))
	for name := range applications {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
