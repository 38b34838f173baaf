//! Lines grouped by their shape, by the method of Drain (He, Zhu, Zheng, Lyu: "Drain: An Online
//! Log Parsing Approach with Fixed Depth Tree", ICWS 2017): a tree of fixed depth, by the number
//! of words and the first of them, leads to a few groups, and a line joins the one whose words it
//! shares most.

use std::collections::HashMap;

/// First words by which the tree tells groups apart.
const DEPTH: usize = 2;
/// Words that a line must share with its group.
const SIMILAR: f64 = 0.5;
/// Words of a line that are looked at.
pub(crate) const WORDS: usize = 256;

/// Lines of one shape.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// Its words; None where the lines differ.
    pub(crate) words: Vec<Option<String>>,
    /// How many lines have it.
    pub(crate) lines: u64,
    /// The first of them: its number, from 1, and its text.
    pub(crate) number: u64,
    pub(crate) example: String,
}

/// Groups of lines.
#[derive(Debug)]
pub(crate) struct Shapes {
    tree: HashMap<(usize, [Option<String>; DEPTH]), Vec<usize>>,
    all: Vec<Shape>,
    most: usize,
    /// Lines of shapes beyond the most that are kept.
    others: u64,
}

impl Shapes {
    /// No lines yet; so many shapes are kept.
    pub(crate) fn new(most: usize) -> Shapes {
        Shapes {
            tree: HashMap::new(),
            all: Vec::new(),
            most,
            others: 0,
        }
    }

    /// Adds a line with its words; the number of its shape, None where there are too many.
    pub(crate) fn add_words(&mut self, number: u64, line: &str, words: &[&str]) -> Option<usize> {
        let mut first = [const { None }; DEPTH];
        for (first, word) in first.iter_mut().zip(words) {
            *first = fixed(word).filter(|word| !word.contains('"'));
        }
        let full = self.all.len() >= self.most;
        let leaf = if full {
            // a tree that may not grow
            match self.tree.get_mut(&(words.len(), first)) {
                Some(leaf) => leaf,
                None => {
                    self.others += 1;
                    return None;
                }
            }
        } else {
            self.tree.entry((words.len(), first)).or_default()
        };
        let shared = |&shape: &usize| {
            let known = self.all[shape].words.iter().zip(words);
            let same = known.filter(|(known, word)| known.as_deref() == Some(**word));
            (same.count(), shape)
        };
        let nearest = leaf.iter().map(shared).max_by_key(|(same, _)| *same);
        let digitless = words.iter().filter(|word| fixed(word).is_some()).count();
        let enough = |same: usize| same as f64 >= SIMILAR * digitless as f64;
        if let Some((_, at)) = nearest.filter(|(same, _)| enough(*same)) {
            let shape = &mut self.all[at];
            shape.lines += 1;
            for (known, word) in shape.words.iter_mut().zip(words) {
                if known.as_deref() != Some(*word) {
                    *known = None;
                }
            }
            return Some(at);
        }
        if full {
            self.others += 1;
            return None;
        }
        leaf.push(self.all.len());
        self.all.push(Shape {
            words: words.iter().map(|word| fixed(word)).collect(),
            lines: 1,
            number,
            example: line.to_owned(),
        });
        Some(self.all.len() - 1)
    }

    /// The shapes, those of most lines first, and how many lines have none of them.
    pub(crate) fn finish(mut self) -> (Vec<Shape>, u64) {
        // a stable sort: what came first stays first
        self.all.sort_by_key(|shape| std::cmp::Reverse(shape.lines));
        (self.all, self.others)
    }
}

impl Shape {
    /// Its words in a line, `*` for those that differ.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut differed = false;
        for word in &self.words {
            if word.is_none() && differed {
                continue;
            }
            differed = word.is_none();
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word.as_deref().unwrap_or("*"));
        }
        text
    }
}

/// A word that may be the same in other lines: numbers, dates and addresses are not.
fn fixed(word: &str) -> Option<String> {
    let digits = word.bytes().any(|byte| byte.is_ascii_digit());
    (!digits).then(|| word.to_owned())
}

/// The words of a line; what stands in double quotes is one.
pub(crate) fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t']);
        let mut quoted = false;
        let mut escaped = false;
        let end = rest.find(|c: char| {
            let was_escaped = std::mem::take(&mut escaped);
            match c {
                '"' if !was_escaped => quoted = !quoted,
                '\\' if !was_escaped => escaped = true,
                ' ' | '\t' => return !quoted,
                _ => {}
            }
            false
        });
        // a quote that is not closed quotes nothing
        let end = match end {
            None if quoted => rest.find([' ', '\t']).unwrap_or(rest.len()),
            end => end.unwrap_or(rest.len()),
        };
        let (word, behind) = rest.split_at(end);
        rest = behind;
        (!word.is_empty()).then_some(word)
    })
}

/// The fields of a line of JSON, each with the comma behind it.
pub(crate) fn fields(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    let ends = move |c: char| {
        let was_escaped = std::mem::take(&mut escaped);
        match c {
            '"' if !was_escaped => quoted = !quoted,
            '\\' if !was_escaped => escaped = true,
            ',' => return !quoted,
            _ => {}
        }
        false
    };
    line.split_inclusive(ends).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_shape_are_grouped() {
        let mut shapes = Shapes::new(3);
        let lines = [
            "login of anna failed from 192.0.2.1",
            "login of bob failed from 192.0.2.2",
            "disk \"my disk\" is full",
            "disk \"a\" is full",
            "login of eve failed from 192.0.2.3",
            "a b c d e f g",
            "no more shapes",
        ];
        for (number, line) in (1..).zip(lines) {
            shapes.add_words(number, line, &words(line).collect::<Vec<_>>());
        }
        let (all, others) = shapes.finish();
        let all: Vec<(u64, String)> = all.iter().map(|s| (s.lines, s.text())).collect();
        let wanted = [
            (3, "login of * failed from *".to_owned()),
            (2, "disk * is full".to_owned()),
            (1, "a b c d e f g".to_owned()),
        ];
        assert_eq!((all.as_slice(), others), (wanted.as_slice(), 1));
    }

    #[test]
    fn fields_end_at_commas() {
        let of = |line| fields(line).collect::<Vec<_>>();
        let wanted = [r#"{"a":"b, \" c","#, r#""d":[1,"#, "2]}"];
        assert_eq!(of(r#"{"a":"b, \" c", "d":[1,2]}"#), wanted);
    }

    #[test]
    fn quotes_hold_words_together() {
        let of = |line| words(line).collect::<Vec<_>>();
        assert_eq!(of(r#" a="b \" c" d"#), [r#"a="b \" c""#, "d"]);
        assert_eq!(of(r#"5" b c"#), [r#"5""#, "b", "c"]);
    }
}
