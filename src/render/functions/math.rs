//! Sprig's numbers: arithmetic on integers and on decimals, rounding, ranges, and conversions.

use chart_lint_template::strconv::{NumberError, parse_int};
use chart_lint_template::{Args, Data, Error, Function, List, Result, State, Type, Value, fmt};

use super::cast::{to_float64, to_int64};
use super::decimal::Decimal;
use super::panics;

const ANY: &[Type] = &[Type::Interface];
const TWO: &[Type] = &[Type::Interface, Type::Interface];
const THREE_INTS: &[Type] = &[Type::INT, Type::INT, Type::INT];

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "atoi", params: &[Type::String], variadic: false, run: atoi },
    Function {
        name: "int64",
        params: ANY,
        variadic: false,
        run: |_, args| Ok(Value::int64(to_int64(args.value(0)))),
    },
    Function {
        name: "int",
        params: ANY,
        variadic: false,
        run: |_, args| Ok(Value::int(to_int64(args.value(0)))),
    },
    Function {
        name: "float64",
        params: ANY,
        variadic: false,
        run: |_, args| Ok(Value::float(to_float64(args.value(0)))),
    },
    Function { name: "toDecimal", params: ANY, variadic: false, run: to_decimal },
    Function {
        name: "add1",
        params: ANY,
        variadic: false,
        run: |_, args| Ok(Value::int64(to_int64(args.value(0)).wrapping_add(1))),
    },
    Function {
        name: "add",
        params: ANY,
        variadic: true,
        run: |_, args| Ok(fold(0, args.all(), i64::wrapping_add)),
    },
    Function {
        name: "sub",
        params: TWO,
        variadic: false,
        run: |_, args| Ok(fold_all(args, i64::wrapping_sub)),
    },
    Function {
        name: "mul",
        params: TWO,
        variadic: true,
        run: |_, args| Ok(fold_all(args, i64::wrapping_mul)),
    },
    Function { name: "div", params: TWO, variadic: false, run: |_, args| divide(args, i64::wrapping_div) },
    Function { name: "mod", params: TWO, variadic: false, run: |_, args| divide(args, i64::wrapping_rem) },
    Function { name: "max", params: TWO, variadic: true, run: |_, args| Ok(fold_all(args, i64::max)) },
    Function { name: "biggest", params: TWO, variadic: true, run: |_, args| Ok(fold_all(args, i64::max)) },
    Function { name: "min", params: TWO, variadic: true, run: |_, args| Ok(fold_all(args, i64::min)) },
    Function { name: "maxf", params: TWO, variadic: true, run: |_, args| Ok(fold_floats(args, go_max)) },
    Function {
        name: "minf",
        params: TWO,
        variadic: true,
        run: |_, args| Ok(fold_floats(args, |a, b| -go_max(-a, -b))),
    },
    Function {
        name: "add1f",
        params: ANY,
        variadic: false,
        run: |state, args| decimals(state, to_float64(args.value(0)), &[Value::int(1)], Decimal::add),
    },
    Function {
        name: "addf",
        params: ANY,
        variadic: true,
        run: |state, args| decimals(state, 0.0, args.all(), Decimal::add),
    },
    Function {
        name: "subf",
        params: TWO,
        variadic: true,
        run: |state, args| all_decimals(state, args, Decimal::sub),
    },
    Function {
        name: "mulf",
        params: TWO,
        variadic: true,
        run: |state, args| all_decimals(state, args, Decimal::mul),
    },
    Function {
        name: "divf",
        params: TWO,
        variadic: true,
        run: |state, args| all_decimals(state, args, Decimal::div),
    },
    Function {
        name: "ceil",
        params: ANY,
        variadic: false,
        run: |_, args| Ok(Value::float(to_float64(args.value(0)).ceil())),
    },
    Function {
        name: "floor",
        params: ANY,
        variadic: false,
        run: |_, args| Ok(Value::float(to_float64(args.value(0)).floor())),
    },
    Function {
        name: "round",
        params: &[Type::Interface, Type::INT, Type::FLOAT64],
        variadic: true,
        run: round,
    },
    Function { name: "until", params: &[Type::INT], variadic: false, run: until },
    Function { name: "untilStep", params: THREE_INTS, variadic: false, run: until_step },
    Function { name: "seq", params: &[Type::INT], variadic: true, run: seq },
];

/// `strconv.Atoi` with its error thrown away: what is too large is the largest that fits.
fn atoi(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.bytes(0);
    Ok(Value::int(match parse_int(text, 10) {
        Ok(n) => n,
        Err(NumberError::Syntax) => 0,
        Err(NumberError::Range) if text.starts_with(b"-") => i64::MIN,
        Err(NumberError::Range) => i64::MAX,
    }))
}

/// Reads a number, as it is printed, as octal.
fn to_decimal(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let mut shown = Vec::new();
    fmt::append_v(state, &mut shown, args.value(0));
    Ok(Value::int64(parse_int(&shown, 8).unwrap_or(0)))
}

fn fold(first: i64, rest: &[Value], op: fn(i64, i64) -> i64) -> Value {
    Value::int64(rest.iter().map(to_int64).fold(first, op))
}

fn fold_all(args: &Args<'_>, op: fn(i64, i64) -> i64) -> Value {
    fold(to_int64(args.value(0)), args.rest(1), op)
}

fn divide(args: &Args<'_>, op: fn(i64, i64) -> i64) -> Result<Value> {
    let (a, b) = (to_int64(args.value(0)), to_int64(args.value(1)));
    if b == 0 { Err(panics::divide()) } else { Ok(Value::int64(op(a, b))) }
}

fn fold_floats(args: &Args<'_>, op: fn(f64, f64) -> f64) -> Value {
    Value::float(args.rest(1).iter().map(to_float64).fold(to_float64(args.value(0)), op))
}

/// `math.Max`: infinity wins over NaN, NaN over the rest, and 0 over -0.
fn go_max(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == 0.0 && a == b {
        if a.is_sign_negative() { b } else { a }
    } else if a > b {
        a
    } else {
        b
    }
}

type DecimalOperation = fn(&Decimal, &Decimal) -> Result<Decimal>;

fn decimals(state: &mut State<'_>, first: f64, rest: &[Value], op: DecimalOperation) -> Result<Value> {
    let mut result = Decimal::from_float(first)?;
    for value in rest {
        let value = Decimal::from_float(to_float64(value))?;
        result = op(&result, &value)?;
        state.spend_steps(result.size())?;
    }
    Ok(Value::float(result.to_float()))
}

fn all_decimals(state: &mut State<'_>, args: &Args<'_>, op: DecimalOperation) -> Result<Value> {
    decimals(state, to_float64(args.value(0)), args.rest(1), op)
}

fn round(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let threshold = if args.len() > 2 { args.float(2) } else { 0.5 };
    let power = power_of_ten(args.int(1) as f64);
    let scaled = power * to_float64(args.value(0));
    // Of a negative number the fraction is negative, and so never above the threshold: it is rounded down.
    let fraction = (scaled - scaled.trunc()).copysign(scaled);
    let rounded = if fraction >= threshold { scaled.ceil() } else { scaled.floor() };
    Ok(Value::float(rounded / power))
}

/// `math.Pow(10, exponent)` of an integer, with Go's rounding errors: by squaring, the binary exponent kept apart.
fn power_of_ten(exponent: f64) -> f64 {
    if exponent == 0.0 {
        return 1.0;
    }
    if exponent == 1.0 {
        return 10.0;
    }
    // Beyond this the result is 0 or infinity, and the squares would overflow.
    if exponent.abs() > 5000.0 {
        return if exponent < 0.0 { 0.0 } else { f64::INFINITY };
    }
    let mut mantissa = 1.0f64;
    let mut mantissa_exponent = 0i32;
    let (mut square, mut square_exponent) = (0.625f64, 4i32);
    let mut bits = exponent.abs() as u64;
    while bits != 0 {
        if square_exponent.abs() > 1 << 12 {
            mantissa_exponent += square_exponent;
            break;
        }
        if bits & 1 == 1 {
            mantissa *= square;
            mantissa_exponent += square_exponent;
        }
        square *= square;
        square_exponent <<= 1;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        bits >>= 1;
    }
    if exponent < 0.0 {
        mantissa = 1.0 / mantissa;
        mantissa_exponent = -mantissa_exponent;
    }
    scale(mantissa, mantissa_exponent)
}

/// `math.Ldexp` of a positive number: the only rounding is that to a subnormal one.
fn scale(mantissa: f64, exponent: i32) -> f64 {
    let power = |exponent: i32| f64::from_bits(((exponent + 1023) as u64) << 52);
    match exponent {
        ..-1200 => 0.0,
        -1200..-1000 => mantissa * power(exponent + 600) * power(-600),
        -1000..1000 => mantissa * power(exponent),
        1000..1200 => mantissa * power(exponent - 600) * power(600),
        _ => f64::INFINITY,
    }
}

fn until(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let count = args.int(0);
    int_list(state, 0, count, if count < 0 { -1 } else { 1 })
}

fn until_step(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    int_list(state, args.int(0), args.int(1), args.int(2))
}

fn int_list(state: &mut State<'_>, start: i64, stop: i64, step: i64) -> Result<Value> {
    let items = range(state, start, stop, step, size_of::<Value>())?;
    let origin = chart_lint_template::OriginId::NONE;
    let items =
        items.map(|n| Value { data: Data::Int(n, chart_lint_template::IntKind::Int), origin, boxed: false });
    Ok(List::typed(Type::Slice(&Type::INT), items.collect()).into())
}

/// Sprig's `untilStep`: up or down from `start` to before `stop`, each number costing `bytes`.
fn range(
    state: &mut State<'_>,
    start: i64,
    stop: i64,
    step: i64,
    bytes: usize,
) -> Result<impl Iterator<Item = i64> + use<>> {
    let distance = i128::from(stop) - i128::from(start);
    let step_wide = i128::from(step);
    let goes_on = if distance < 0 { step < 0 } else { step > 0 };
    let count = if goes_on { (distance + step_wide - step_wide.signum()) / step_wide } else { 0 };
    // Past the largest integer Go starts again with the smallest, and never ends.
    let past_last = i128::from(start) + count * step_wide;
    let count = match usize::try_from(count) {
        Ok(count) if i64::try_from(past_last).is_ok() || count == 0 => count,
        _ => return Err(Error::limit("a list of numbers is too long: limit reached")),
    };
    state.spend_steps(count as u64)?;
    state.spend_bytes(count.saturating_mul(bytes))?;
    Ok((0..count as i64).map(move |n| start.wrapping_add(n.wrapping_mul(step))))
}

fn seq(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (start, step, end) = match args.len() {
        1 => (1, None, args.int(0)),
        2 => (args.int(0), None, args.int(1)),
        3 => (args.int(0), Some(args.int(1)), args.int(2)),
        _ => return Ok(Value::from("")),
    };
    let direction = if end < start { -1 } else { 1 };
    if direction < 0 && step.is_some_and(|step| step > 0) {
        return Ok(Value::from(""));
    }
    let stop = end.wrapping_add(direction);
    let mut out = String::new();
    for n in range(state, start, stop, step.unwrap_or(direction), 8)? {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&n.to_string());
    }
    Ok(Value::from(out))
}
