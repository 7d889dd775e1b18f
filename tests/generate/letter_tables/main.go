// Writes src/render/functions/letter_tables.rs from the tables of Go's package unicode.
//
// Run: go run . > ../../../src/render/functions/letter_tables.rs
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"unicode"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprintf(out, "//! Tables of Go's package `unicode` (Unicode %s). Written by tests/generate/letter_tables.\n", unicode.Version)
	fmt.Fprintln(out, "//!\n//! A class is where its stretches begin and end, in turn. A case range is a first and last character and what to\n//! add for upper, lower and title case; [`ALTERNATING`] says that upper and lower case take turns.")
	class(out, "UPPER", "Lu", unicode.IsUpper)
	class(out, "LOWER", "Ll", unicode.IsLower)
	class(out, "TITLE", "Lt", unicode.IsTitle)
	class(out, "LETTER", "L", unicode.IsLetter)
	class(out, "NUMBER", "N", unicode.IsNumber)
	class(out, "PUNCTUATION", "P", unicode.IsPunct)
	fmt.Fprintf(out, "\n/// See the module's comment.\npub(super) const ALTERNATING: i32 = %d;\n", unicode.UpperLower)
	var cells []string
	for _, r := range unicode.CaseRanges {
		cells = append(cells, fmt.Sprintf("(%d, %d, %d, %d, %d)", r.Lo, r.Hi, r.Delta[0], r.Delta[1], r.Delta[2]))
	}
	table(out, "CASES", "`unicode.CaseRanges`.", "(u32, u32, i32, i32, i32)", cells)
}

func class(out *bufio.Writer, name, category string, member func(rune) bool) {
	var cells []string
	inside := false
	for r := rune(0); r <= unicode.MaxRune+1; r++ {
		if is := member(r); is != inside {
			inside = is
			cells = append(cells, fmt.Sprint(r))
		}
	}
	table(out, name, "Category "+category+".", "u32", cells)
}

func table(out *bufio.Writer, name, comment, kind string, cells []string) {
	fmt.Fprintf(out, "\n/// %s\n#[rustfmt::skip]\npub(super) static %s: [%s; %d] = [\n", comment, name, kind, len(cells))
	line := "   "
	for _, cell := range cells {
		if len(line)+len(cell)+2 > 110 {
			fmt.Fprintln(out, line)
			line = "   "
		}
		line += " " + cell + ","
	}
	if strings.TrimSpace(line) != "" {
		fmt.Fprintln(out, line)
	}
	fmt.Fprintln(out, "];")
}
