//! Sprig's functions for dates, and what templates get from them: Go's `time.Time`, `time.Duration`, `time.Month`,
//! `time.Weekday` and `*time.Location` with their methods. The clock is that of the host.

use std::any::Any;
use std::rc::Rc;

use chart_lint_template::number::{self, NumberError};
use chart_lint_template::value::Field;
use chart_lint_template::{
    Args, Data, Error, Function, IntKind, List, NamedType, Object, Result, State, Text, TextBuilder, Type,
    UintKind, Underlying, Value,
};

use crate::render::host::{Chance, host};

use self::time::{Time, Zone, format_duration, parse_duration, round_duration};

mod layout;
mod time;
mod zones;

const TEXT: Type = Type::String;
const ANY: Type = Type::Interface;

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "ago", params: &[ANY], variadic: false, run: ago },
    Function {
        name: "date",
        params: &[TEXT, ANY],
        variadic: false,
        run: |s, a| shown(s, a, Some(0), 1, None),
    },
    Function {
        name: "date_in_zone",
        params: &[TEXT, ANY, TEXT],
        variadic: false,
        run: |s, a| shown(s, a, Some(0), 1, Some(2)),
    },
    Function {
        name: "dateInZone",
        params: &[TEXT, ANY, TEXT],
        variadic: false,
        run: |s, a| shown(s, a, Some(0), 1, Some(2)),
    },
    Function { name: "htmlDate", params: &[ANY], variadic: false, run: |s, a| shown(s, a, None, 0, None) },
    Function {
        name: "htmlDateInZone",
        params: &[ANY, TEXT],
        variadic: false,
        run: |s, a| shown(s, a, None, 0, Some(1)),
    },
    Function {
        name: "date_modify",
        params: &[TEXT, Type::Named(&TIME_NAME)],
        variadic: false,
        run: |_, a| modify(a, false),
    },
    Function {
        name: "dateModify",
        params: &[TEXT, Type::Named(&TIME_NAME)],
        variadic: false,
        run: |_, a| modify(a, false),
    },
    Function {
        name: "must_date_modify",
        params: &[TEXT, Type::Named(&TIME_NAME)],
        variadic: false,
        run: |_, a| modify(a, true),
    },
    Function {
        name: "mustDateModify",
        params: &[TEXT, Type::Named(&TIME_NAME)],
        variadic: false,
        run: |_, a| modify(a, true),
    },
    Function { name: "duration", params: &[ANY], variadic: false, run: duration },
    Function { name: "durationRound", params: &[ANY], variadic: false, run: duration_round },
    Function { name: "now", params: &[], variadic: false, run: |state, _| Ok(now(state).into()) },
    Function { name: "toDate", params: &[TEXT, TEXT], variadic: false, run: |_, a| to_date(a, false) },
    Function { name: "mustToDate", params: &[TEXT, TEXT], variadic: false, run: |_, a| to_date(a, true) },
    Function {
        name: "unixEpoch",
        params: &ONE_TIME,
        variadic: false,
        run: |_, a| Ok(Value::from(time(a, 0).unix().to_string())),
    },
];

const SECOND: i64 = 1_000_000_000;

/// `time.Now`
fn now(state: &mut State<'_>) -> Time {
    let Some(host) = host(state) else { return Time::default() };
    let (seconds, nanos) = host.now();
    // Go's clock also counts from the start of the program, and prints that.
    let running = match host.chance {
        Chance::Fixed => 0,
        Chance::System => i64::from(nanos) % (SECOND / 10) + SECOND / 100,
    };
    Time { monotonic: Some(running), ..Time::from_unix(seconds, nanos) }
}

/// What Sprig takes for a time: a `time.Time`, or seconds since 1970 in some integer types. All else is now.
fn time_or_now(state: &mut State<'_>, value: &Value, with_int32: bool) -> Time {
    match &value.data {
        Data::Int(n, IntKind::Int64 | IntKind::Int) => Time::from_unix(*n, 0),
        Data::Int(n, IntKind::Int32) if with_int32 => Time::from_unix(*n, 0),
        _ => as_time(value).unwrap_or_else(|| now(state)),
    }
}

/// A date by the layout and in the zone that arguments say.
fn shown(
    state: &mut State<'_>,
    args: &mut Args<'_>,
    layout: Option<usize>,
    date: usize,
    zone: Option<usize>,
) -> Result<Value> {
    let moment = time_or_now(state, &args.take(date), true);
    let layout = layout.map_or_else(|| Text::from("2006-01-02"), |layout| args.text(layout));
    let zone = zone.map(|zone| args.text(zone)).filter(|zone| zone.as_bytes() != b"Local");
    state.spend_bytes(4 * layout.len())?;
    // A zone that is not known is UTC, as is the local one.
    let zone = zone.and_then(|zone| zones::find(zone.as_bytes()));
    let (name, offset) = zone.map_or(("UTC".to_owned(), 0), |zone| zones::at(&zone, moment.unix()));
    Ok(Value::from(layout::format_in(&moment, layout.as_bytes(), name.as_bytes(), offset)))
}

fn modify(args: &mut Args<'_>, must: bool) -> Result<Value> {
    match parse_duration(args.bytes(0)) {
        Ok(duration) => Ok(time(args, 1).add(duration).into()),
        Err(error) if must => Err(Error::new(error)),
        Err(_) => Ok(args.take(1)),
    }
}

fn to_date(args: &mut Args<'_>, must: bool) -> Result<Value> {
    match layout::parse(args.bytes(0), args.bytes(1), &Zone::Local) {
        Ok(time) => Ok(time.into()),
        Err(error) if must => Err(Error::new(error)),
        Err(_) => Ok(Time::default().into()),
    }
}

fn ago(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let since = time_or_now(state, args.value(0), false);
    let passed = now(state).since(&since);
    Ok(Value::from(format_duration(round_duration(passed, SECOND))))
}

fn duration(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let seconds = match &args.value(0).data {
        Data::Int(n, IntKind::Int64) => *n,
        Data::String(text) => parse_int(text.as_bytes()),
        _ => 0,
    };
    Ok(Value::from(format_duration(seconds.wrapping_mul(SECOND))))
}

/// `strconv.ParseInt` without its error: what is too large is the largest number.
fn parse_int(text: &[u8]) -> i64 {
    match (number::parse_int(text, 10), text) {
        (Ok(n), _) => n,
        (Err(NumberError::Range), [b'-', ..]) => i64::MIN,
        (Err(NumberError::Range), _) => i64::MAX,
        (Err(NumberError::Syntax), _) => 0,
    }
}

fn duration_round(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let value = args.take(0);
    let duration = match &value.data {
        Data::Int(n, IntKind::Int64) => *n,
        Data::String(text) => parse_duration(text.as_bytes()).unwrap_or(0),
        _ => as_time(&value).map_or(0, |time| now(state).since(&time)),
    };
    let nanos = duration.unsigned_abs();
    const HOUR: u64 = 3600 * SECOND as u64;
    let units = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (HOUR / 60, "m"),
        (SECOND as u64, "s"),
    ];
    let shown = units.iter().find(|(unit, _)| nanos > *unit);
    Ok(Value::from(shown.map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", nanos / unit))))
}

// ---- types ----

static TIME_NAME: NamedType =
    NamedType { name: "time.Time", underlying: Underlying::Struct, methods: &TIME_METHODS };

static DURATION_NAME: NamedType = NamedType {
    name: "time.Duration",
    underlying: Underlying::Type(Type::INT64),
    methods: &DURATION_METHODS,
};

static MONTH_NAME: NamedType =
    NamedType { name: "time.Month", underlying: Underlying::Type(Type::INT), methods: STRING_METHOD };
static WEEKDAY_NAME: NamedType =
    NamedType { name: "time.Weekday", underlying: Underlying::Type(Type::INT), methods: STRING_METHOD };

static LOCATION_NAME: NamedType =
    NamedType { name: "time.Location", underlying: Underlying::Struct, methods: STRING_METHOD };
static LOCATION_POINTEE: Type = Type::Named(&LOCATION_NAME);

impl From<Time> for Value {
    fn from(time: Time) -> Value {
        Value::from(Rc::new(TimeObject(time)) as Rc<dyn Object>)
    }
}

struct TimeObject(Time);

impl Object for TimeObject {
    fn type_of(&self) -> Type {
        Type::Named(&TIME_NAME)
    }

    fn fields(&self) -> Vec<Field> {
        // How Go keeps a time that was not read from the clock.
        vec![
            Field::new("wall", Value::new(Data::Uint(u64::from(self.0.nanos), UintKind::Uint64))),
            Field::new("ext", Value::int64(self.0.sec)),
            Field::new("loc", Value::from(Rc::new(Pointer(self.0.zone.clone())) as Rc<dyn Object>)),
        ]
    }

    fn to_text(&self) -> Option<String> {
        Some(time_string(&self.0))
    }

    fn to_go_text(&self) -> Option<String> {
        Some(go_string(&self.0))
    }

    fn to_json(&self) -> std::result::Result<Value, String> {
        match strict_rfc3339(&self.0) {
            Ok(text) => Ok(Value::from(text)),
            Err(error) => Err(format!("Time.MarshalJSON: {error}")),
        }
    }

    fn equals(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<TimeObject>().is_some_and(|other| self.0.equals(&other.0))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A value that is a `time.Time`.
pub(super) fn as_time(value: &Value) -> Option<Time> {
    match &value.data {
        Data::Object(object) => object.as_any().downcast_ref::<TimeObject>().map(|time| time.0.clone()),
        _ => None,
    }
}

/// An argument of type `time.Time`.
fn time(args: &Args<'_>, index: usize) -> Time {
    as_time(args.value(index)).unwrap_or_default()
}

fn time_string(time: &Time) -> String {
    let shown = layout::format(time, b"2006-01-02 15:04:05.999999999 -0700 MST");
    let mut shown = chart_lint_template::text::to_utf8(&shown).into_owned();
    if let Some(running) = time.monotonic {
        let (sign, nanos) = (if running < 0 { '-' } else { '+' }, running.unsigned_abs());
        shown.push_str(&format!(" m={sign}{}.{:09}", nanos / SECOND as u64, nanos % SECOND as u64));
    }
    shown
}

/// The form of RFC 3339 that `MarshalText` gives, if the time has one.
pub(super) fn strict_rfc3339(time: &Time) -> std::result::Result<String, &'static str> {
    let shown = layout::format(time, b"2006-01-02T15:04:05.999999999Z07:00");
    if shown.get(4) != Some(&b'-') {
        return Err("year outside of range [0,9999]");
    }
    if shown.last() != Some(&b'Z') && time.zone.offset().abs() >= 24 * 3600 {
        return Err("timezone hour outside of range [0,23]");
    }
    Ok(String::from_utf8_lossy(&shown).into_owned())
}

/// The zones of times without one, as TOML has them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum LocalZone {
    /// The local zone, of a time that has an offset.
    System,
    Datetime,
    Date,
    Time,
}

const LOCAL_ZONES: [(LocalZone, &str, &str); 3] = [
    (LocalZone::Datetime, "datetime-local", "2006-01-02T15:04:05.999999999"),
    (LocalZone::Date, "date-local", "2006-01-02"),
    (LocalZone::Time, "time-local", "15:04:05.999999999"),
];

/// Reads a time of TOML.
pub(super) fn parse_local(layout: &str, value: &[u8], zone: LocalZone) -> std::result::Result<Value, String> {
    let named = LOCAL_ZONES.iter().find(|(known, ..)| *known == zone);
    let zone = named.map_or(Zone::Local, |(_, name, _)| Zone::fixed(name.as_bytes(), 0));
    layout::parse(layout.as_bytes(), value, &zone).map(Value::from)
}

/// A time as TOML writes it: one without a zone stays so.
pub(super) fn toml_time(value: &Value) -> Option<String> {
    let time = as_time(value)?;
    let named = LOCAL_ZONES.iter().find(|(_, name, _)| name.as_bytes() == time.zone.location());
    let layout = named.map_or("2006-01-02T15:04:05.999999999Z07:00", |(.., layout)| layout);
    Some(String::from_utf8_lossy(&layout::format(&time, layout.as_bytes())).into_owned())
}

/// A time as `toYamlPretty` writes it.
pub(super) fn yaml_time(value: &Value) -> Option<Vec<u8>> {
    Some(layout::format(&as_time(value)?, b"2006-01-02T15:04:05.999999999Z07:00"))
}

/// What a time reads when it is written by the layout that it was read by.
pub(super) fn reformatted(layout: &str, text: &[u8]) -> Option<Vec<u8>> {
    let time = layout::parse(layout.as_bytes(), text, &Zone::Utc).ok()?;
    Some(layout::format(&time, layout.as_bytes()))
}

/// From now on for some days, as a certificate says it: for each end the year and the text in ASN.1.
pub(super) fn days_from_now(state: &mut State<'_>, days: i64) -> [(i64, Vec<u8>); 2] {
    let start = Time { zone: Zone::Utc, ..now(state) };
    // Go's durations overflow after 292 years.
    let end = start.add((86_400 * SECOND).wrapping_mul(days));
    [start, end].map(|time| {
        let year = time.parts().year;
        let layout: &[u8] = if (1950..2050).contains(&year) { b"060102150405Z" } else { b"20060102150405Z" };
        (year, layout::format(&time, layout))
    })
}

/// The text of a `time.Duration`.
pub(super) fn duration_text(value: &Value) -> Option<String> {
    as_duration(value).map(format_duration)
}

/// A number with a name of its own and a text.
struct Number {
    type_of: Type,
    value: i64,
    text_of: fn(i64) -> String,
}

impl Object for Number {
    fn type_of(&self) -> Type {
        self.type_of
    }

    fn fields(&self) -> Vec<Field> {
        Vec::new()
    }

    fn to_text(&self) -> Option<String> {
        Some((self.text_of)(self.value))
    }

    fn to_json(&self) -> std::result::Result<Value, String> {
        Ok(Value::int64(self.value))
    }

    fn scalar(&self) -> Option<Value> {
        let kind = if self.type_of == Type::Named(&DURATION_NAME) { IntKind::Int64 } else { IntKind::Int };
        Some(Value::new(Data::Int(self.value, kind)))
    }

    fn with_scalar(&self, value: i64) -> Option<Value> {
        Some(named_number(self.type_of, value, self.text_of))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn named_number(type_of: Type, value: i64, text_of: fn(i64) -> String) -> Value {
    Value::from(Rc::new(Number { type_of, value, text_of }) as Rc<dyn Object>)
}

fn month_text(month: i64) -> String {
    match month {
        1..=12 => layout::month_name(month).to_owned(),
        _ => format!("%!Month({month})"),
    }
}

fn duration_value(nanos: i64) -> Result<Value> {
    Ok(named_number(Type::Named(&DURATION_NAME), nanos, format_duration))
}

/// The nanoseconds of a value that is a `time.Duration`.
pub(super) fn as_duration(value: &Value) -> Option<i64> {
    match &value.data {
        Data::Object(object) => {
            let number = object.as_any().downcast_ref::<Number>();
            number.filter(|number| number.type_of == Type::Named(&DURATION_NAME)).map(|number| number.value)
        }
        _ => None,
    }
}

/// An argument of type `time.Duration`; a constant is given as a plain number.
fn nanos(args: &Args<'_>, index: usize) -> i64 {
    as_duration(args.value(index)).unwrap_or_else(|| args.int(index))
}

/// How a time refers to its location: not at all, if it is UTC.
struct Pointer(Zone);

impl Object for Pointer {
    fn type_of(&self) -> Type {
        Type::Pointer(&LOCATION_POINTEE)
    }

    fn is_nil(&self) -> bool {
        matches!(self.0, Zone::Utc)
    }

    fn fields(&self) -> Vec<Field> {
        if self.is_nil() {
            return Vec::new();
        }
        // As of a local zone without transitions.
        let name = match self.0 {
            Zone::Local => Text::from("UTC"),
            _ => Text::plain(self.0.location().to_vec()),
        };
        vec![
            Field::new("name", name),
            Field::new("zone", List::new(Vec::new())),
            Field::new("tx", List::new(Vec::new())),
            Field::new("extend", ""),
            Field::new("cacheStart", Value::int64(0)),
            Field::new("cacheEnd", Value::int64(0)),
            Field::new("cacheZone", Value::from(Rc::new(Pointer(Zone::Utc)) as Rc<dyn Object>)),
        ]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct Location(Zone);

impl Object for Location {
    fn type_of(&self) -> Type {
        Type::Pointer(&LOCATION_POINTEE)
    }

    fn fields(&self) -> Vec<Field> {
        Vec::new()
    }

    fn to_text(&self) -> Option<String> {
        Some(chart_lint_template::text::to_utf8(self.0.location()).into_owned())
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let zone = |time: &Zone| Time::default().in_zone(time.clone());
        other.as_any().downcast_ref::<Location>().is_some_and(|other| zone(&self.0).equals(&zone(&other.0)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

// ---- methods ----

static STRING_METHOD: &[Function] =
    &[Function { name: "String", params: &[], variadic: false, run: |_, args| Ok(shown_text(args)) }];

/// What `String()` of the receiver gives.
fn shown_text(args: &Args<'_>) -> Value {
    match &args.value(0).data {
        Data::Object(object) => Value::from(object.to_text().unwrap_or_default()),
        _ => Value::from(""),
    }
}

const NONE: &[Type] = &[];
// Statics, not constants: the types and their methods name each other.
static ONE_TIME: [Type; 1] = [Type::Named(&TIME_NAME)];
static ONE_DURATION: [Type; 1] = [Type::Named(&DURATION_NAME)];
static ONE_LOCATION: [Type; 1] = [Type::Pointer(&LOCATION_POINTEE)];
const ONE_BYTES: &[Type] = &[Type::BYTES];

static DURATION_METHODS: [Function; 10] = [
    Function { name: "String", params: NONE, variadic: false, run: |_, a| Ok(shown_text(a)) },
    Function {
        name: "Nanoseconds",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(Value::int64(nanos(a, 0))),
    },
    Function {
        name: "Microseconds",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(Value::int64(nanos(a, 0) / 1_000)),
    },
    Function {
        name: "Milliseconds",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(Value::int64(nanos(a, 0) / 1_000_000)),
    },
    Function { name: "Seconds", params: NONE, variadic: false, run: |_, a| Ok(in_units(a, SECOND)) },
    Function { name: "Minutes", params: NONE, variadic: false, run: |_, a| Ok(in_units(a, 60 * SECOND)) },
    Function { name: "Hours", params: NONE, variadic: false, run: |_, a| Ok(in_units(a, 3600 * SECOND)) },
    Function {
        name: "Abs",
        params: NONE,
        variadic: false,
        run: |_, a| duration_value(nanos(a, 0).checked_abs().unwrap_or(i64::MAX)),
    },
    Function {
        name: "Round",
        params: &ONE_DURATION,
        variadic: false,
        run: |_, a| duration_value(round_duration(nanos(a, 0), nanos(a, 1))),
    },
    Function {
        name: "Truncate",
        params: &ONE_DURATION,
        variadic: false,
        run: |_, a| duration_value(truncated(nanos(a, 0), nanos(a, 1))),
    },
];

fn in_units(args: &Args<'_>, unit: i64) -> Value {
    let nanos = nanos(args, 0);
    Value::float((nanos / unit) as f64 + (nanos % unit) as f64 / unit as f64)
}

fn truncated(duration: i64, unit: i64) -> i64 {
    if unit <= 0 { duration } else { duration - duration % unit }
}

static TIME_METHODS: [Function; 43] = [
    Function {
        name: "Add",
        params: &ONE_DURATION,
        variadic: false,
        run: |_, a| Ok(time(a, 0).add(nanos(a, 1)).into()),
    },
    Function {
        name: "AddDate",
        params: &[Type::INT, Type::INT, Type::INT],
        variadic: false,
        run: |_, a| Ok(time(a, 0).add_date(a.int(1), a.int(2), a.int(3)).into()),
    },
    Function { name: "After", params: &ONE_TIME, variadic: false, run: |_, a| Ok(compare(a).is_gt().into()) },
    Function {
        name: "Before",
        params: &ONE_TIME,
        variadic: false,
        run: |_, a| Ok(compare(a).is_lt().into()),
    },
    Function {
        name: "Compare",
        params: &ONE_TIME,
        variadic: false,
        run: |_, a| Ok(Value::int(compare(a) as i64)),
    },
    Function { name: "Equal", params: &ONE_TIME, variadic: false, run: |_, a| Ok(compare(a).is_eq().into()) },
    Function {
        name: "Sub",
        params: &ONE_TIME,
        variadic: false,
        run: |_, a| duration_value(time(a, 0).since(&time(a, 1))),
    },
    Function {
        name: "Round",
        params: &ONE_DURATION,
        variadic: false,
        run: |_, a| Ok(time(a, 0).round(nanos(a, 1)).into()),
    },
    Function {
        name: "Truncate",
        params: &ONE_DURATION,
        variadic: false,
        run: |_, a| Ok(time(a, 0).truncate(nanos(a, 1)).into()),
    },
    Function { name: "Format", params: &[TEXT], variadic: false, run: format_method },
    Function { name: "AppendFormat", params: &[Type::BYTES, TEXT], variadic: false, run: append_format },
    Function { name: "String", params: NONE, variadic: false, run: |_, a| Ok(shown_text(a)) },
    Function {
        name: "GoString",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(Value::from(go_string(&time(a, 0)))),
    },
    Function {
        name: "Year",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(Value::int(time(a, 0).parts().year)),
    },
    Function {
        name: "Month",
        params: NONE,
        variadic: false,
        run: |_, a| {
            let month = time(a, 0).parts().month;
            Ok(named_number(Type::Named(&MONTH_NAME), month, month_text))
        },
    },
    Function {
        name: "Day",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(Value::int(time(a, 0).parts().day)),
    },
    Function {
        name: "YearDay",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(Value::int(time(a, 0).parts().year_day)),
    },
    Function {
        name: "Weekday",
        params: NONE,
        variadic: false,
        run: |_, a| {
            let day = time(a, 0).parts().week_day;
            Ok(named_number(Type::Named(&WEEKDAY_NAME), day, |day| layout::week_day_name(day).to_owned()))
        },
    },
    Function {
        name: "Hour",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(Value::int(time(a, 0).parts().hour)),
    },
    Function {
        name: "Minute",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(Value::int(time(a, 0).parts().minute)),
    },
    Function {
        name: "Second",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(Value::int(time(a, 0).parts().second)),
    },
    Function {
        name: "Nanosecond",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(Value::int(i64::from(time(a, 0).nanos))),
    },
    Function { name: "Unix", params: NONE, variadic: false, run: |_, a| Ok(Value::int64(time(a, 0).unix())) },
    Function { name: "UnixMilli", params: NONE, variadic: false, run: |_, a| Ok(unix_in(a, 1_000)) },
    Function { name: "UnixMicro", params: NONE, variadic: false, run: |_, a| Ok(unix_in(a, 1_000_000)) },
    Function { name: "UnixNano", params: NONE, variadic: false, run: |_, a| Ok(unix_in(a, SECOND)) },
    Function { name: "IsZero", params: NONE, variadic: false, run: |_, a| Ok(time(a, 0).is_zero().into()) },
    Function { name: "IsDST", params: NONE, variadic: false, run: |_, _| Ok(false.into()) },
    Function {
        name: "UTC",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(time(a, 0).in_zone(Zone::Utc).into()),
    },
    Function {
        name: "Local",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(time(a, 0).in_zone(Zone::Local).into()),
    },
    Function { name: "In", params: &ONE_LOCATION, variadic: false, run: in_location },
    Function {
        name: "Location",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(Value::from(Rc::new(Location(time(a, 0).zone)) as Rc<dyn Object>)),
    },
    Function {
        name: "MarshalJSON",
        params: NONE,
        variadic: false,
        run: |_, a| marshal(a, "MarshalJSON", "\""),
    },
    Function {
        name: "MarshalText",
        params: NONE,
        variadic: false,
        run: |_, a| marshal(a, "MarshalText", ""),
    },
    Function { name: "AppendText", params: ONE_BYTES, variadic: false, run: append_text },
    Function {
        name: "MarshalBinary",
        params: NONE,
        variadic: false,
        run: |_, a| Ok(bytes(binary(&time(a, 0)))),
    },
    Function { name: "GobEncode", params: NONE, variadic: false, run: |_, a| Ok(bytes(binary(&time(a, 0)))) },
    Function {
        name: "AppendBinary",
        params: ONE_BYTES,
        variadic: false,
        run: |_, a| Ok(appended(a, &binary(&time(a, 0)))),
    },
    // What gives more than a value and an error cannot be called.
    Function { name: "Clock", params: NONE, variadic: false, run: |_, _| too_many("Clock", 3, "") },
    Function { name: "Date", params: NONE, variadic: false, run: |_, _| too_many("Date", 3, "") },
    Function { name: "ISOWeek", params: NONE, variadic: false, run: |_, _| too_many("ISOWeek", 2, "int") },
    Function { name: "Zone", params: NONE, variadic: false, run: |_, _| too_many("Zone", 2, "int") },
    Function {
        name: "ZoneBounds",
        params: NONE,
        variadic: false,
        run: |_, _| too_many("ZoneBounds", 2, "time.Time"),
    },
];

fn compare(args: &Args<'_>) -> std::cmp::Ordering {
    time(args, 0).compare(&time(args, 1))
}

fn format_method(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let layout = args.bytes(1);
    state.spend_bytes(4 * layout.len())?;
    Ok(Value::from(layout::format(&time(args, 0), layout)))
}

fn bytes(bytes: impl Into<chart_lint_template::Str>) -> Value {
    Value::new(Data::Bytes(Text::plain(bytes)))
}

/// The bytes of argument 1 and others after them.
fn appended(args: &Args<'_>, more: &[u8]) -> Value {
    let mut out = TextBuilder::new();
    if let Data::Bytes(text) = &args.value(1).data {
        out.push_text(text);
    }
    out.push(more, chart_lint_template::OriginId::NONE);
    Value::new(Data::Bytes(out.finish()))
}

fn append_format(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let shown = layout::format(&time(args, 0), args.bytes(2));
    Ok(appended(args, &shown))
}

fn append_text(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    match strict_rfc3339(&time(args, 0)) {
        Ok(text) => Ok(appended(args, text.as_bytes())),
        Err(error) => Err(Error::new(format!("Time.AppendText: {error}"))),
    }
}

fn marshal(args: &Args<'_>, name: &str, quote: &str) -> Result<Value> {
    match strict_rfc3339(&time(args, 0)) {
        Ok(text) => Ok(bytes(format!("{quote}{text}{quote}"))),
        Err(error) => Err(Error::new(format!("Time.{name}: {error}"))),
    }
}

fn unix_in(args: &Args<'_>, per_second: i64) -> Value {
    let time = time(args, 0);
    let fraction = i64::from(time.nanos) / (SECOND / per_second);
    Value::int64(time.unix().wrapping_mul(per_second).wrapping_add(fraction))
}

fn in_location(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let zone = match &args.value(1).data {
        Data::Object(object) => object.as_any().downcast_ref::<Location>().map(|location| location.0.clone()),
        _ => None,
    };
    let zone = zone.ok_or_else(|| Error::new("time: missing Location in call to Time.In"))?;
    Ok(time(args, 0).in_zone(zone).into())
}

/// The form that Go's package gob uses.
fn binary(time: &Time) -> Vec<u8> {
    let offset = time.zone.offset();
    let (minutes, seconds) = match time.zone {
        Zone::Utc => (-1, 0),
        _ => (offset / 60, offset % 60),
    };
    let mut out = vec![if seconds == 0 { 1 } else { 2 }];
    out.extend_from_slice(&time.sec.to_be_bytes());
    out.extend_from_slice(&time.nanos.to_be_bytes());
    out.extend_from_slice(&(minutes as i16).to_be_bytes());
    if seconds != 0 {
        out.push(seconds as i8 as u8);
    }
    out
}

fn go_string(time: &Time) -> String {
    let parts = time.parts();
    let month = layout::month_name(parts.month);
    let zone = match &time.zone {
        Zone::Utc => "time.UTC".to_owned(),
        Zone::Local => "time.Local".to_owned(),
        Zone::Fixed(zone) => format!("time.Location({})", self::time::quote(&zone.name)),
    };
    format!(
        "time.Date({}, time.{month}, {}, {}, {}, {}, {}, {zone})",
        parts.year, parts.day, parts.hour, parts.minute, parts.second, time.nanos
    )
}

fn too_many(name: &str, count: usize, second: &str) -> Result<Value> {
    Err(Error::signature(match count {
        2 => {
            format!("invalid function signature for {name}: second return value should be error; is {second}")
        }
        _ => format!("function {name} has {count} return values; should be 1 or 2"),
    }))
}
