//! Values as Go programs parse them: AKO and Cilium read their settings so.

/// strconv.ParseBool.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// strconv.ParseInt with base 0 and 64 bits, as command line flags are read:
/// a sign, `0x`, `0o`, `0b` or `0` before other bases, and underscores between
/// digits where a base prefix stands.
pub fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = match lower.strip_prefix('0') {
        None | Some("") => (10, lower.as_str()),
        Some(rest) => match rest.as_bytes().first()? {
            b'x' => (16, rest.get(1..)?),
            b'o' => (8, rest.get(1..)?),
            b'b' => (2, rest.get(1..)?),
            _ => (8, rest),
        },
    };
    let has_prefix = body.len() < lower.len();
    let body = match body.strip_prefix('_') {
        Some(rest) if has_prefix => rest,
        _ => body,
    };
    if !has_prefix && body.contains('_') || body.starts_with(['+', '-']) {
        return None;
    }
    if body.split('_').any(str::is_empty) {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    i64::from_str_radix(&format!("{sign}{}", body.replace('_', "")), radix).ok()
}

/// Whether time.ParseDuration accepts a text: `0`, or numbers with units such
/// as `1h15m30.5s`.
pub fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let whole = rest.len() - number.len();
        let fraction_start = number.strip_prefix('.').unwrap_or(number);
        let after = fraction_start.trim_start_matches(|c: char| c.is_ascii_digit());
        let fraction = if number.starts_with('.') {
            fraction_start.len() - after.len()
        } else {
            0
        };
        if whole + fraction == 0 {
            return false;
        }
        let unit = after
            .find(|c: char| c == '.' || c.is_ascii_digit())
            .unwrap_or(after.len());
        let (name, next) = after.split_at(unit);
        if !matches!(name, "ns" | "us" | "µs" | "μs" | "ms" | "s" | "m" | "h") {
            return false;
        }
        rest = next;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{is_duration, parse_bool, parse_int};

    #[test]
    fn reads_integers_as_go_does() {
        for (text, value) in [
            ("0", Some(0)),
            ("-7", Some(-7)),
            ("+7", Some(7)),
            ("0x1F", Some(31)),
            ("0b101", Some(5)),
            ("0o17", Some(15)),
            ("017", Some(15)),
            ("0x_1F", Some(31)),
            ("0_17", Some(15)),
            ("1_000", None),
            ("08", None),
            ("", None),
            ("-", None),
            ("--1", None),
            ("0x", None),
            ("0x-1", None),
            ("1.0", None),
            (" 1", None),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
        ] {
            assert_eq!(parse_int(text), value, "{text:?}");
        }
    }

    #[test]
    fn knows_the_durations_of_go() {
        for text in [
            "0",
            "5m0s",
            "1h15m30.5s",
            "-1.5h",
            "100ms",
            ".5s",
            "1.s",
            "+0",
            "1us",
        ] {
            assert!(is_duration(text), "{text:?}");
        }
        for text in ["", "5", "m", "5 m", "5d", ".s", "1h-5m", "-", "5m0"] {
            assert!(!is_duration(text), "{text:?}");
        }
    }

    #[test]
    fn accepts_what_go_accepts() {
        for text in ["1", "t", "T", "TRUE", "true", "True"] {
            assert_eq!(parse_bool(text), Some(true), "{text}");
        }
        for text in ["0", "f", "F", "FALSE", "false", "False"] {
            assert_eq!(parse_bool(text), Some(false), "{text}");
        }
        for text in ["", "yes", "no", "on", "tRUE", " true", "enabled"] {
            assert_eq!(parse_bool(text), None, "{text}");
        }
    }
}
