//! Quantities as resources have them (`250m`, `1.5Gi`), durations as Go and shells write them (`1h30m`, `15`), and
//! numbers that may be percentages (`25%`).

/// The value of a quantity in units of its resource: cores, bytes, pieces. `None` if Kubernetes refuses the text.
///
/// The grammar is that of Kubernetes' `resource.Quantity`: a decimal number, then a binary suffix (`Ki` to `Ei`), a decimal
/// one (`n`, `u`, `m`, `k` to `E`) or an exponent (`e3`).
pub(crate) fn parse_quantity(text: &str) -> Option<f64> {
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(split);
    let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
    let is_number = digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().filter(|&byte| byte == b'.').count() <= 1;
    if !is_number {
        return None;
    }
    let value: f64 = number.parse().ok()?;
    // Divisions are exact to the last bit where products of 0.001 are not: `700m` is to equal `0.7`.
    let value = match suffix {
        "" => value,
        "n" => value / 1e9,
        "u" => value / 1e6,
        "m" => value / 1e3,
        "k" => value * 1e3,
        "M" => value * 1e6,
        "G" => value * 1e9,
        "T" => value * 1e12,
        "P" => value * 1e15,
        "E" => value * 1e18,
        "Ki" => value * 1024.0,
        "Mi" => value * 1_048_576.0,
        "Gi" => value * 1_073_741_824.0,
        "Ti" => value * 1_099_511_627_776.0,
        "Pi" => value * 1_125_899_906_842_624.0,
        "Ei" => value * 1_152_921_504_606_846_976.0,
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            format!("{number}e{exponent}").parse().ok()?
        }
    };
    value.is_finite().then_some(value)
}

/// The seconds of a duration: `15`, `1.5`, `30s`, `1h30m`, `100ms`. A number without a unit counts seconds, as for `sleep`.
pub(crate) fn parse_seconds(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "" | "s" => 1.0,
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            _ => return None,
        };
        rest = &rest[end..];
        seconds += number * unit;
    }
    Some(seconds)
}

/// A number of pods out of `total`: a plain number, or a percentage rounded up or down. `None` if it is neither.
pub(crate) fn parse_share(text: &str, total: i64, round_up: bool) -> Option<i64> {
    match text.strip_suffix('%') {
        Some(percent) => {
            let percent: i64 = percent.parse().ok().filter(|&percent| percent >= 0)?;
            let product = percent.checked_mul(total)?;
            Some(if round_up { product.checked_add(99)? / 100 } else { product / 100 })
        }
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_quantity, parse_seconds, parse_share};

    #[test]
    fn quantities_are_read_as_kubernetes_reads_them() {
        for (text, value) in [
            ("100m", Some(0.1)),
            ("700m", Some(0.7)),
            ("0.7", Some(0.7)),
            (".5", Some(0.5)),
            ("1.", Some(1.0)),
            ("128Mi", Some(134_217_728.0)),
            ("1.5Gi", Some(1_610_612_736.0)),
            ("128M", Some(128e6)),
            ("1E", Some(1e18)),
            ("1e3", Some(1000.0)),
            ("2E-1", Some(0.2)),
            ("-1", Some(-1.0)),
            ("128974848", Some(128_974_848.0)),
            ("", None),
            (".", None),
            ("100mb", None),
            ("1 Gi", None),
            ("1GB", None),
            ("1K", None),
            ("1.2.3", None),
            ("1e", None),
            ("1e999", None),
            ("Mi", None),
            ("0x10", None),
        ] {
            assert_eq!(parse_quantity(text), value, "{text}");
        }
    }

    #[test]
    fn durations_are_read() {
        for (text, value) in [
            ("15", Some(15.0)),
            ("1h30m", Some(5400.0)),
            ("100ms", Some(0.1)),
            ("1.5m", Some(90.0)),
            ("", None),
            ("soon", None),
            ("5x", None),
        ] {
            assert_eq!(parse_seconds(text), value, "{text}");
        }
    }

    #[test]
    fn shares_are_rounded() {
        assert_eq!(parse_share("50%", 3, true), Some(2));
        assert_eq!(parse_share("50%", 3, false), Some(1));
        assert_eq!(parse_share("2", 3, true), Some(2));
        assert_eq!(parse_share("-5%", 3, true), None);
        assert_eq!(parse_share("all", 3, true), None);
    }
}
