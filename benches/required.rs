//! Prints the texts the prefilter looks for: one line each, of every failregex of a filter.
//!
//! `cargo bench --profile dev --features internals --bench required -- CONFIG FILTER`, for
//! `compare.py`, which gives the same texts to `rg`.

fn main() {
    // cargo adds `--bench`
    let given: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let [config, spec] = given.as_slice() else {
        eprintln!("usage: cargo bench --features internals --bench required -- CONFIG FILTER");
        return;
    };
    let texts = f2b_regex::inside::required_texts(config, spec);
    texts.iter().for_each(|text| println!("{text}"));
}
