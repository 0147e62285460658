// Judges bundles as the client of Juju 3.6 does before it asks the controller to change anything.
package main

import (
	"os"

	"example.org/botlab/shape"
	"github.com/juju/charm/v12"
	"github.com/juju/cmd/v3"
	"github.com/juju/errors"
	"github.com/juju/loggo"

	"github.com/juju/juju/cmd/juju/application/bundle"
	"github.com/juju/juju/core/base"
	changes "github.com/juju/juju/core/bundle/changes"
	"github.com/juju/juju/core/constraints"
)

func judge(r shape.Request, j *shape.Judgement) {
	log.entries = nil
	source, err := charm.LocalBundleDataSource(r.Path)
	if err != nil {
		j.Refuse("read", "cannot deploy bundle: ", err)
		return
	}
	data, unknown, err := bundle.ComposeAndVerifyBundle(&cmd.Context{}, source, r.Overlays)
	if err != nil {
		j.Refuse("verify", "cannot deploy bundle: ", err)
		return
	}
	j.Warnings = append(j.Warnings, log.entries...)
	if text := shape.Ignored(unknown); text != "" {
		j.Warnings = append(j.Warnings, text)
	}
	model, err := constraints.Parse(r.ModelConstraints)
	if err == nil {
		err = checkImageIDs(data, model)
	}
	if err != nil {
		j.Refuse("verify", "", err)
		return
	}
	if names := needTrust(data); len(names) > 0 && !r.Trust {
		j.Refuse("trust", "", shape.Trust(names))
		return
	}
	if err := resolveCharms(data); err != nil {
		j.Refuse("resolve", "cannot deploy bundle: ", err)
		return
	}
	plan(data, model, j)
}

// checkImageIDs does what deployBundle.checkExplicitSeries does.
func checkImageIDs(data *charm.BundleData, model constraints.Value) error {
	for _, spec := range data.Applications {
		hasImageID, err := usesImageID(data, spec)
		if err != nil {
			return err
		}
		if (hasImageID || model.HasImageID()) && spec.Series+spec.Base+data.Series+data.DefaultBase == "" {
			return errors.Forbiddenf("base must be explicitly provided for %q when image-id constraint is used", spec.Charm)
		}
	}
	return nil
}

// usesImageID fails as Juju does for a placement that only Kubernetes understands: with a panic.
func usesImageID(data *charm.BundleData, spec *charm.ApplicationSpec) (bool, error) {
	texts := []string{spec.Constraints}
	for _, to := range spec.To {
		placement, _ := charm.ParsePlacement(to)
		if machine := data.Machines[placement.Machine]; machine != nil {
			texts = append(texts, machine.Constraints)
		}
	}
	for _, text := range texts {
		value, err := constraints.Parse(text)
		if err != nil || value.HasImageID() {
			return true, err
		}
	}
	return false, nil
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
		if url.Revision != -1 {
			return errors.Errorf("cannot specify revision in %q, please use revision", url)
		}
		var channel charm.Channel
		if spec.Channel != "" {
			if channel, err = charm.ParseChannelNormalize(spec.Channel); err != nil {
				return errors.Annotatef(err, "for application %q", spec.Charm)
			}
		}
		if spec.Revision != nil && *spec.Revision != -1 && channel.Empty() {
			return errors.Errorf("application %q with a revision requires a channel for future upgrades, please use channel", name)
		}
		if err := checkBase(spec); err != nil {
			return err
		}
		spec.Charm = (&charm.URL{Schema: charm.CharmHub.String(), Name: url.Name, Revision: -1}).String()
	}
	return nil
}

func checkBase(spec *charm.ApplicationSpec) (err error) {
	var value base.Base
	if spec.Base != "" {
		value, err = base.ParseBaseFromString(spec.Base)
	} else if spec.Series != "" {
		value, err = base.GetBaseFromSeries(spec.Series)
	}
	if err != nil {
		return err
	}
	return checkPlatform(value)
}

// checkPlatform does what MakePlatform and MakeOrigin of the package utils do.
func checkPlatform(value base.Base) error {
	os, track := value.OS, value.Channel.Track
	if kubernetes := base.Kubernetes.String(); os == kubernetes || track == kubernetes {
		os, track = base.LegacyKubernetesBase().OS, base.LegacyKubernetesBase().Channel.Track
	}
	if os == "" || track == "" {
		return nil
	}
	_, err := base.ParseBase(os, track)
	return err
}

func resolve(text string) (*charm.URL, error) {
	path, err := charm.EnsureSchema(text, charm.CharmHub)
	if err != nil {
		return nil, err
	}
	return charm.ParseURL(path)
}

// resolveRevision does what bundleHandler.resolveCharmChannelAndRevision does.
func resolveRevision(text string, value base.Base, channel, arch string, revision int) (string, int, error) {
	if shape.IsLocal(text) {
		return channel, -1, nil
	}
	url, err := resolve(text)
	if err != nil {
		return "", -1, err
	}
	if url.Revision >= 0 && channel != "" {
		return channel, url.Revision, nil
	}
	if channel != "" {
		parsed, err := charm.ParseChannelNormalize(channel)
		if err != nil {
			return "", -1, err
		}
		channel = parsed.String()
	}
	return channel, revision, checkPlatform(value)
}

func plan(data *charm.BundleData, model constraints.Value, j *shape.Judgement) {
	list, err := changes.FromData(changes.ChangesConfig{
		Bundle:           data,
		Model:            &changes.Model{ConstraintsEqual: func(a, b string) bool { return a == b }},
		Logger:           loggo.GetLogger("oracle"),
		ConstraintGetter: func(text string) changes.ArchConstraint { return arch{text, model} },
		CharmResolver:    resolveRevision,
	})
	if err != nil {
		j.Refuse("plan", "cannot deploy bundle: ", err)
		return
	}
	for _, change := range list {
		j.Add(change, change.GUIArgs())
	}
	checkMachines(list, j)
}

// checkMachines parses the bases of machines, which a dry run does while it prints the changes.
func checkMachines(list []changes.Change, j *shape.Judgement) {
	for _, change := range list {
		if machine, ok := change.(*changes.AddMachineChange); ok && machine.Params.Base != "" {
			if _, err := base.ParseBaseFromString(machine.Params.Base); err != nil {
				j.Refuse("plan", "cannot deploy bundle: ", err)
			}
		}
	}
}

type arch struct {
	text  string
	model constraints.Value
}

func (a arch) Arch() (string, error) {
	value, err := constraints.Parse(a.text)
	if err != nil {
		return "", err
	}
	return constraints.ArchOrDefault(value, &a.model), nil
}

// memory keeps the client's warnings.
type memory struct{ entries []string }

var log memory

func (m *memory) Write(entry loggo.Entry) {
	if entry.Level == loggo.WARNING && entry.Module == "cmd" {
		m.entries = append(m.entries, entry.Message)
	}
}

func main() {
	if _, err := loggo.ReplaceDefaultWriter(&log); err != nil {
		os.Exit(2)
	}
	shape.Main(judge)
}
