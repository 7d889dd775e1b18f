// What Go says about templates, quoting, numbers and characters: the reference that the Rust code is compared with.
//
//	go run . answer < questions   one answer per line; see src/differential.rs for the questions
//	go run . record < cases.jsonl   gives each {"name": …, "text": …} Go's dump or error, as in ../tests/inputs/parse/go.jsonl
//	go run . tables   the tables of src/unicode.rs
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"sort"
	"strconv"
	"strings"
	"text/template/parse"
	"unicode"
)

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "answer":
		eachLine(in, func(line string) { fmt.Fprintln(out, answer(strings.Fields(line))) })
	case "record":
		eachLine(in, func(line string) { record(line, out) })
	case "tables":
		table(out, "PRINTABLE", strconv.IsPrint)
		table(out, "ALPHANUMERIC", isAlphaNumeric)
	default:
		fmt.Fprintln(os.Stderr, "usage: answer | record | tables")
		os.Exit(2)
	}
}

func eachLine(in *bufio.Reader, do func(string)) {
	for {
		line, err := in.ReadString('\n')
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			do(line)
		}
		if err != nil {
			return
		}
	}
}

// answer takes a question as words; all texts in it are hexadecimal.
func answer(words []string) string {
	arg := func(i int) string {
		if i >= len(words) {
			return ""
		}
		b, err := hex.DecodeString(words[i])
		if err != nil {
			panic(err)
		}
		return string(b)
	}
	quoted := func(s string, err error) string {
		if err != nil {
			return "error " + strconv.QuoteToASCII(err.Error())
		}
		return "ok " + strconv.QuoteToASCII(s)
	}
	switch words[0] {
	case "parse", "parse-with-loops": // The latter has functions named break and continue.
		dump, err := parseAll("t", arg(1), words[0] == "parse-with-loops")
		return quoted(dump, err)
	case "parse-any": // All names are functions.
		tree := parse.New("t")
		tree.Mode = parse.SkipFuncCheck
		trees := map[string]*parse.Tree{}
		if _, err := tree.Parse(arg(1), "", "", trees); err != nil {
			return quoted("", err)
		}
		return quoted(dumpAll(trees), nil)
	case "quote":
		s := arg(1)
		return quoted(strconv.Quote(s)+strconv.QuoteToASCII(s)+fmt.Sprint(strconv.CanBackquote(s)), nil)
	case "unquote":
		return quoted(strconv.Unquote(arg(1)))
	case "number":
		f, ferr := strconv.ParseFloat(arg(1), 64)
		i0, i0err := strconv.ParseInt(arg(1), 0, 64)
		i10, i10err := strconv.ParseInt(arg(1), 10, 64)
		u0, u0err := strconv.ParseUint(arg(1), 0, 64)
		if ferr != nil {
			f = 0
		}
		if i0err != nil {
			i0 = 0
		}
		if i10err != nil {
			i10 = 0
		}
		if u0err != nil {
			u0 = 0
		}
		return quoted(fmt.Sprintf("%s %v;%d %v;%d %v;%d %v", bits(f), ferr, i0, i0err, i10, i10err, u0, u0err), nil)
	case "classes": // Of all characters, as one number each.
		var b strings.Builder
		for r := rune(0); r <= unicode.MaxRune; r++ {
			class := 0
			if strconv.IsPrint(r) != unicode.IsPrint(r) {
				panic("IsPrint")
			}
			if strconv.IsPrint(r) {
				class |= 1
			}
			if isAlphaNumeric(r) {
				class |= 2
			}
			b.WriteByte(byte('0' + class))
		}
		return b.String()
	}
	panic("unknown question")
}

func isAlphaNumeric(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

func record(line string, out *bufio.Writer) {
	var c struct {
		Name  string `json:"name"`
		Text  string `json:"text,omitempty"`
		Hex   string `json:"hex,omitempty"` // Instead of text, if that is not UTF-8.
		Dump  string `json:"dump,omitempty"`
		Error string `json:"error,omitempty"`
	}
	if err := json.Unmarshal([]byte(line), &c); err != nil {
		panic(err)
	}
	text := c.Text
	if c.Hex != "" {
		b, err := hex.DecodeString(c.Hex)
		if err != nil {
			panic(err)
		}
		text = string(b)
	}
	dump, err := parseAll(c.Name, text, false)
	c.Dump, c.Error = dump, ""
	if err != nil {
		c.Dump, c.Error = "", err.Error()
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(c); err != nil {
		panic(err)
	}
	out.Write(b.Bytes())
}

var functions = map[string]any{}

func init() {
	for _, name := range strings.Fields(`and call html index slice js len not or print printf println urlquery eq ge gt le
		lt ne upper include quote default list dict fail été 世界 _x x1`) {
		functions[name] = name
	}
}

func parseAll(name, text string, loops bool) (dump string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("PANIC: %v", r)
		}
	}()
	funcs := []map[string]any{functions}
	if loops {
		funcs = append(funcs, map[string]any{"break": 1, "continue": 1})
	}
	trees, err := parse.Parse(name, text, "", "", funcs...)
	if err != nil {
		return "", err
	}
	return dumpAll(trees), nil
}

func dumpAll(trees map[string]*parse.Tree) string {
	names := make([]string, 0, len(trees))
	for name := range trees {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	for _, name := range names {
		tree := trees[name]
		fmt.Fprintf(&b, "template %q\n", name)
		d := dumper{&b, tree}
		d.node(tree.Root, 1)
		fmt.Fprintf(&b, "  as %q\n", tree.Root.String())
	}
	return b.String()
}

type dumper struct {
	b    *strings.Builder
	tree *parse.Tree
}

func (d *dumper) line(n parse.Node, depth int, format string, args ...any) {
	location, _ := d.tree.ErrorContext(n)
	location = strings.TrimPrefix(location, d.tree.ParseName+":")
	fmt.Fprintf(d.b, "%s%s at %d (%s)\n", strings.Repeat("  ", depth), fmt.Sprintf(format, args...), n.Position(), location)
}

func (d *dumper) node(n parse.Node, depth int) {
	switch n := n.(type) {
	case *parse.ListNode:
		d.line(n, depth, "list")
		for _, n := range n.Nodes {
			d.node(n, depth+1)
		}
	case *parse.TextNode:
		d.line(n, depth, "text %q", n.Text)
	case *parse.ActionNode:
		d.line(n, depth, "action")
		d.node(n.Pipe, depth+1)
	case *parse.IfNode:
		d.branch(n, &n.BranchNode, "if", depth)
	case *parse.WithNode:
		d.branch(n, &n.BranchNode, "with", depth)
	case *parse.RangeNode:
		d.branch(n, &n.BranchNode, "range", depth)
	case *parse.BreakNode:
		d.line(n, depth, "break")
	case *parse.ContinueNode:
		d.line(n, depth, "continue")
	case *parse.TemplateNode:
		d.line(n, depth, "template %q", n.Name)
		if n.Pipe != nil {
			d.node(n.Pipe, depth+1)
		}
	case *parse.PipeNode:
		operator := ""
		if n.IsAssign {
			operator = " ="
		} else if len(n.Decl) > 0 {
			operator = " :="
		}
		d.line(n, depth, "pipe%s", operator)
		for _, v := range n.Decl {
			d.node(v, depth+1)
		}
		for _, c := range n.Cmds {
			d.node(c, depth+1)
		}
	case *parse.CommandNode:
		d.line(n, depth, "command")
		for _, n := range n.Args {
			d.node(n, depth+1)
		}
	case *parse.IdentifierNode:
		d.line(n, depth, "function %s", n.Ident)
	case *parse.FieldNode:
		d.line(n, depth, "field .%s", strings.Join(n.Ident, "."))
	case *parse.VariableNode:
		d.line(n, depth, "variable %s", strings.Join(n.Ident, "."))
	case *parse.ChainNode:
		d.line(n, depth, "chain .%s", strings.Join(n.Field, "."))
		d.node(n.Node, depth+1)
	case *parse.DotNode:
		d.line(n, depth, "dot")
	case *parse.NilNode:
		d.line(n, depth, "nil")
	case *parse.BoolNode:
		d.line(n, depth, "bool %t", n.True)
	case *parse.NumberNode:
		as := ""
		if n.IsInt {
			as += fmt.Sprintf(" int %d", n.Int64)
		}
		if n.IsUint {
			as += fmt.Sprintf(" uint %d", n.Uint64)
		}
		if n.IsFloat {
			as += " float " + bits(n.Float64)
		}
		if n.IsComplex {
			as += " complex " + bits(real(n.Complex128)) + " " + bits(imag(n.Complex128))
		}
		d.line(n, depth, "number %q%s", n.Text, as)
	case *parse.StringNode:
		d.line(n, depth, "string %q", n.Text)
	default:
		panic(fmt.Sprintf("%T", n))
	}
}

func (d *dumper) branch(n parse.Node, b *parse.BranchNode, name string, depth int) {
	d.line(n, depth, "%s", name)
	d.node(b.Pipe, depth+1)
	d.node(b.List, depth+1)
	if b.ElseList != nil {
		d.node(b.ElseList, depth+1)
	}
}

func bits(f float64) string {
	return fmt.Sprintf("%016x", math.Float64bits(f))
}

func table(out *bufio.Writer, name string, contains func(rune) bool) {
	var bounds []string
	inside := false
	for r := rune(0); r <= unicode.MaxRune+1; r++ {
		if is := r <= unicode.MaxRune && contains(r); is != inside {
			bounds = append(bounds, fmt.Sprintf("%#x", r))
			inside = is
		}
	}
	fmt.Fprintf(out, "const %s: [u32; %d] = [\n", name, len(bounds))
	line := "   "
	for _, bound := range bounds {
		if len(line)+len(bound)+2 > 110 {
			fmt.Fprintln(out, line)
			line = "   "
		}
		line += " " + bound + ","
	}
	fmt.Fprintf(out, "%s\n];\n", line)
}
