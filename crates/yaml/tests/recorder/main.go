// The recorder asks the Go libraries that Helm uses what they make of documents and values, and
// writes the answers down. See README.md.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"strconv"
	"strings"

	yamlv2 "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
	goyaml "sigs.k8s.io/yaml/goyaml.v3"
)

func guard(f func() string) (out string) {
	defer func() {
		if r := recover(); r != nil {
			out = fmt.Sprintf("panic:%v", r)
		}
	}()
	return f()
}

func decoded(data []byte, target any, unmarshal func([]byte, any) error) string {
	return guard(func() string {
		if err := unmarshal(data, target); err != nil {
			return "err:" + err.Error()
		}
		text, err := json.Marshal(target)
		if err != nil {
			return "err:json " + err.Error()
		}
		return "ok:" + string(text)
	})
}

func toYaml(v any) string {
	return guard(func() string {
		text, err := yaml.Marshal(v)
		if err != nil {
			return "err:" + err.Error()
		}
		return "ok:" + string(text)
	})
}

func toYamlPretty(v any) string {
	return guard(func() string {
		var text bytes.Buffer
		encoder := goyaml.NewEncoder(&text)
		encoder.SetIndent(2)
		if err := encoder.Encode(v); err != nil {
			return "err:" + err.Error()
		}
		return "ok:" + text.String()
	})
}

// Six answers to a document: as a map, as a list, as a map strictly, re-emitted both ways, events.
func read(data []byte) [6]string {
	loose := func(data []byte, v any) error { return yaml.Unmarshal(data, v) }
	strict := func(data []byte, v any) error { return yaml.UnmarshalStrict(data, v) }
	var answers [6]string
	answers[0] = decoded(data, &map[string]any{}, loose)
	answers[1] = decoded(data, &[]any{}, loose)
	answers[2] = decoded(data, &map[string]any{}, strict)
	var v any
	var err error
	if failed := guard(func() string { err = yaml.Unmarshal(data, &v); return "" }); failed != "" {
		answers[3], answers[4] = failed, failed
	} else if err != nil {
		answers[3], answers[4] = "err:"+err.Error(), "err:"+err.Error()
	} else {
		answers[3], answers[4] = toYaml(v), toYamlPretty(v)
	}
	answers[5] = guard(func() string { return yamlv2.DumpEvents(data) })
	return answers
}

var names = [6]string{"map", "list", "strict", "toYaml", "toYamlPretty", "events"}

// readText reads lines `source "…"` and writes each with its answers.
func readText(in *bufio.Scanner, out *bufio.Writer) {
	for in.Scan() {
		line := in.Text()
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "==") {
			fmt.Fprintln(out, line)
			continue
		}
		quoted, found := strings.CutPrefix(line, "source ")
		if !found {
			continue
		}
		source, err := strconv.Unquote(quoted)
		if err != nil {
			panic(line)
		}
		fmt.Fprintln(out, "source "+strconv.QuoteToASCII(source))
		answers := read([]byte(source))
		for i, answer := range answers {
			// What a line before has said is not said again.
			same := -1
			for k := 0; k < i; k++ {
				if answers[k] == answer {
					same = k
					break
				}
			}
			if same >= 0 {
				fmt.Fprintf(out, "%s = %s\n", names[i], names[same])
			} else {
				fmt.Fprintf(out, "%s %s\n", names[i], strconv.QuoteToASCII(answer))
			}
		}
	}
}

// readPack reads frames and writes each with the FNV-1a hashes of its answers.
func readPack(in io.Reader, out *bufio.Writer) {
	for {
		var length [4]byte
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return
		}
		data := make([]byte, binary.LittleEndian.Uint32(length[:]))
		if _, err := io.ReadFull(in, data); err != nil {
			panic(err)
		}
		out.Write(length[:])
		out.Write(data)
		for _, answer := range read(data) {
			hash := fnv.New64a()
			hash.Write([]byte(answer))
			binary.Write(out, binary.LittleEndian, hash.Sum64())
		}
	}
}

// serve answers frames with frames, until the input ends.
func serve(in io.Reader, out *bufio.Writer, answer func([]byte) []string) {
	reader := bufio.NewReaderSize(in, 1<<20)
	for {
		var length [4]byte
		if _, err := io.ReadFull(reader, length[:]); err != nil {
			return
		}
		data := make([]byte, binary.LittleEndian.Uint32(length[:]))
		if _, err := io.ReadFull(reader, data); err != nil {
			panic(err)
		}
		for _, text := range answer(data) {
			binary.LittleEndian.PutUint32(length[:], uint32(len(text)))
			out.Write(length[:])
			out.WriteString(text)
		}
		if reader.Buffered() == 0 {
			out.Flush()
		}
	}
}

// emitText reads lines `value …` and writes each with its answers.
func emitText(in *bufio.Scanner, out *bufio.Writer) {
	for in.Scan() {
		line := in.Text()
		if strings.HasPrefix(line, "#") {
			fmt.Fprintln(out, line)
			continue
		}
		literal, found := strings.CutPrefix(line, "value ")
		if !found {
			continue
		}
		fmt.Fprintln(out, line)
		p := &parser{text: literal}
		value := p.value()
		fmt.Fprintln(out, "toYaml "+strconv.QuoteToASCII(toYaml(value)))
		fmt.Fprintln(out, "toYamlPretty "+strconv.QuoteToASCII(toYamlPretty(value)))
	}
}

// parser reads values: nil, true, 1i (int64), 1u (uint64), 1.5 (float64), "s", b"s" ([]byte), [1i], {"k": 1i}.
type parser struct{ text string }

func (p *parser) skip() { p.text = strings.TrimLeft(p.text, " ,") }

func (p *parser) take(prefix string) bool {
	rest, found := strings.CutPrefix(p.text, prefix)
	if found {
		p.text = rest
	}
	return found
}

func (p *parser) quoted() string {
	prefix, err := strconv.QuotedPrefix(p.text)
	if err != nil {
		panic(p.text)
	}
	p.text = p.text[len(prefix):]
	text, _ := strconv.Unquote(prefix)
	return text
}

func (p *parser) value() any {
	p.skip()
	switch {
	case p.take("nil"):
		return nil
	case p.take("true"):
		return true
	case p.take("false"):
		return false
	case p.take("NaN"):
		return nan
	case p.take("+Inf"):
		return inf
	case p.take("-Inf"):
		return -inf
	case strings.HasPrefix(p.text, `"`):
		return p.quoted()
	case strings.HasPrefix(p.text, `b"`):
		p.text = p.text[1:]
		return []byte(p.quoted())
	case p.take("["):
		list := []any{}
		for {
			p.skip()
			if p.take("]") {
				return list
			}
			list = append(list, p.value())
		}
	case p.take("{"):
		m := map[string]any{}
		for {
			p.skip()
			if p.take("}") {
				return m
			}
			key := p.quoted()
			p.skip()
			if !p.take(":") {
				panic(p.text)
			}
			m[key] = p.value()
		}
	}
	end := strings.IndexAny(p.text, " ,]}")
	if end < 0 {
		end = len(p.text)
	}
	number := p.text[:end]
	p.text = p.text[end:]
	var value any
	var err error
	if digits, found := strings.CutSuffix(number, "i"); found {
		value, err = strconv.ParseInt(digits, 10, 64)
	} else if digits, found := strings.CutSuffix(number, "u"); found {
		value, err = strconv.ParseUint(digits, 10, 64)
	} else {
		value, err = strconv.ParseFloat(number, 64)
	}
	if err != nil {
		panic(err)
	}
	return value
}

var zero float64
var inf = 1 / zero
var nan = inf - inf

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<28)
	switch os.Args[1] {
	case "read":
		readText(lines, out)
	case "emit":
		emitText(lines, out)
	case "hash":
		readPack(bufio.NewReader(os.Stdin), out)
	case "documents":
		serve(os.Stdin, out, func(data []byte) []string {
			answers := read(data)
			return answers[:]
		})
	case "values":
		serve(os.Stdin, out, func(data []byte) []string {
			value := (&parser{text: string(data)}).value()
			return []string{toYaml(value), toYamlPretty(value)}
		})
	}
}
