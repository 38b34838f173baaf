//! Everything that starts with a parenthesis.

use super::Flags;
use super::ast::{Conditional, Group, GroupKind, Kind, Look, Node, Width};
use super::error::{PatternError, repr};
use super::parse::{Parser, integer};
use super::source::Token;
use super::unicode;

/// CPython's `MAXGROUPS`.
const MAX_GROUPS: u64 = 1_073_741_823;

/// The flags a group turns on or off. `unicode` is only ever turned on.
#[derive(Clone, Copy, Default, PartialEq)]
struct FlagSet {
    ignore_case: bool,
    multi_line: bool,
    dot_all: bool,
    verbose: bool,
    ascii: bool,
    unicode: bool,
}

impl FlagSet {
    /// Turn one on; false if the character is no flag.
    fn insert(&mut self, c: char) -> bool {
        match c {
            'i' => self.ignore_case = true,
            'm' => self.multi_line = true,
            's' => self.dot_all = true,
            'x' => self.verbose = true,
            'a' => self.ascii = true,
            'u' => self.unicode = true,
            'L' => {}
            _ => return false,
        }
        true
    }

    fn overlaps(&self, other: &FlagSet) -> bool {
        self.ignore_case && other.ignore_case
            || self.multi_line && other.multi_line
            || self.dot_all && other.dot_all
            || self.verbose && other.verbose
    }
}

type Parsed = (Kind, Width);

impl Parser<'_> {
    /// A group, after its `(` at `start`; none for what leaves no node. `first`:
    /// global flags may stand here, and change `flags`.
    pub(super) fn group(
        &mut self,
        start: usize,
        flags: &mut Flags,
        first: bool,
    ) -> Result<Option<Parsed>, PatternError> {
        if !self.source.eat('?')? {
            return self.capture(start, *flags, None).map(Some);
        }
        let token = self.source.get()?;
        let c = match token {
            Token::End => return Err(self.source.error("unexpected end of pattern", 0)),
            Token::Char(c) => c,
            Token::Escape(_) => return Err(self.unknown_extension("?", token)),
        };
        match c {
            'P' => self.python_group(start, *flags).map(Some),
            ':' => self.body(start, *flags, GroupKind::Plain).map(Some),
            '>' => self.body(start, *flags, GroupKind::Atomic).map(Some),
            '#' => {
                self.comment(start)?;
                Ok(None)
            }
            '=' | '!' => self.look(start, *flags, false, c == '!').map(Some),
            '<' => match self.source.get()? {
                Token::End => Err(self.source.error("unexpected end of pattern", 0)),
                Token::Char(c @ ('=' | '!')) => self.look(start, *flags, true, c == '!').map(Some),
                other => Err(self.unknown_extension("?<", other)),
            },
            '(' => self.conditional(start, *flags).map(Some),
            c if c == '-' || FlagSet::default().insert(c) => {
                self.flag_group(start, c, flags, first)
            }
            _ => Err(self.unknown_extension("?", token)),
        }
    }

    fn unknown_extension(&self, opening: &str, token: Token) -> PatternError {
        self.source.error(
            format!("unknown extension {opening}{}", token.text()),
            token.len() + opening.len(),
        )
    }

    fn unterminated(&self, start: usize) -> PatternError {
        let back = self.source.tell() - start;
        self.source
            .error("missing ), unterminated subpattern", back)
    }

    fn comment(&mut self, start: usize) -> Result<(), PatternError> {
        loop {
            if self.source.next == Token::End {
                let back = self.source.tell() - start;
                return Err(self.source.error("missing ), unterminated comment", back));
            }
            if self.source.get()? == Token::Char(')') {
                return Ok(());
            }
        }
    }

    /// `(?P<name>…)` and `(?P=name)`, after the `P`.
    fn python_group(&mut self, start: usize, flags: Flags) -> Result<Parsed, PatternError> {
        if self.source.eat('<')? {
            let name = self.source.get_until('>', "group name")?;
            self.source.check_group_name(&name, 1)?;
            return self.capture(start, flags, Some(name));
        }
        if self.source.eat('=')? {
            let name = self.source.get_until(')', "group name")?;
            self.source.check_group_name(&name, 1)?;
            let back = name.chars().count() + 1;
            let Some(group) = self.named(&name) else {
                return Err(self
                    .source
                    .error(format!("unknown group name {}", repr(&name)), back));
            };
            let Some(width) = self.group_widths[group] else {
                return Err(self.source.error("cannot refer to an open group", back));
            };
            self.check_lookbehind_group(group)?;
            return Ok((Kind::Backreference(group), width));
        }
        match self.source.get()? {
            Token::End => Err(self.source.error("unexpected end of pattern", 0)),
            other => Err(self.unknown_extension("?P", other)),
        }
    }

    fn named(&self, name: &str) -> Option<usize> {
        self.names
            .iter()
            .find(|(known, _)| known == name)
            .map(|&(_, index)| index)
    }

    fn capture(
        &mut self,
        start: usize,
        flags: Flags,
        name: Option<String>,
    ) -> Result<Parsed, PatternError> {
        let index = self.group_widths.len();
        if let Some(name) = &name {
            if let Some(other) = self.named(name) {
                return Err(self.source.error(
                    format!(
                        "redefinition of group name {} as group {index}; was group {other}",
                        repr(name)
                    ),
                    name.chars().count() + 1,
                ));
            }
            self.names.push((name.clone(), index));
        }
        self.group_widths.push(None);
        let parsed = self.body(start, flags, GroupKind::Capture { index, name })?;
        self.group_widths[index] = Some(parsed.1);
        Ok(parsed)
    }

    /// The inside of a group and its closing parenthesis.
    fn body(
        &mut self,
        start: usize,
        flags: Flags,
        kind: GroupKind,
    ) -> Result<Parsed, PatternError> {
        let node = Box::new(self.alternatives(flags, false)?);
        if !self.source.eat(')')? {
            return Err(self.unterminated(start));
        }
        let width = node.width;
        Ok((Kind::Group(Group { kind, node }), width))
    }

    fn look(
        &mut self,
        start: usize,
        flags: Flags,
        behind: bool,
        negated: bool,
    ) -> Result<Parsed, PatternError> {
        let outermost = behind && self.lookbehind_groups.is_none();
        if outermost {
            self.lookbehind_groups = Some(self.group_widths.len());
        }
        let node = Box::new(self.alternatives(flags, false)?);
        if outermost {
            self.lookbehind_groups = None;
        }
        if !self.source.eat(')')? {
            return Err(self.unterminated(start));
        }
        let look = Look {
            behind,
            negated,
            node,
        };
        Ok((Kind::Look(look), Width::ZERO))
    }

    /// `(?(1)yes|no)`, after the second parenthesis.
    fn conditional(&mut self, start: usize, flags: Flags) -> Result<Parsed, PatternError> {
        let name = self.source.get_until(')', "group name")?;
        let length = name.chars().count();
        let group = if name.bytes().all(|b| b.is_ascii_digit()) {
            let number = integer(&name)?;
            let group = match number {
                Some(0) => return Err(self.source.error("bad group number", length + 1)),
                Some(number) if number < MAX_GROUPS => number as usize,
                _ => {
                    let shown = name.trim_start_matches('0');
                    return Err(self
                        .source
                        .error(format!("invalid group reference {shown}"), length + 1));
                }
            };
            if !self.forward.iter().any(|&(known, _)| known == group) {
                self.forward.push((group, self.source.tell() - length - 1));
            }
            group
        } else {
            self.source.check_group_name(&name, 1)?;
            match self.named(&name) {
                Some(group) => group,
                None => {
                    return Err(self
                        .source
                        .error(format!("unknown group name {}", repr(&name)), length + 1));
                }
            }
        };
        self.check_lookbehind_group(group)?;
        if self.depth > 496 {
            return Err(PatternError::whole("maximum recursion depth exceeded"));
        }
        self.depth += 1;
        let yes = Box::new(self.sequence(flags, false)?);
        let mut no = None;
        if self.source.eat('|')? {
            no = Some(Box::new(self.sequence(flags, false)?));
            if self.source.next == Token::Char('|') {
                return Err(self
                    .source
                    .error("conditional backref with more than two branches", 0));
            }
        }
        self.depth -= 1;
        if !self.source.eat(')')? {
            return Err(self.unterminated(start));
        }
        let width = match &no {
            Some(no) => yes.width.or(no.width),
            None => yes.width.or(Width::ZERO),
        };
        Ok((Kind::Conditional(Conditional { group, yes, no }), width))
    }

    /// What CPython asks of a reference that stands in a lookbehind.
    pub(super) fn check_lookbehind_group(&self, group: usize) -> Result<(), PatternError> {
        let Some(before) = self.lookbehind_groups else {
            return Ok(());
        };
        if self.group_widths.get(group).copied().flatten().is_none() {
            return Err(self.source.error("cannot refer to an open group", 0));
        }
        if group >= before {
            return Err(self.source.error(
                "cannot refer to group defined in the same lookbehind subpattern",
                0,
            ));
        }
        Ok(())
    }

    fn flag_group(
        &mut self,
        start: usize,
        c: char,
        flags: &mut Flags,
        first: bool,
    ) -> Result<Option<Parsed>, PatternError> {
        let Some((on, off)) = self.flag_letters(c)? else {
            if !first {
                let back = self.source.tell() - start;
                return Err(self
                    .source
                    .error("global flags not at the start of the expression", back));
            }
            *flags = self.flags;
            return Ok(None);
        };
        let mut inner = *flags;
        inner.ignore_case = (inner.ignore_case || on.ignore_case) && !off.ignore_case;
        inner.multi_line = (inner.multi_line || on.multi_line) && !off.multi_line;
        inner.dot_all = (inner.dot_all || on.dot_all) && !off.dot_all;
        inner.verbose = (inner.verbose || on.verbose) && !off.verbose;
        inner.ascii = (inner.ascii || on.ascii) && !on.unicode;
        let kind = if (on, off) == (FlagSet::default(), FlagSet::default()) {
            GroupKind::Plain
        } else {
            GroupKind::Flags
        };
        self.body(start, inner, kind).map(Some)
    }

    /// The letters of a flag group from the first on; none if it was a global one,
    /// which is then in force.
    fn flag_letters(&mut self, first: char) -> Result<Option<(FlagSet, FlagSet)>, PatternError> {
        let mut on = FlagSet::default();
        let mut off = FlagSet::default();
        let mut c = first;
        if c != '-' {
            loop {
                if c == 'L' {
                    return Err(self.source.error(
                        "bad inline flags: cannot use 'L' flag with a str pattern",
                        0,
                    ));
                }
                on.insert(c);
                if on.ascii && on.unicode && matches!(c, 'a' | 'u') {
                    return Err(self.source.error(
                        "bad inline flags: flags 'a', 'u' and 'L' are incompatible",
                        0,
                    ));
                }
                c = self.flag_letter("missing -, : or )", &[')', '-', ':'])?;
                if matches!(c, ')' | '-' | ':') {
                    break;
                }
            }
        }
        if c == ')' {
            self.flags.ignore_case |= on.ignore_case;
            self.flags.multi_line |= on.multi_line;
            self.flags.dot_all |= on.dot_all;
            self.flags.verbose |= on.verbose;
            self.flags.ascii |= on.ascii;
            self.type_flags.ascii |= on.ascii;
            self.type_flags.unicode |= on.unicode;
            return Ok(None);
        }
        if c == '-' {
            c = self.flag_letter("missing flag", &[])?;
            loop {
                if matches!(c, 'a' | 'u' | 'L') {
                    return Err(self.source.error(
                        "bad inline flags: cannot turn off flags 'a', 'u' and 'L'",
                        0,
                    ));
                }
                off.insert(c);
                c = self.flag_letter("missing :", &[':'])?;
                if c == ':' {
                    break;
                }
            }
        }
        if on.overlaps(&off) {
            return Err(self
                .source
                .error("bad inline flags: flag turned on and off", 1));
        }
        Ok(Some((on, off)))
    }

    /// The next flag letter, or one of the characters that end the letters.
    fn flag_letter(&mut self, missing: &str, ends: &[char]) -> Result<char, PatternError> {
        let token = self.source.get()?;
        match token {
            Token::End => Err(self.source.error(missing, 0)),
            Token::Char(c) if ends.contains(&c) || FlagSet::default().insert(c) => Ok(c),
            Token::Char(c) if unicode::is_alpha(c) => {
                Err(self.source.error("unknown flag", token.len()))
            }
            _ => Err(self.source.error(missing, token.len())),
        }
    }
}

/// A group that leaves nothing but its inside: what CPython splices away.
pub(super) fn unwrap_plain(node: &Node) -> &Node {
    let mut node = node;
    while let Kind::Group(Group {
        kind: GroupKind::Plain,
        node: inner,
    }) = &node.kind
    {
        node = inner;
    }
    node
}
