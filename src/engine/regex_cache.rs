//! Regexes that were compiled before, for those who build nearly the same filter many times.

use crate::pattern::{Flags, PatternError, Regex};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Regexes kept at most; then all are forgotten.
const MOST: usize = 4096;

/// Compiled regexes by their text, tags replaced, and by whether they are multi-line ones. A
/// filter that is built beside another one shares its cache: hints build a filter again with each
/// change, and most regexes stay the same.
///
/// Exactness: a compiled regex is decided by its text and its flags. What it learns when it
/// searches (when machine code pays) changes how fast it is, never what it finds.
#[derive(Clone, Debug, Default)]
pub(crate) struct RegexCache {
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    regexes: HashMap<(String, bool), Arc<Regex>>,
    /// How many were compiled.
    compiled: u64,
}

impl RegexCache {
    /// The regex of that text. Errors are those of [`Regex::new`].
    pub(crate) fn compile(
        &self,
        pattern: &str,
        multi_line: bool,
    ) -> Result<Arc<Regex>, PatternError> {
        let key = (pattern.to_string(), multi_line);
        if let Some(regex) = self.known().regexes.get(&key) {
            return Ok(Arc::clone(regex));
        }
        let flags = Flags {
            multi_line,
            ..Flags::default()
        };
        let regex = Arc::new(Regex::new(pattern, flags)?);
        let mut known = self.known();
        if known.regexes.len() >= MOST {
            known.regexes.clear();
        }
        known.regexes.insert(key, Arc::clone(&regex));
        known.compiled += 1;
        Ok(regex)
    }

    /// How many regexes were compiled so far.
    pub(crate) fn compiled(&self) -> u64 {
        self.known().compiled
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regex_is_compiled_once_for_each_text_and_flag() {
        let cache = RegexCache::default();
        let compile = |multi_line| cache.compile("^a$", multi_line).expect("it compiles");
        assert!(Arc::ptr_eq(&compile(false), &compile(false)));
        assert!(!Arc::ptr_eq(&compile(false), &compile(true)));
        assert!(cache.compile("(", false).is_err());
    }
}
