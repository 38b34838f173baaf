//! Prints the texts the prefilter looks for: one line each, of every failregex of a filter.
//!
//! `cargo run --bin required -- CONFIG FILTER`, here, for `../compare.py`, which gives the same texts to `rg`.

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [config, spec] = given.as_slice() else {
        eprintln!("usage: required CONFIG FILTER");
        return;
    };
    let texts = f2b_regex::inside::required_texts(config, spec);
    texts.iter().for_each(|text| println!("{text}"));
}
