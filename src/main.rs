//! `f2b-regex`: arguments in, exit status out.

fn main() -> std::process::ExitCode {
    f2b_regex::program()
}
