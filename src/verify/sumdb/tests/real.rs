//! A real toolchain, and what the real database answered about it.

use std::collections::HashMap;

use super::super::*;
use crate::error::Error;

/// What sum.golang.org itself answered, recorded: a path and its body in base64 on every line.
struct Recorded(HashMap<String, Vec<u8>>);

impl Recorded {
    fn real() -> Recorded {
        use base64::Engine;
        let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        let lines = include_str!("../../data/tests/sum.golang.org.recorded").lines();
        Recorded(
            lines.filter_map(|line| line.split_once(' ')).map(|(path, body)| (path.to_owned(), decode(body))).collect(),
        )
    }
}

impl Transport for Recorded {
    fn get(&self, path: &str) -> Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| Error::network(format!("{path} was not recorded")))
    }
}

#[test]
fn a_real_toolchain_is_proven_by_the_real_database() {
    let cache = tempfile::tempdir().unwrap();
    let roots = crate::verify::Roots::google();
    let database = roots.database(cache.path(), super::patience()).unwrap();
    let record = database.lookup(&Recorded::real(), "golang.org/toolchain", "v0.0.1-go1.22.0.linux-amd64").unwrap();
    assert_eq!(record.h1().unwrap(), "h1:sw/OXbYl9bnHFo9BQjiVYaAIfQ1Nz//kiAjHaDP5RVw=");
    assert_eq!(record.go_mod_h1().unwrap(), crate::verify::h1::go_mod_h1(b"module golang.org/toolchain\n"));
    record.verify_offline(&roots.database_key().unwrap()).unwrap();
    assert_eq!(database.latest().unwrap().tree.size, 71_909_756);
}
