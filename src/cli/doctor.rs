use super::Status;
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

#[derive(Clone, Debug, Parser)]
#[command(name = "f2b-regex doctor")]
struct DoctorArgs {
    #[arg(short, long)]
    config: PathBuf,
    #[arg(long)]
    format: String,
}
pub fn arguments() -> clap::Command {
    DoctorArgs::command()
}
pub fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<DoctorArgs>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    let (out, err, ok) = f2b_regex::config::temporary_dump(&args.config);
    let mut stdout = io::stdout().lock();
    for line in out {
        writeln!(stdout, "{line}")?;
    }
    for line in err {
        eprintln!("f2b-regex: {line}");
    }
    Ok(if ok { Status::Ran } else { Status::Error })
}
