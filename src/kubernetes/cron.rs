//! Schedules of CronJobs, as the controller reads them: five fields or a macro, and names of time zones.

use jiff::tz::TimeZoneDatabase;

use super::quantity::parse_seconds;

/// A field of a schedule.
struct Field {
    name: &'static str,
    min: u32,
    max: u32,
    /// Words that stand for numbers, from `first_word` on.
    words: &'static [&'static str],
    first_word: u32,
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", min: 0, max: 59, words: &[], first_word: 0 },
    Field { name: "hour", min: 0, max: 23, words: &[], first_word: 0 },
    Field { name: "day of the month", min: 1, max: 31, words: &[], first_word: 0 },
    Field {
        name: "month",
        min: 1,
        max: 12,
        words: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        first_word: 1,
    },
    // Unlike in most programs, 7 is no Sunday.
    Field {
        name: "day of the week",
        min: 0,
        max: 6,
        words: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
        first_word: 0,
    },
];

/// The most days that each month has.
const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Why a schedule does not work; `None` if it does.
pub(crate) fn schedule_problem(schedule: &str) -> Option<String> {
    let text = schedule.trim();
    if text.is_empty() {
        return Some("it is empty".to_owned());
    }
    if text.contains("TZ") {
        return Some("it sets a time zone, which belongs in `timeZone`".to_owned());
    }
    if let Some(name) = text.strip_prefix('@') {
        return macro_problem(name);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() != FIELDS.len() {
        return Some(format!("it has {} fields instead of 5", words.len()));
    }
    let mut sets = [0_u64; 5];
    for ((set, field), word) in sets.iter_mut().zip(&FIELDS).zip(&words) {
        match read_field(field, word) {
            Ok(read) => *set = read,
            Err(problem) => return Some(problem),
        }
    }
    // Days of the month and of the week are alternatives, unless one of them is a star.
    let is_star = |word: &str| word.split(',').any(|part| matches!(part, "*" | "?"));
    let (days, months) = (sets[2], sets[3]);
    if is_star(words[4]) && !is_star(words[2]) {
        let possible = (1..=12).any(|month| {
            months & (1 << month) != 0 && (1..=DAYS[month - 1]).any(|day| days & (1 << day) != 0)
        });
        if !possible {
            return Some("its date exists in no year".to_owned());
        }
    }
    None
}

fn macro_problem(name: &str) -> Option<String> {
    const MACROS: &[&str] = &["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
    if MACROS.contains(&name) {
        return None;
    }
    match name.strip_prefix("every ") {
        Some(duration) if parse_seconds(duration).is_some() && duration.ends_with(['s', 'm', 'h']) => None,
        Some(duration) => Some(format!("`{duration}` is no duration")),
        None => Some(format!("`@{name}` is unknown")),
    }
}

/// The numbers that a field stands for, as bits.
fn read_field(field: &Field, text: &str) -> Result<u64, String> {
    let mut set = 0;
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let wrong = || format!("`{part}` is no {}", field.name);
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<u32>().map_err(|_| wrong())?)),
            None => (part, None),
        };
        let number = |word: &str| -> Result<u32, String> {
            let lower = word.to_ascii_lowercase();
            let named = field.words.iter().position(|known| *known == lower);
            match named {
                Some(index) => Ok(field.first_word + index as u32),
                None => word.parse().map_err(|_| wrong()),
            }
        };
        let (first, last) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => (field.min, field.max),
            Some((first, last)) => (number(first)?, number(last)?),
            // With a step, a single number goes on to the end.
            None if step.is_some() => (number(range)?, field.max),
            None => (number(range)?, number(range)?),
        };
        if first < field.min || last > field.max {
            let (min, max) = (field.min, field.max);
            return Err(format!("`{part}` is outside of {min} to {max}, what a {} may be", field.name));
        }
        if first > last {
            return Err(format!("`{part}` ends before it starts"));
        }
        let step = step.unwrap_or(1);
        if step == 0 {
            return Err(format!("`{part}` has a step of 0"));
        }
        for number in (first..=last).step_by(step as usize) {
            set |= 1 << number;
        }
    }
    Ok(set)
}

/// Whether a name is that of a time zone, as Go finds it: its case counts.
pub(crate) fn is_time_zone(name: &str) -> bool {
    static DATABASE: std::sync::OnceLock<TimeZoneDatabase> = std::sync::OnceLock::new();
    let zone = DATABASE.get_or_init(TimeZoneDatabase::bundled).get(name);
    zone.is_ok_and(|zone| name == "UTC" || zone.iana_name() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::{is_time_zone, schedule_problem};

    #[test]
    fn schedules_that_kubernetes_takes_have_no_problem() {
        for schedule in [
            "* * * * *",
            "*/5 0-6,22 1,15 jan-MAR mon",
            "0 0 * * 0",
            "5/15 * ? * *",
            "@daily",
            "@every 1h30m",
            "0 0 31 2 mon",
            "0 0 29 2 *",
            "0 0 31 */2 *",
        ] {
            assert_eq!(schedule_problem(schedule), None, "{schedule}");
        }
    }

    #[test]
    fn schedules_that_cannot_work_say_why() {
        for (schedule, problem) in [
            ("", "it is empty"),
            ("* * * *", "it has 4 fields instead of 5"),
            ("0 0 0 * * *", "it has 6 fields instead of 5"),
            ("60 * * * *", "`60` is outside of 0 to 59, what a minute may be"),
            ("0 0 * * 7", "`7` is outside of 0 to 6, what a day of the week may be"),
            ("0 0 30 2 *", "its date exists in no year"),
            ("0 0 31 4,6 *", "its date exists in no year"),
            ("*/0 * * * *", "`*/0` has a step of 0"),
            ("30-10 * * * *", "`30-10` ends before it starts"),
            ("x * * * *", "`x` is no minute"),
            ("CRON_TZ=UTC 0 0 * * *", "it sets a time zone, which belongs in `timeZone`"),
            ("@reboot", "`@reboot` is unknown"),
            ("@every soon", "`soon` is no duration"),
        ] {
            assert_eq!(schedule_problem(schedule).as_deref(), Some(problem), "{schedule}");
        }
    }

    #[test]
    fn time_zones_are_known_by_their_exact_names() {
        for (name, known) in [
            ("UTC", true),
            ("Etc/UTC", true),
            ("Europe/Zurich", true),
            ("europe/zurich", false),
            ("CET-1", false),
        ] {
            assert_eq!(is_time_zone(name), known, "{name}");
        }
    }
}
