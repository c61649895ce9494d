//! Texts that should be CIDRs, read once.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use super::text::Text;
use crate::prefix::{Parsed, Prefix};

/// A text that should be a CIDR, and what it is read as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cidr {
    text: String,
    parsed: Result<Parsed, &'static str>,
}

impl Cidr {
    /// The prefix, or what is wrong with the text.
    pub fn parsed(&self) -> Result<Parsed, &'static str> {
        self.parsed
    }

    /// The texts of a list that may be absent.
    pub(super) fn list(texts: Option<Vec<Text<'_>>>) -> Vec<Self> {
        let texts = texts.unwrap_or_default().into_iter();
        texts.map(|text| text.into_owned().into()).collect()
    }
}

impl Default for Cidr {
    fn default() -> Self {
        String::new().into()
    }
}

impl From<String> for Cidr {
    fn from(text: String) -> Self {
        Self {
            parsed: Prefix::parse(&text),
            text,
        }
    }
}

impl From<&str> for Cidr {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Deref for Cidr {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl Borrow<str> for Cidr {
    fn borrow(&self) -> &str {
        self
    }
}
