//! Helm's own functions that steer the render: `include`, `tpl`, `required`, `fail`, `lookup`.

use chart_lint_template::{
    Args, Data, Error, Function, FunctionTable, Map, Result, State, Str, Text, Type, Value,
};
use chart_lint_template::{Tree, parse, quote};

use crate::render::host::host;

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "include", params: &[Type::String, Type::Interface], variadic: false, run: include },
    Function { name: "tpl", params: &[Type::String, Type::Interface], variadic: false, run: tpl },
    Function { name: "required", params: &[Type::String, Type::Interface], variadic: false, run: required },
    Function { name: "fail", params: &[Type::String], variadic: false, run: fail },
    Function {
        name: "lookup",
        params: &[Type::String, Type::String, Type::String, Type::String],
        variadic: false,
        run: |_, _| Ok(Value::from(Map::dict())),
    },
    Function {
        name: "getHostByName",
        params: &[Type::String],
        variadic: false,
        run: |_, _| Ok(Value::from("")),
    },
];

/// The name of the set of templates, and of every `tpl` text, as Helm calls it.
pub(crate) const SET_NAME: &str = "gotpl";

/// Helm's marks around a message that is shown without Go's words; see [`crate::render::error`].
pub(crate) const MESSAGE_START: &str = "HELM_ERR_START";
pub(crate) const MESSAGE_END: &str = "HELM_ERR_END";

/// Helm's `recursionMaxNums`.
const MAX_INCLUDES: usize = 1000;

fn include(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let name = args.text(0).as_shared().clone();
    let data = args.take(1);
    if let Some(host) = host(state) {
        let count = host.included.entry(name.clone()).or_insert(0);
        if *count > MAX_INCLUDES {
            return Err(Error::new("unable to execute template")
                .wrapped(format!("rendering template has a nested reference name: {name}: ")));
        }
        *count += 1;
    }
    let result = state.execute(&name, data.unboxed(), SET_NAME);
    if let Some(count) = host(state).and_then(|host| host.included.get_mut(&name)) {
        *count -= 1;
    }
    result.map(Value::from)
}

fn tpl(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.text(0);
    let data = args.take(1);
    let name = Str::from(SET_NAME);
    let output = state.execute_text(&name, &text, data.unboxed(), parse_text);
    let output = output.map_err(|error| match error.kind() {
        chart_lint_template::ErrorKind::Message if error.own_text().starts_with("cannot parse") => error,
        _ => {
            let shown = quote::go_quote(text.as_bytes());
            error.wrapped(format!("error during tpl function execution for {shown}: "))
        }
    })?;
    Ok(Value::from(without_no_value(output)))
}

fn parse_text(name: &Str, text: &Str, functions: &FunctionTable) -> Result<Tree> {
    parse(name, text, &functions.resolver()).map_err(|error| {
        let shown = quote::go_quote(text);
        Error::new(error.message.to_utf8()).wrapped(format!("cannot parse template {shown}: "))
    })
}

/// Go prints `<no value>` for what is missing; Helm takes it out again.
pub(crate) fn without_no_value(text: Text) -> Text {
    const NO_VALUE: &[u8] = b"<no value>";
    let bytes = text.as_bytes();
    let Some(first) = find(bytes, NO_VALUE, 0) else {
        return text;
    };
    let mut out = chart_lint_template::TextBuilder::with_capacity(bytes.len());
    let mut start = 0;
    let mut next = Some(first);
    while let Some(at) = next {
        out.push_slice(&text, start..at);
        start = at + NO_VALUE.len();
        next = find(bytes, NO_VALUE, start);
    }
    out.push_slice(&text, start..bytes.len());
    out.finish()
}

fn find(bytes: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    bstr::ByteSlice::find(&bytes[from..], needle).map(|at| at + from)
}

fn required(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let value = args.value(1);
    let missing = match &value.data {
        Data::Nil => true,
        Data::String(text) => text.is_empty(),
        _ => false,
    };
    if missing { Err(shown_alone(&args.text(0))) } else { Ok(args.take(1)) }
}

fn fail(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    Err(shown_alone(&args.text(0)))
}

fn shown_alone(message: &Text) -> Error {
    Error::new(format!("{MESSAGE_START}{}{MESSAGE_END}", message.to_utf8()))
}
