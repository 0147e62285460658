// Judges bundles as the client of Juju 2.9 does before it asks the controller to change anything.
//
// The planner and the grammars are those of 2.9.21, the newest 2.9 that is to be had as a Go module.
package main

import (
	"strings"

	"example.org/botlab/shape"
	"github.com/juju/charm/v8"
	"github.com/juju/errors"
	"github.com/juju/os/v2/series"

	"github.com/juju/juju/core/arch"
	changes "github.com/juju/juju/core/bundle/changes"
	"github.com/juju/juju/core/constraints"
	"github.com/juju/juju/core/devices"
	"github.com/juju/juju/storage"
)

func judge(r shape.Request, j *shape.Judgement) {
	source, err := charm.LocalBundleDataSource(r.Path)
	if err != nil {
		j.Refuse("read", "cannot deploy bundle: ", err)
		return
	}
	data, unknown, err := compose(source, r.Overlays)
	if err != nil {
		j.Refuse("verify", "cannot deploy bundle: ", err)
		return
	}
	if text := shape.Ignored(unknown); text != "" {
		j.Warnings = append(j.Warnings, text)
	}
	if data.UnmarshaledWithServices() {
		j.Warnings = append(j.Warnings, `"services" key found in bundle file is deprecated, superseded by "applications" key.`)
	}
	if names := needTrust(data); len(names) > 0 && !r.Trust {
		j.Refuse("trust", "", shape.Trust(names))
		return
	}
	if err := resolveCharms(data); err != nil {
		j.Refuse("resolve", "cannot deploy bundle: ", err)
		return
	}
	model, err := constraints.Parse(r.ModelConstraints)
	if err != nil {
		j.Refuse("verify", "", err)
		return
	}
	plan(data, model, j)
}

// compose does what ComposeAndVerifyBundle of the package cmd/juju/application/bundle does.
func compose(base charm.BundleDataSource, overlays []string) (*charm.BundleData, []error, error) {
	sources := []charm.BundleDataSource{base}
	for _, overlay := range overlays {
		source, err := charm.LocalBundleDataSource(overlay)
		if err != nil {
			return nil, nil, errors.Annotatef(err, "unable to process overlays")
		}
		sources = append(sources, source)
	}
	var unknown []error
	for _, source := range sources {
		for _, part := range source.Parts() {
			if part.UnmarshallError != nil {
				unknown = append(unknown, part.UnmarshallError)
			}
		}
	}
	data, err := charm.ReadAndMergeBundleData(sources...)
	if err != nil {
		return nil, nil, err
	}
	return data, unknown, verify(data, base.BasePath())
}

func verify(data *charm.BundleData, folder string) error {
	err := data.VerifyLocal(folder,
		func(text string) error { _, err := constraints.Parse(text); return err },
		func(text string) error { _, err := storage.ParseConstraints(text); return err },
		func(text string) error { _, err := devices.ParseConstraints(text); return err },
	)
	if list, ok := errors.Cause(err).(*charm.VerificationError); ok {
		texts := make([]string, len(list.Errors))
		for i, fault := range list.Errors {
			texts[i] = fault.Error()
		}
		return errors.New(shape.Listed + strings.Join(texts, "\n"))
	}
	return err
}

// needTrust does what appsRequiringTrust of the package deployer does.
func needTrust(data *charm.BundleData) (names []string) {
	for _, name := range shape.SortedNames(data.Applications) {
		spec := data.Applications[name]
		if spec.RequiresTrust {
			names = append(names, name)
			continue
		}
		if trust, _ := spec.Options["trust"].(bool); trust {
			names = append(names, name)
		}
	}
	return names
}

// resolveCharms does what bundleHandler.resolveCharmsAndEndpoints does for a store that has every charm.
func resolveCharms(data *charm.BundleData) error {
	for _, name := range shape.SortedNames(data.Applications) {
		spec := data.Applications[name]
		if shape.IsLocal(spec.Charm) {
			continue
		}
		url, err := resolve(spec.Charm)
		if err != nil {
			return err
		}
		if charm.CharmHub.Matches(url.Schema) {
			err = checkCharmHub(name, spec, url)
		} else if url.Schema == "cs" && spec.Revision != nil && *spec.Revision != -1 {
			if url.Revision != -1 && url.Revision != *spec.Revision {
				err = errors.Errorf("two different revisions to deploy %q: specified %d and %d, please choose one.",
					name, url.Revision, *spec.Revision)
			}
			url = url.WithRevision(*spec.Revision)
		}
		if err != nil {
			return err
		}
		if spec.Channel != "" {
			if _, err := charm.ParseChannelNormalize(spec.Channel); err != nil {
				return err
			}
		}
		if err := checkSeries(spec.Series); err != nil {
			return err
		}
		if charm.CharmHub.Matches(url.Schema) {
			url = &charm.URL{Schema: charm.CharmHub.String(), Name: url.Name, Revision: -1}
		}
		spec.Charm = url.String()
	}
	return nil
}

func checkCharmHub(name string, spec *charm.ApplicationSpec, url *charm.URL) error {
	if url.Revision != -1 {
		return errors.Errorf("cannot specify revision in %q, please use revision", url)
	}
	var channel charm.Channel
	if spec.Channel != "" {
		var err error
		if channel, err = charm.ParseChannelNormalize(spec.Channel); err != nil {
			return errors.Annotatef(err, "for application %q", spec.Charm)
		}
	}
	if spec.Revision != nil && *spec.Revision != -1 && channel.Empty() {
		return errors.Errorf("application %q with a revision requires a channel for future upgrades, please use channel", name)
	}
	return nil
}

// checkSeries does what DeducePlatform of the package utils does, in the words of late 2.9 releases.
func checkSeries(name string) error {
	if name == "" {
		return nil
	}
	if _, err := series.GetOSFromSeries(name); err != nil {
		return errors.NotValidf("series %q", name)
	}
	return nil
}

func resolve(text string) (*charm.URL, error) {
	path, err := charm.EnsureSchema(text, charm.CharmHub)
	if err != nil {
		return nil, err
	}
	return charm.ParseURL(path)
}

// resolveRevision does what bundleHandler.resolveCharmChannelAndRevision does.
func resolveRevision(text, series, channel, _ string, revision int) (string, int, error) {
	if shape.IsLocal(text) {
		return channel, -1, nil
	}
	if url, err := charm.ParseURL(text); err == nil {
		if charm.Local.Matches(url.Schema) {
			return channel, -1, nil
		}
		if url.Revision >= 0 && channel != "" {
			return channel, url.Revision, nil
		}
	}
	url, err := resolve(text)
	if err != nil {
		return "", -1, err
	}
	if revision != -1 {
		url = url.WithRevision(revision)
	}
	if channel != "" {
		parsed, err := charm.ParseChannelNormalize(channel)
		if err != nil {
			return "", -1, err
		}
		channel = parsed.String()
	}
	if err := checkSeries(series); err != nil {
		return "", -1, err
	}
	if charm.CharmHub.Matches(url.Schema) {
		return channel, url.Revision, nil
	}
	return channel, -1, nil
}

func plan(data *charm.BundleData, model constraints.Value, j *shape.Judgement) {
	list, err := changes.FromData(changes.ChangesConfig{
		Bundle:           data,
		Model:            &changes.Model{ConstraintsEqual: func(a, b string) bool { return a == b }},
		Logger:           silent{},
		ConstraintGetter: func(text string) changes.ArchConstraint { return archOf{text, model} },
		CharmResolver:    resolveRevision,
	})
	if err != nil {
		j.Refuse("plan", "cannot deploy bundle: ", err)
		return
	}
	for _, change := range list {
		j.Add(change, change.GUIArgs())
	}
}

type silent struct{}

func (silent) Tracef(string, ...interface{}) {}

type archOf struct {
	text  string
	model constraints.Value
}

func (a archOf) Arch() (string, error) {
	value, err := constraints.Parse(a.text)
	if err != nil {
		return "", err
	}
	return arch.ConstraintArch(value, &a.model), nil
}

func main() { shape.Main(judge) }
