//! Events, values and marks against libyaml itself.
//!
//! go-yaml has changed libyaml in a few places. There Go is right, and `recorded.rs` compares with it.

#![allow(clippy::unwrap_used)]

mod support;

#[path = "support/libyaml.rs"]
mod libyaml;

/// Texts on which go-yaml and libyaml part ways.
fn go_differs(source: &[u8], ours: &str, theirs: &str) -> bool {
    let has = |piece: &[u8]| source.windows(piece.len()).any(|window| window == piece);
    let both_fail = ours.contains("ERR ") && theirs.contains("ERR ");
    // A version other than 1.1, and the escape `\/`.
    ours.contains("found incompatible YAML document")
        || ours.contains("found unknown escape character")
        // Go's limits on depth.
        || ours.contains("exceeded max depth")
        // libyaml allows a byte order mark at the start of any line; Go's check for it is broken.
        || source.windows(3).skip(1).any(|window| window == b"\xEF\xBB\xBF")
        // UTF-16 marks count differently, and an empty text gets a line break in Go.
        || source.starts_with(b"\xFF\xFE")
        || source.starts_with(b"\xFE\xFF")
        || source.is_empty()
        // libyaml has learned since: `?` inside of plain scalars in flow collections, `[]` and `{}` as
        // keys, other rules for tags; and it has forgotten the escape `\'`.
        || (has(b"?") && (has(b"[") || has(b"{")))
        || has(b"[]:")
        || has(b"{}:")
        || (has(b"!") && (has(b",") || has(b"[")))
        || has(b"\\'")
        // It counts bytes where Go counts characters, and has another place for a missing value.
        || source.len() > 1024
        || has(b": ]")
        // Go reads the input in chunks of 512 bytes and forgets some keys early, so where both fail
        // they may do so for different reasons; Go's own additions to the plain scalar likewise.
        || both_fail
}

#[test]
fn events_are_libyaml_s() {
    let pack = support::input("fuzzed.pack");
    let fuzzed = support::fuzzed(&pack);
    let mut sources: Vec<Vec<u8>> = support::recorded_sources();
    sources.extend(fuzzed.iter().map(|(source, _)| source.to_vec()));
    let (mut same, mut exempt) = (0, 0);
    let mut differences = Vec::new();
    for source in &sources {
        let ours = String::from_utf8_lossy(&support::events(source)).into_owned();
        let theirs = String::from_utf8_lossy(&libyaml::events(source)).into_owned();
        // Only Go's error has places and a line number; and for Go a document without `---` starts
        // with its first token, for libyaml before it.
        let events = |text: &str| {
            let events = text.split("ERR ").next().unwrap_or_default();
            let lines = events.lines().map(|line| match line.strip_prefix("+DOC ") {
                Some(marks) => format!("+DOC {}", marks.split('-').next().unwrap_or_default()),
                None => line.to_owned(),
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        if events(&ours) == events(&theirs) && ours.contains("ERR ") == theirs.contains("ERR ") {
            same += 1;
        } else if go_differs(source, &ours, &theirs) {
            exempt += 1;
        } else {
            differences
                .push(format!("{:?}\nours:\n{ours}\nlibyaml:\n{theirs}", String::from_utf8_lossy(source)));
        }
    }
    assert!(
        differences.is_empty(),
        "{same} same, {exempt} exempt, {} differ\n{}",
        differences.len(),
        differences[..20.min(differences.len())].join("\n")
    );
    assert!(same > 20 * exempt, "{same} same, {exempt} exempt");
}
