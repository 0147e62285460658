"""Write verdicts.json: what the parsers of MetalLB's releases say of the texts beside it.

    python -m helpers.recorders.metallb_verdicts PATH-OF-A-CLONE-OF-METALLB

Needs Go and the clone with its tags; each release's own package is compiled with a small program
that hands it the texts. The release's native BGP mode judges, the one that this charm installs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parents[2] / "charms/metallb"
RELEASES = ("v0.8.1", "v0.8.3", "v0.9.3", "v0.9.8", "v0.10.3", "v0.11.0", "v0.12.1")
PROGRAM = """\
package main

import (
	"encoding/json"
	"os"

	"go.universe.tf/metallb/internal/config"
)

func main() {
	var texts, verdicts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		panic(err)
	}
	for _, text := range texts {
		_, err := config.Parse([]byte(text)%s)
		if err == nil {
			verdicts = append(verdicts, "")
		} else {
			verdicts = append(verdicts, err.Error())
		}
	}
	json.NewEncoder(os.Stdout).Encode(verdicts)
}
"""


def verdicts(clone: Path, release: str, texts: list[str]) -> list[str]:
    """Return what a release says of each text; empty when it takes it."""
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "-C", str(clone), "archive", release], check=True, capture_output=True
        )
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        shutil.rmtree(Path(folder, "vendor"), ignore_errors=True)
        main = Path(folder, "verdict", "main.go")
        main.parent.mkdir()
        native = ", config.DiscardFRROnly" if release == "v0.12.1" else ""
        main.write_text(PROGRAM % native, encoding="utf-8")
        done = subprocess.run(
            ["go", "run", "-mod=mod", "./verdict"],
            cwd=folder, input=json.dumps(texts), text=True, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{release}: {done.stderr[-2000:]}")
        return list(json.loads(done.stdout))


def main() -> None:
    """Record all releases."""
    clone = Path(sys.argv[1])
    entries = yaml.safe_load((HERE / "verdicts_texts.yaml").read_text(encoding="utf-8"))
    named = {name: text for entry in entries for name, text in entry.items()}
    found = {
        release: dict(zip(named, verdicts(clone, release, list(named.values())), strict=True))
        for release in RELEASES
    }
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    (HERE / "verdicts.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
