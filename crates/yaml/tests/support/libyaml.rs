//! libyaml itself (its translation `unsafe-libyaml`), as an oracle for events and as a yardstick.

#![allow(dead_code)]
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::mem::MaybeUninit;

use unsafe_libyaml as unsafe_sys;

/// A parser over a text that outlives it.
struct Parser {
    parser: Box<unsafe_sys::yaml_parser_t>,
}

impl Parser {
    fn new(source: &[u8]) -> Self {
        // SAFETY: libyaml initializes the structure before it is used, and the box keeps it in its
        // place. The callers of this function drop the parser before the text.
        unsafe {
            let mut parser = Box::new(MaybeUninit::<unsafe_sys::yaml_parser_t>::uninit());
            assert!(unsafe_sys::yaml_parser_initialize(parser.as_mut_ptr()).ok);
            unsafe_sys::yaml_parser_set_input_string(
                parser.as_mut_ptr(),
                source.as_ptr(),
                source.len() as u64,
            );
            Self { parser: Box::from_raw(Box::into_raw(parser).cast()) }
        }
    }

    /// Hands each event to `with`, until the end or an error; gives the error's text.
    fn each(&mut self, mut with: impl FnMut(&unsafe_sys::yaml_event_t)) -> Option<String> {
        loop {
            let mut event = MaybeUninit::<unsafe_sys::yaml_event_t>::uninit();
            // SAFETY: the parser is initialized, and an event is read only after success.
            unsafe {
                if unsafe_sys::yaml_parser_parse(&mut *self.parser, event.as_mut_ptr()).fail {
                    let problem = self.parser.problem;
                    let text = if problem.is_null() {
                        String::new()
                    } else {
                        CStr::from_ptr(problem).to_string_lossy().into_owned()
                    };
                    return Some(text);
                }
                let mut event = event.assume_init();
                with(&event);
                let last = event.type_ == unsafe_sys::YAML_STREAM_END_EVENT;
                unsafe_sys::yaml_event_delete(&mut event);
                if last {
                    return None;
                }
            }
        }
    }
}

impl Drop for Parser {
    fn drop(&mut self) {
        // SAFETY: the parser was initialized and is deleted once.
        unsafe { unsafe_sys::yaml_parser_delete(&mut *self.parser) }
    }
}

/// The number of events before the end or an error.
pub(crate) fn count_events(source: &[u8]) -> usize {
    let mut count = 0;
    Parser::new(source).each(|_| count += 1);
    count
}

/// Lists the events as [`super::events`] does; an error is a line with its problem only.
pub(crate) fn events(source: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let error = Parser::new(source).each(|event| {
        // SAFETY: the type of the event says which data it has, and its texts are libyaml's.
        unsafe { list(event, &mut out) }
    });
    if let Some(problem) = error {
        out.extend_from_slice(format!("ERR {problem}\n").as_bytes());
    }
    out
}

unsafe fn text<'t>(text: *const u8) -> &'t [u8] {
    if text.is_null() {
        return b"";
    }
    // SAFETY: libyaml ends its texts with NUL.
    unsafe { CStr::from_ptr(text.cast()).to_bytes() }
}

unsafe fn list(event: &unsafe_sys::yaml_event_t, out: &mut Vec<u8>) {
    let (start, end) = (event.start_mark, event.end_mark);
    let marks = format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column);
    // SAFETY: see `events`.
    unsafe {
        match event.type_ {
            unsafe_sys::YAML_STREAM_START_EVENT => out.extend(format!("+STR {marks}").into_bytes()),
            unsafe_sys::YAML_STREAM_END_EVENT => out.extend(format!("-STR {marks}").into_bytes()),
            unsafe_sys::YAML_DOCUMENT_START_EVENT => out.extend(format!("+DOC {marks}").into_bytes()),
            unsafe_sys::YAML_DOCUMENT_END_EVENT => {
                let implicit = event.data.document_end.implicit;
                out.extend(format!("-DOC {marks} {implicit}").into_bytes());
            }
            unsafe_sys::YAML_ALIAS_EVENT => {
                out.extend(format!("=ALI {marks} ").into_bytes());
                out.extend(text(event.data.alias.anchor));
            }
            unsafe_sys::YAML_SEQUENCE_END_EVENT => out.extend(format!("-SEQ {marks}").into_bytes()),
            unsafe_sys::YAML_MAPPING_END_EVENT => out.extend(format!("-MAP {marks}").into_bytes()),
            unsafe_sys::YAML_SEQUENCE_START_EVENT => {
                let data = &event.data.sequence_start;
                out.extend(format!("+SEQ {marks} &").into_bytes());
                out.extend([text(data.anchor), b" <", text(data.tag), b">"].concat());
                if data.style == unsafe_sys::YAML_FLOW_SEQUENCE_STYLE {
                    out.extend(b" []");
                }
            }
            unsafe_sys::YAML_MAPPING_START_EVENT => {
                let data = &event.data.mapping_start;
                out.extend(format!("+MAP {marks} &").into_bytes());
                out.extend([text(data.anchor), b" <", text(data.tag), b">"].concat());
                if data.style == unsafe_sys::YAML_FLOW_MAPPING_STYLE {
                    out.extend(b" {}");
                }
            }
            _ => {
                let data = &event.data.scalar;
                out.extend(format!("=VAL {marks} &").into_bytes());
                out.extend([text(data.anchor), b" <", text(data.tag), b">"].concat());
                let style = match data.style {
                    unsafe_sys::YAML_SINGLE_QUOTED_SCALAR_STYLE => "'",
                    unsafe_sys::YAML_DOUBLE_QUOTED_SCALAR_STYLE => "\"",
                    unsafe_sys::YAML_LITERAL_SCALAR_STYLE => "|",
                    unsafe_sys::YAML_FOLDED_SCALAR_STYLE => ">",
                    _ => ":",
                };
                out.extend(format!(" {} {style}", data.plain_implicit).into_bytes());
                for byte in std::slice::from_raw_parts(data.value, data.length as usize) {
                    match byte {
                        b'\\' => out.extend(b"\\\\"),
                        b'\n' => out.extend(b"\\n"),
                        byte => out.push(*byte),
                    }
                }
            }
        }
    }
    out.push(b'\n');
}
