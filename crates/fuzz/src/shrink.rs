//! Makes a question smaller, as long as both sides still differ in the same way.

use serde_json::{Map, Value as Json};

/// How many smaller questions are tried at most.
const TRIES: usize = 2500;

struct Shrinker<'f> {
    question: Json,
    differs: &'f mut dyn FnMut(&Json) -> bool,
    tries: usize,
}

/// The smallest question that could be found for which `differs` still holds.
pub(crate) fn shrink(question: &Json, differs: &mut dyn FnMut(&Json) -> bool) -> Json {
    let mut shrinker = Shrinker { question: question.clone(), differs, tries: TRIES };
    loop {
        let before = shrinker.question.to_string().len();
        shrinker.remove_entries(&mut Vec::new());
        shrinker.shorten_texts();
        if shrinker.tries == 0 || shrinker.question.to_string().len() >= before {
            return shrinker.question;
        }
    }
}

/// A step on the way to a part of the question.
#[derive(Clone)]
enum Step {
    Key(String),
    Index(usize),
}

fn at<'j>(json: &'j mut Json, path: &[Step]) -> Option<&'j mut Json> {
    path.iter().try_fold(json, |json, step| match step {
        Step::Key(key) => json.get_mut(key),
        Step::Index(index) => json.get_mut(index),
    })
}

impl Shrinker<'_> {
    fn attempt(&mut self, smaller: Json) -> bool {
        if self.tries == 0 || smaller == self.question {
            return false;
        }
        self.tries -= 1;
        let keeps = (self.differs)(&smaller);
        if keeps {
            self.question = smaller;
        }
        keeps
    }

    fn attempt_at(&mut self, path: &[Step], part: Json) -> bool {
        let mut smaller = self.question.clone();
        match at(&mut smaller, path) {
            Some(place) => *place = part,
            None => return false,
        }
        self.attempt(smaller)
    }

    fn part(&mut self, path: &[Step]) -> Option<Json> {
        at(&mut self.question, path).cloned()
    }

    /// Leaves out entries of objects and elements of lists, and puts parts in place of the whole.
    fn remove_entries(&mut self, path: &mut Vec<Step>) {
        match self.part(path) {
            Some(Json::Object(map)) => {
                for key in map.keys() {
                    let mut less = match self.part(path) {
                        Some(Json::Object(now)) => now,
                        _ => return,
                    };
                    less.remove(key);
                    if !path.is_empty() || key != "template" {
                        if self.attempt_at(path, Json::Object(less)) {
                            continue;
                        }
                        path.push(Step::Key(key.clone()));
                        self.remove_entries(path);
                        path.pop();
                    }
                }
            }
            Some(Json::Array(list)) => {
                for index in (0..list.len()).rev() {
                    let mut less = match self.part(path) {
                        Some(Json::Array(now)) => now,
                        _ => return,
                    };
                    less.remove(index);
                    if self.attempt_at(path, Json::Array(less)) {
                        continue;
                    }
                    path.push(Step::Index(index));
                    self.remove_entries(path);
                    path.pop();
                }
            }
            Some(Json::Number(_)) if path.len() > 1 => {
                let _ = self.attempt_at(path, Json::from(0)) || self.attempt_at(path, Json::from(1));
            }
            _ => {}
        }
    }

    fn shorten_texts(&mut self) {
        let mut paths = Vec::new();
        text_paths(&self.question, &mut Vec::new(), &mut paths);
        for path in paths {
            let is_template = matches!(path.as_slice(), [Step::Key(key)] if key == "template")
                || matches!(path.as_slice(), [Step::Key(key), _] if key == "templates");
            if is_template {
                self.remove_actions(&path);
                self.simplify_operands(&path);
            }
            self.remove_characters(&path);
        }
    }

    fn text(&mut self, path: &[Step]) -> Option<String> {
        match self.part(path) {
            Some(Json::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Leaves out actions, and what stands between two of them.
    fn remove_actions(&mut self, path: &[Step]) {
        let mut first = 0;
        loop {
            let Some(text) = self.text(path) else { return };
            let pieces = pieces(&text);
            if first >= pieces.len() {
                return;
            }
            let mut removed = false;
            for last in (first..pieces.len().min(first + 30)).rev() {
                let without: String = [&pieces[..first], &pieces[last + 1..]].concat().concat();
                // An action and its end, but not what is between.
                let hollow: String = if last > first {
                    [&pieces[..first], &pieces[first + 1..last], &pieces[last + 1..]].concat().concat()
                } else {
                    String::new()
                };
                if self.attempt_at(path, Json::from(without))
                    || (last > first && self.attempt_at(path, Json::from(hollow)))
                {
                    removed = true;
                    break;
                }
            }
            if !removed {
                first += 1;
            }
        }
    }

    /// Puts something simple in place of parenthesised operands.
    fn simplify_operands(&mut self, path: &[Step]) {
        let mut from = 0;
        while let Some(text) = self.text(path) {
            let Some(open) = text.get(from..).and_then(|rest| rest.find('(')).map(|at| at + from) else {
                return;
            };
            let Some(close) = closing(&text, open) else {
                from = open + 1;
                continue;
            };
            let inner = &text[open + 1..close];
            let candidates = ["1", "\"a\"", "\"\"", "nil", "(list)", "(dict)", inner];
            let found = candidates.iter().any(|candidate| {
                let smaller = format!("{}{candidate}{}", &text[..open], &text[close + 1..]);
                smaller.len() < text.len() && self.attempt_at(path, Json::from(smaller))
            });
            if !found {
                from = open + 1;
            }
        }
    }

    fn remove_characters(&mut self, path: &[Step]) {
        let Some(mut text) = self.text(path) else { return };
        let mut size = text.chars().count().div_ceil(2);
        while size > 0 {
            let mut start = 0;
            loop {
                let characters: Vec<char> = text.chars().collect();
                if start >= characters.len() {
                    break;
                }
                let end = (start + size).min(characters.len());
                let less: String = characters[..start].iter().chain(&characters[end..]).collect();
                if self.attempt_at(path, Json::from(less.clone())) {
                    text = less;
                } else {
                    start += size;
                }
            }
            size /= 2;
        }
    }
}

fn text_paths(json: &Json, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    match json {
        Json::String(_) => found.push(path.clone()),
        Json::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                path.push(Step::Index(index));
                text_paths(item, path, found);
                path.pop();
            }
        }
        Json::Object(map) => entries(map, path, found),
        _ => {}
    }
}

fn entries(map: &Map<String, Json>, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    for (key, value) in map {
        path.push(Step::Key(key.clone()));
        text_paths(value, path, found);
        path.pop();
    }
}

/// Actions, and the text between them.
fn pieces(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        if open > 0 {
            found.push(&rest[..open]);
        }
        let end = rest[open..].find("}}").map_or(rest.len(), |close| open + close + 2);
        found.push(&rest[open..end]);
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        found.push(rest);
    }
    found
}

fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}
