// A provider for OpenTofu and Terraform that only knows a schema: enough for "validate".
//
// The variable STUB_SCHEMA names the schema, in the form of "tofu providers schema -json".
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type attribute struct {
	Type     json.RawMessage `json:"type"`
	Nested   *nested         `json:"nested_type"`
	Required bool            `json:"required"`
	Optional bool            `json:"optional"`
	Computed bool            `json:"computed"`
}

type nested struct {
	Attributes map[string]attribute `json:"attributes"`
	Mode       string               `json:"nesting_mode"`
}

type block struct {
	Attributes map[string]attribute `json:"attributes"`
	Blocks     map[string]inner     `json:"block_types"`
}

type inner struct {
	Mode     string `json:"nesting_mode"`
	Block    block  `json:"block"`
	MinItems int64  `json:"min_items"`
	MaxItems int64  `json:"max_items"`
}

type resource struct {
	Block block `json:"block"`
}

type document struct {
	Resources map[string]resource `json:"resource_schemas"`
}

var blockModes = map[string]tfprotov6.SchemaNestedBlockNestingMode{
	"list":   tfprotov6.SchemaNestedBlockNestingModeList,
	"set":    tfprotov6.SchemaNestedBlockNestingModeSet,
	"single": tfprotov6.SchemaNestedBlockNestingModeSingle,
}

var objectModes = map[string]tfprotov6.SchemaObjectNestingMode{
	"set": tfprotov6.SchemaObjectNestingModeSet,
	"map": tfprotov6.SchemaObjectNestingModeMap,
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func schemaOfBlock(b block) *tfprotov6.SchemaBlock {
	schema := &tfprotov6.SchemaBlock{}
	for name, a := range b.Attributes {
		schema.Attributes = append(schema.Attributes, schemaOfAttribute(name, a))
	}
	for name, i := range b.Blocks {
		schema.BlockTypes = append(schema.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Block: schemaOfBlock(i.Block), Nesting: blockModes[i.Mode],
			MinItems: i.MinItems, MaxItems: i.MaxItems,
		})
	}
	return schema
}

func schemaOfAttribute(name string, a attribute) *tfprotov6.SchemaAttribute {
	schema := &tfprotov6.SchemaAttribute{
		Name: name, Required: a.Required, Optional: a.Optional, Computed: a.Computed,
	}
	if a.Nested == nil {
		kind, err := tftypes.ParseJSONType(a.Type)
		check(err)
		schema.Type = kind
		return schema
	}
	schema.NestedType = &tfprotov6.SchemaObject{Nesting: objectModes[a.Nested.Mode]}
	for key, value := range a.Nested.Attributes {
		schema.NestedType.Attributes = append(
			schema.NestedType.Attributes, schemaOfAttribute(key, value))
	}
	return schema
}

type server struct {
	tfprotov6.ProviderServer
	resources map[string]*tfprotov6.Schema
}

func (s *server) GetMetadata(
	context.Context, *tfprotov6.GetMetadataRequest,
) (*tfprotov6.GetMetadataResponse, error) {
	return &tfprotov6.GetMetadataResponse{}, nil
}

func (s *server) GetProviderSchema(
	context.Context, *tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		Provider:          &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}},
		ResourceSchemas:   s.resources,
		DataSourceSchemas: map[string]*tfprotov6.Schema{},
	}, nil
}

func (s *server) ValidateProviderConfig(
	_ context.Context, request *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: request.Config}, nil
}

func (s *server) ValidateResourceConfig(
	context.Context, *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (s *server) StopProvider(
	context.Context, *tfprotov6.StopProviderRequest,
) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func main() {
	text, err := os.ReadFile(os.Getenv("STUB_SCHEMA"))
	check(err)
	var d document
	check(json.Unmarshal(text, &d))
	s := &server{resources: map[string]*tfprotov6.Schema{}}
	for name, r := range d.Resources {
		s.resources[name] = &tfprotov6.Schema{Block: schemaOfBlock(r.Block)}
	}
	check(tf6server.Serve("registry.opentofu.org/juju/juju", func() tfprotov6.ProviderServer {
		return s
	}))
}
