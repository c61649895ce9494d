//! The kernel's no, in words.

use std::fmt;
use std::io;

use rtnetlink::packet_core::{ErrorMessage, NlasIterator};

/// Set in an answer that repeats only the header of the request.
const NLM_F_CAPPED: u16 = 0x100;
const HEADER: usize = 16;
/// The attribute with the kernel's reason as a sentence.
const NLMSGERR_ATTR_MSG: u16 = 1;

const ESRCH: i32 = 3;
const ENODEV: i32 = 19;

/// An error number, and the kernel's own sentence where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    errno: i32,
    words: Option<String>,
}

impl Refusal {
    /// None for an answer that says yes.
    pub(super) fn of(error: &ErrorMessage, flags: u16) -> Option<Self> {
        let code = error.code?.get();
        Some(Self {
            errno: code.saturating_abs(),
            words: words(&error.header, flags),
        })
    }

    /// A dump ends with its error number alone.
    pub(super) fn of_dump(code: i32) -> Self {
        Self {
            errno: code.saturating_abs(),
            words: None,
        }
    }

    pub(super) fn is_permission(&self) -> bool {
        self.kind() == io::ErrorKind::PermissionDenied
    }

    /// There is such a thing already.
    pub(super) fn is_taken(&self) -> bool {
        self.kind() == io::ErrorKind::AlreadyExists
    }

    /// There is no such thing (any more).
    pub(super) fn is_missing(&self) -> bool {
        matches!(self.errno, ESRCH | ENODEV) || self.kind() == io::ErrorKind::NotFound
    }

    /// No network of this host has the next hop in it.
    pub(super) fn is_unreachable(&self) -> bool {
        matches!(
            self.kind(),
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable
        )
    }

    /// The interface is down.
    pub(super) fn is_down(&self) -> bool {
        self.kind() == io::ErrorKind::NetworkDown
    }

    fn kind(&self) -> io::ErrorKind {
        io::Error::from_raw_os_error(self.errno).kind()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = io::Error::from_raw_os_error(self.errno);
        match &self.words {
            Some(words) => write!(formatter, "\"{words}\", {error}"),
            None => write!(formatter, "{error}"),
        }
    }
}

/// The sentence, which follows what the answer repeats of the request.
fn words(answer: &[u8], flags: u16) -> Option<String> {
    let repeated = match flags & NLM_F_CAPPED {
        0 => {
            let length: [u8; 4] = answer.get(..4)?.try_into().ok()?;
            usize::try_from(u32::from_ne_bytes(length))
                .ok()?
                .checked_next_multiple_of(4)?
        }
        _ => HEADER,
    };
    NlasIterator::new(answer.get(repeated..)?)
        .filter_map(Result::ok)
        .find(|attribute| attribute.kind() == NLMSGERR_ATTR_MSG)
        .map(|attribute| {
            String::from_utf8_lossy(attribute.value())
                .trim_end_matches('\0')
                .to_owned()
        })
        .filter(|words| !words.is_empty())
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroI32;

    use super::*;

    /// The sentence `No route` as an attribute of 4 + 9 bytes.
    const SENTENCE: &[u8] = &[
        13, 0, 1, 0, b'N', b'o', b' ', b'r', b'o', b'u', b't', b'e', 0, 0, 0, 0,
    ];

    fn answer(code: i32, payload: &[u8]) -> ErrorMessage {
        let mut answer = ErrorMessage::default();
        answer.code = NonZeroI32::new(code);
        answer.header = payload.to_vec();
        answer
    }

    #[test]
    fn has_the_kernels_sentence_whatever_comes_before_it() {
        let mut capped = vec![0; HEADER];
        capped.extend(SENTENCE);
        let refusal = Refusal::of(&answer(-101, &capped), NLM_F_CAPPED).unwrap();
        assert!(refusal.is_unreachable());
        assert_eq!(
            refusal.to_string(),
            "\"No route\", Network is unreachable (os error 101)"
        );

        // 18 bytes of request, padded to 20.
        let mut whole = 18_u32.to_ne_bytes().to_vec();
        whole.resize(20, 0);
        whole.extend(SENTENCE);
        assert_eq!(Refusal::of(&answer(-101, &whole), 0), Some(refusal));
    }

    #[test]
    fn does_without_a_sentence() {
        for payload in [&[][..], &[255, 255, 255, 255], &[0; HEADER]] {
            let refusal = Refusal::of(&answer(-3, payload), 0).unwrap();
            assert!(refusal.is_missing());
            assert_eq!(refusal.to_string(), "No such process (os error 3)");
        }
        assert_eq!(Refusal::of(&answer(0, &[]), 0), None);
    }
}
