"""Write verdicts.json: what the parsers of MetalLB's releases say about verdicts_texts.yaml.

    python -m helpers.recorders.metallb_verdicts PATH-OF-A-CLONE-OF-METALLB

Needs Go, and the clone with its tags. Each release's own package is compiled with a small program
that passes the texts to it. The verdict is that of the native BGP mode, which the charm installs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

DIRECTORY = Path(__file__).resolve().parents[2] / "charms/metallb/config"
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
		_, err := config.Parse([]byte(text)VALIDATE)
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
    """Return what a release says about each text; empty when it accepts the text."""
    with tempfile.TemporaryDirectory() as directory:
        archive = subprocess.run(
            ["git", "-C", str(clone), "archive", release], check=True, capture_output=True
        )
        subprocess.run(["tar", "-x", "-C", directory], input=archive.stdout, check=True)
        shutil.rmtree(Path(directory, "vendor"), ignore_errors=True)
        main = Path(directory, "verdict", "main.go")
        main.parent.mkdir()
        validate = ", config.DiscardFRROnly" if release == "v0.12.1" else ""
        main.write_text(PROGRAM.replace("VALIDATE", validate), encoding="utf-8")
        done = subprocess.run(
            ["go", "run", "-mod=mod", "./verdict"],
            cwd=directory, input=json.dumps(texts), text=True, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{release}: {done.stderr[-2000:]}")
        return list(json.loads(done.stdout))


def main() -> None:
    """Record all releases."""
    clone = Path(sys.argv[1])
    entries = yaml.safe_load((DIRECTORY / "verdicts_texts.yaml").read_text(encoding="utf-8"))
    texts = {name: text for entry in entries for name, text in entry.items()}
    record = {
        release: dict(zip(texts, verdicts(clone, release, list(texts.values())), strict=True))
        for release in RELEASES
    }
    content = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (DIRECTORY / "verdicts.json").write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
