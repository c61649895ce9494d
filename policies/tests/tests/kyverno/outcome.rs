//! What becomes of a request.

/// What a policy says of a request.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    /// Why it is refused.
    pub(crate) refused: Vec<String>,
    /// What kubectl shows beside.
    pub(crate) warned: Vec<String>,
    /// Why a rule could not be judged.
    pub(crate) failed: Vec<String>,
    /// Whether what could not be judged is refused.
    pub(crate) fails_closed: bool,
}

impl Outcome {
    pub(crate) fn is_allowed(&self) -> bool {
        self.refused.is_empty() && (self.failed.is_empty() || !self.fails_closed)
    }
}
