//! What can be wrong with a file of a toolchain.

/// Something that is not as the receipt has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Below GOROOT; that of a folder ends with a slash. It may hold any byte.
    pub path: Vec<u8>,
    /// What.
    pub kind: Kind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Its content is another one.
    Modified,
    /// It is not there; of a folder, how many files lack with it.
    Missing(usize),
    /// It should not be there; what lies in an extra folder is not looked at.
    Extra,
    /// Its mode is wrong; why.
    Mode(&'static str),
    /// Something else is in its place: `a symbolic link`.
    Type(&'static str),
    /// It cannot be read; why.
    Unreadable(String),
    /// The file is proven to be right, so that the receipt's row of it is wrong.
    Row,
}

impl Kind {
    /// For people and programs.
    pub fn word(&self) -> &'static str {
        match self {
            Kind::Modified => "modified",
            Kind::Missing(_) => "missing",
            Kind::Extra => "extra",
            Kind::Mode(_) => "mode",
            Kind::Type(_) => "type",
            Kind::Unreadable(_) => "unreadable",
            Kind::Row => "receipt",
        }
    }

    /// What there is to say beyond the word.
    pub fn detail(&self) -> Option<String> {
        match self {
            Kind::Modified | Kind::Extra | Kind::Missing(1) => None,
            Kind::Missing(files) => Some(format!("{files} files")),
            Kind::Mode(why) => Some((*why).to_owned()),
            Kind::Type(what) => Some(format!("it is {what}")),
            Kind::Unreadable(why) => Some(why.clone()),
            Kind::Row => Some("the file is proven, and its row in the receipt is wrong".to_owned()),
        }
    }
}

impl Problem {
    pub(super) fn new(path: &[u8], kind: Kind) -> Problem {
        Problem { path: path.to_vec(), kind }
    }

    /// The path as text, in which what is not UTF-8 becomes U+FFFD.
    pub fn path(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }
}
