//! How much proof is asked for.

/// What proof an install needs; design and README have the table of what each artefact can offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The signature or the checksum database.
    Any,
    /// Both, for the same bytes.
    All,
    /// Neither: a checksum from the source is enough, and the toolchain is shown as unproven.
    Checksum,
}

impl Trust {
    /// The words of the setting and of `--trust`.
    pub const WORDS: [&'static str; 3] = ["any", "all", "checksum"];

    /// Reads one of [`Trust::WORDS`].
    pub fn parse(word: &str) -> Option<Trust> {
        [Trust::Any, Trust::All, Trust::Checksum].into_iter().find(|trust| trust.word() == word)
    }

    /// The word of the setting.
    pub fn word(self) -> &'static str {
        match self {
            Trust::Any => "any",
            Trust::All => "all",
            Trust::Checksum => "checksum",
        }
    }
}
