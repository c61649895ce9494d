//! Bearer tokens.

use std::mem;
use std::sync::{Arc, PoisonError, RwLock};

use subtle::{Choice, ConstantTimeEq};

use super::files::{FromFiles, Watched};

/// Shorter ones can be guessed.
const SHORTEST: usize = 16;

/// The tokens that are accepted: the lines of a file. Several of them let
/// clients change from one to the next one after the other.
#[derive(Clone)]
pub(crate) struct Tokens(Arc<RwLock<Vec<Vec<u8>>>>);

/// Tokens that are taken over when their file changes.
pub(crate) type WatchedTokens = Watched<Tokens, 1>;

impl FromFiles<1> for Tokens {
    fn from_files([file]: &[Vec<u8>; 1]) -> Result<Self, String> {
        let tokens: Vec<Vec<u8>> = file
            .split(|byte| *byte == b'\n')
            .map(|line| line.trim_ascii().to_vec())
            .filter(|line| !line.is_empty())
            .collect();
        if tokens.is_empty() {
            return Err("there is no token in it; write one per line".to_owned());
        }
        if tokens.iter().any(|token| token.len() < SHORTEST) {
            return Err(format!(
                "a token in it has less than {SHORTEST} characters; make one with `openssl rand -hex 32`"
            ));
        }
        if !tokens.iter().flatten().all(u8::is_ascii_graphic) {
            return Err(
                "a token in it has a space or another character that a bearer token cannot have; write one per line"
                    .to_owned(),
            );
        }
        Ok(Self(Arc::new(RwLock::new(tokens))))
    }

    fn replace(&self, new: Self) {
        let mut tokens = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *tokens = mem::take(&mut *new.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Tokens {
    /// Takes as long for a token that is nearly right as for any other.
    pub(super) fn accept(&self, given: &[u8]) -> bool {
        let tokens = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let right = tokens
            .iter()
            .fold(Choice::from(0), |right, token| right | token.ct_eq(given));
        right.into()
    }
}
