// Command containerd-config prints what containerd 2.3 makes of its configuration: the file and those
// that it imports, decoded and merged by containerd's own package.
package main

import (
	"context"
	"log"
	"os"

	"github.com/containerd/containerd/v2/cmd/containerd/server/config"
	"github.com/containerd/containerd/v2/version"
	"github.com/pelletier/go-toml/v2"
)

func main() {
	merged := &config.Config{Version: version.ConfigVersion}
	if err := config.LoadConfig(context.Background(), os.Args[1], merged); err != nil {
		log.Fatal(err)
	}
	if err := toml.NewEncoder(os.Stdout).Encode(merged); err != nil {
		log.Fatal(err)
	}
}
