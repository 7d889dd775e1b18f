//! Events and nodes of any bytes: no panic, and all spans lie in the text.

#![no_main]

use chart_lint_yaml::{Input, LineIndex, Parser, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &[u8]| {
    let input = Input::new(source);
    let lines = LineIndex::new(input.text());
    let mut parser = Parser::new(&input);
    while let Ok(Some(event)) = parser.next_event() {
        assert!(event.start <= event.end);
        assert!(event.end.offset as usize <= input.text().len());
        let position = lines.position(event.start.offset);
        assert!(position.line >= 1 && position.column >= 1);
        assert!(input.source_offset(event.end.offset) as usize <= source.len());
    }
    let stream = parse(source);
    for document in stream.documents() {
        let mut stack = vec![document.root];
        while let Some(id) = stack.pop() {
            let span = stream.node(id).span;
            assert!(span.start <= span.end && span.end as usize <= stream.text().len());
            stack.extend_from_slice(stream.children(id));
        }
    }
});
