// Command dex serves dex's own pages over plain HTTP, with one client and one user, as Kubeflow
// sets it up: the approval is skipped, and passwords are known by their bcrypt hashes. Its own
// command is not built here: that one needs a C compiler for its database.
package main

import (
	"context"
	"encoding/json"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/dexidp/dex/server"
	"github.com/dexidp/dex/storage"
	"github.com/dexidp/dex/storage/memory"
	"github.com/dexidp/dex/web"
	"github.com/prometheus/client_golang/prometheus"
)

// wish is what comes by standard input.
type wish struct {
	Listen, Issuer, Client, Secret, Redirect, Email, Hash string
	Approval                                              bool
}

func main() {
	var found wish
	if err := json.NewDecoder(os.Stdin).Decode(&found); err != nil {
		log.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	refresh, err := server.NewRefreshTokenPolicy(logger, false, "", "", "")
	if err != nil {
		log.Fatal(err)
	}
	handler, err := server.NewServer(context.Background(), server.Config{
		Issuer:             found.Issuer,
		Storage:            stored(found, logger),
		SkipApprovalScreen: !found.Approval,
		IDTokensValidFor:   time.Hour,
		RefreshTokenPolicy: refresh,
		Web:                server.WebConfig{WebFS: web.FS()},
		Logger:             logger,
		PrometheusRegistry: prometheus.NewRegistry(),
	})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(found.Listen, handler))
}

func stored(found wish, logger *slog.Logger) storage.Storage {
	clients := []storage.Client{{
		ID: found.Client, Secret: found.Secret, RedirectURIs: []string{found.Redirect},
	}}
	users := []storage.Password{{
		Email: found.Email, Hash: []byte(found.Hash), Username: "user", UserID: "1",
	}}
	local := []storage.Connector{{ID: server.LocalConnector, Name: "Email", Type: server.LocalConnector}}
	kept := storage.WithStaticClients(memory.New(logger), clients)
	return storage.WithStaticConnectors(storage.WithStaticPasswords(kept, users, logger), local)
}
