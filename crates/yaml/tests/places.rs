//! Where things are: spans of nodes, values, keys and comments, and the places of errors.

#![allow(clippy::unwrap_used)]

use chart_lint_yaml::{
    ErrorKind, KeyKind, LineIndex, NodeKind, Position, Stream, Target, Tree, Value, decode, decode_strict,
    parse,
};

fn text(source: &str, value: Value<'_>) -> String {
    source[value.span().range()].to_owned()
}

/// The value at a path of keys and indices.
fn at<'t>(tree: &'t Tree<'_>, path: &str) -> Value<'t> {
    path.split('.').fold(tree.root(), |value, part| match part.parse::<usize>() {
        Ok(index) => value.as_seq().unwrap().get(index).unwrap(),
        Err(_) => value.get(part.as_bytes()).unwrap(),
    })
}

#[test]
fn values_know_where_they_are_written() {
    let source = "\
image:
  repository: \"nginx\"   # where from
  tag: &tag !!str 1.10
  args: [a, 'b c', {d: e}]
other: *tag
script: |
  echo é
  exit
empty:
list:
- one
-
  two: 2
";
    let tree = decode(source.as_bytes(), Target::Map).unwrap();
    let at = |path: &str| text(source, at(&tree, path));
    assert_eq!(at("image.repository"), "\"nginx\"");
    assert_eq!(at("image.tag"), "1.10");
    assert_eq!(at("image.args"), "[a, 'b c', {d: e}]");
    assert_eq!(at("image.args.1"), "'b c'");
    assert_eq!(at("image.args.2"), "{d: e}");
    assert_eq!(at("image.args.2.d"), "e");
    // The value of an alias is where the anchor is.
    assert_eq!(at("other"), "1.10");
    assert_eq!(at("script"), "|\n  echo é\n  exit\n");
    assert_eq!(at("empty"), "");
    assert_eq!(at("list"), "- one\n-\n  two: 2");
    assert_eq!(at("list.1"), "two: 2");
    let image = at("image");
    assert!(image.starts_with("repository") && image.ends_with("{d: e}]"), "{image}");
    let comments: Vec<&str> = tree.comments().iter().map(|span| &source[span.range()]).collect();
    assert_eq!(comments, ["# where from"]);
}

#[test]
fn keys_know_where_and_what_they_were() {
    let source = "defaults: &d {a: 1, b: 2}\nmine:\n  <<: *d\n  b: 3\ny: 4\n0x10: 5\n";
    let tree = decode(source.as_bytes(), Target::Map).unwrap();
    let keys: Vec<_> = tree
        .root()
        .as_map()
        .unwrap()
        .iter()
        .map(|entry| {
            (String::from_utf8_lossy(entry.key).into_owned(), &source[entry.key_span.range()], entry.key_kind)
        })
        .collect();
    assert_eq!(keys[2], ("true".to_owned(), "y", KeyKind::Bool(true)));
    assert_eq!(keys[3], ("16".to_owned(), "0x10", KeyKind::Int(16)));

    let mine = at(&tree, "mine").as_map().unwrap();
    let a = mine.entry(b"a").unwrap();
    assert!(a.merged);
    assert_eq!(a.key_span.start as usize, source.find("a: 1").unwrap());
    let b = mine.entry(b"b").unwrap();
    assert!(!b.merged);
    assert_eq!(text(source, b.value), "3");
    // To override a merged key is no mistake.
    assert!(tree.duplicate_keys().is_empty());
}

#[test]
fn duplicate_keys_are_told() {
    let source = "a: 1\nb: {c: 1, c: 2}\na: 3\n";
    let tree = decode(source.as_bytes(), Target::Map).unwrap();
    let places: Vec<_> = tree
        .duplicate_keys()
        .iter()
        .map(|duplicate| (duplicate.first.start, duplicate.second.start))
        .collect();
    assert_eq!(places, [(9, 15), (0, 21)]);
    assert_eq!(text(source, at(&tree, "a")), "3");
    let error = decode_strict(source.as_bytes(), Target::Map).unwrap_err();
    assert_eq!(
        error.to_string(),
        "error converting YAML to JSON: yaml: unmarshal errors:\n  line 2: key \"c\" already set in map\n  \
         line 3: key \"a\" already set in map"
    );
    assert_eq!(error.span().start, 15);
}

#[test]
fn an_error_keeps_the_documents_before_it() {
    let source = b"a: 1\n---\nb: 2\n---\nc: [\n---\nd: 4\n";
    let stream = parse(source);
    assert_eq!(stream.documents().len(), 2);
    let error = stream.error().unwrap();
    assert_eq!(error.kind, ErrorKind::Parser);
    assert_eq!(error.problem, "did not find expected node content");
    assert_eq!(error.context, Some("while parsing a flow node"));
    // Go names the line before the bad one; the mark is true.
    assert_eq!(error.to_string(), "yaml: line 5: did not find expected node content");
    let lines = LineIndex::new(source);
    assert_eq!(lines.position(error.at.offset), Position { line: 6, column: 1 });
    let spans: Vec<&[u8]> =
        stream.documents().iter().map(|document| &source[document.span.range()]).collect();
    assert_eq!(spans, [b"a: 1\n".as_slice(), b"---\nb: 2\n"]);
}

#[test]
fn nodes_keep_anchors_tags_and_aliases() {
    let source = b"a: &x !!str 1\nb: *x\n";
    let stream = parse(source);
    let root = stream.documents()[0].root;
    let values: Vec<_> = stream.pairs(root).map(|(_, value)| value).collect();
    assert_eq!(stream.anchor(values[0]), Some(b"x".as_slice()));
    assert_eq!(stream.tag(values[0]), Some(b"tag:yaml.org,2002:str".as_slice()));
    assert_eq!(&source[stream.properties(values[0]).tag_span.range()], b"!!str");
    assert_eq!(stream.scalar(values[0]), Some(b"1".as_slice()));
    assert_eq!(stream.node(values[1]).kind, NodeKind::Alias { target: values[0] });
    assert_eq!(&source[stream.node(values[1]).span.range()], b"*x");
}

#[test]
fn trees_and_streams_move_between_threads() {
    fn assert_send_and_sync<T: Send + Sync + 'static>(_: &T) {}
    let source = b"a: \"b\\n\"".to_vec();
    let (tree, stream) = {
        let tree = decode(&source, Target::Any).unwrap().into_owned();
        let stream: Stream<'static> = parse(&source).into_owned();
        drop(source);
        (tree, stream)
    };
    assert_send_and_sync(&tree);
    assert_send_and_sync(&stream);
    assert_eq!(at(&tree, "a").as_str(), Some(b"b\n".as_slice()));
}
