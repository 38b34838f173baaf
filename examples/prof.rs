use f2b_regex::pattern::{Flags, Regex, Scratch, tags};
use std::time::Instant;
fn main() {
    let pre = r"^(?P<mlfid>(?:\[\])?\s*(?:<[^.]+\.[^.]+>\s+)?(?:\S+\s+)?(?:kernel:\s?\[ *\d+\.\d+\]:?\s+)?(?:@vserver_\S+\s+)?(?:(?:(?:\[\d+\])?:\s+[\[\(]?sshd(?:-session)?(?:\(\S+\))?[\]\)]?:?|[\[\(]?sshd(?:-session)?(?:\(\S+\))?[\]\)]?:?(?:\[\d+\])?:?)\s+)?(?:\[ID \d+ \S+\]\s+)?)(?:(?:error|fatal): (?:PAM: )?)?(?P<content>.+)$";
    let f4 = r"^Failed (?:<F-NOFAIL>publickey</F-NOFAIL>|\S+) for (?P<cond_inv>invalid user )?<F-USER>(?P<cond_user>\S+)|(?(cond_inv)(?:(?! from ).)*?|[^:]+)</F-USER> from <HOST>(?: (?:port \d+|on \S+)){0,2}(?: ssh\d*)?(?(cond_user): |(?:(?:(?! from ).)*)$)";
    let inv = r"^[iI](?:llegal|nvalid) user <F-USER>.*?</F-USER> (?:from )?<HOST>(?: (?:port \d+|on \S+|\[preauth\])){0,3}\s*$";
    let usr = r"^User <F-USER>\S+|.*?</F-USER> from <HOST> not allowed because not listed in AllowUsers(?: (?:port \d+|on \S+|\[preauth\])){0,3}\s*$";
    let date = r"(?iu)^(?:\W{0,2})?((?:(?P<a>mon|tue|wed|thu|fri|sat|sun) )?(?P<b>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) (?P<d>[1-2]\d|[0 ]?[1-9]|3[0-1])  ?(?P<H>[0-2]?\d):(?P<M>[0-5]?\d):(?P<S>[0-5]?\d|6[0-1])(?:\.(?P<f>[0-9]{1,6}))?(?: (?P<Y>20[012]\d))?)(?=\b|\W|$)";
    let mut scratch = Scratch::default();
    for (name, re, text) in [
        ("pre", pre, " mx1.example.net sshd[61859]: Failed password for invalid user guest from 25.178.118.49 port 5771 ssh2\n"),
        ("pre cron", pre, " mx1.example.net CRON[61859]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)\n"),
        ("f4 inv", f4, "Failed password for invalid user guest from 25.178.118.49 port 5771 ssh2\n"),
        ("f4", f4, "Failed password for guest from 25.178.118.49 port 5771 ssh2\n"),
        ("inv", inv, "Invalid user guest from 25.178.118.49 port 5771\n"),
        ("usr", usr, "User guest from 25.178.118.49 not allowed because not listed in AllowUsers\n"),
        ("date", date, "Nov 01 12:26:42 web2 sshd[28683]: User www-data from 188.222.238.123 not allowed because not listed in AllowUsers"),
    ] {
        let re = Regex::new(&tags::resolve(re, tags::HostTag::Any), Flags::default()).unwrap();
        let n = 200_000;
        let t = Instant::now();
        let mut m = 0;
        for _ in 0..n { if re.search(text, &mut scratch).unwrap().is_some() { m += 1 } }
        let ns = t.elapsed().as_nanos() as f64 / n as f64;
        println!("{name:10} {:6.0} ns  {:5} steps  {:.1} ns/step matched {}", ns, scratch.steps(), ns / scratch.steps() as f64, m > 0);
    }
}
