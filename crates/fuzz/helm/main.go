// Answers what `helm` prints for some arguments, without a process for each.
//
// It reads JSON lines on standard input and writes one JSON line for each:
//
//	in:  {"args": ["template", "x", "/some/chart", "-n", "default"]}
//	out: {"code": 0, "stdout": "…", "stderr": "…"}
//
// Helm keeps some settings from one command to the next: -n has to be given each time.
//
// Build: go build -ldflags "-X helm.sh/helm/v4/internal/version.version=v4.2.4" -o helm-lines .
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	_ "unsafe"

	_ "github.com/spf13/cobra"
	"helm.sh/helm/v4/pkg/cmd"
)

// Each root command adds one, and each execution runs them all.
//
//go:linkname initializers github.com/spf13/cobra.initializers
var initializers []func()

type question struct {
	Args []string `json:"args"`
}

type answer struct {
	Code   int    `json:"code"`
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
}

func run(args []string) (result answer) {
	var stdout, stderr bytes.Buffer
	defer func() {
		result.Stdout, result.Stderr = stdout.String(), stderr.String()
		if r := recover(); r != nil {
			result.Code, result.Stderr = 2, fmt.Sprintf("panic: %v", r)
		}
	}()
	initializers = nil
	root, err := cmd.NewRootCmd(&stdout, args, func(bool) {})
	if err != nil {
		fmt.Fprintln(&stderr, err)
		return answer{Code: 1}
	}
	root.SetArgs(args)
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	if err := root.Execute(); err != nil {
		var failed cmd.CommandError
		if errors.As(err, &failed) {
			return answer{Code: failed.ExitCode}
		}
		return answer{Code: 1}
	}
	return answer{}
}

func main() {
	log.SetOutput(io.Discard)
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<28)
	for in.Scan() {
		var q question
		var a answer
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			a = answer{Code: 2, Stderr: err.Error()}
		} else {
			a = run(q.Args)
		}
		line, _ := json.Marshal(a)
		os.Stdout.Write(append(line, '\n'))
	}
}
