//! The library's documented part: a filter, lines in, failures out, with warnings and hints.
//! Reading logs, reports and everything else is the program's; the modules it uses are open but
//! promise nothing.

mod analysis;
mod filter;
mod session;

pub use analysis::{Analysis, Failure, Hint, Line, Verdict, Warning};
pub use filter::{Error, Filter};
pub use session::{Counts, Session};
