//! Changes that are tried out and taken back: what is reviewed has not
//! happened yet, and may never.

use std::collections::BTreeSet;

use super::copies::Copies;
use super::{Cluster, Keep, is_read, object_key};
use crate::objects::document::Contents;
use crate::objects::{Key, Kind, Object};
use crate::report::Problem;

/// A change that somebody wants to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The JSON text of an object as it is to become.
    Put(String),
    Delete(Key),
}

/// The way back from changes that were tried out.
#[derive(Debug)]
pub struct Trial {
    /// In the order in which they were put away.
    before: Vec<Before>,
    seen: BTreeSet<Kind>,
    listed_namespaces: BTreeSet<String>,
    revision: u64,
    touched: BTreeSet<String>,
}

/// An object as it was.
#[derive(Debug)]
struct Before {
    key: Key,
    object: Option<Object>,
    problems: Option<Vec<Problem>>,
    copies: Option<Copies>,
}

impl Change {
    /// The objects that it puts in, and what cannot be read of it.
    pub fn contents(&self) -> Contents {
        match self {
            Self::Put(text) => Contents::read(text),
            Self::Delete(_) => Contents::default(),
        }
    }
}

impl Cluster {
    /// Puts objects in and takes others out, until [`Cluster::undo`].
    pub fn try_out(&mut self, puts: Vec<Object>, deletes: &[Key]) -> Trial {
        let mut trial = Trial {
            before: Vec::new(),
            seen: self.seen.clone(),
            listed_namespaces: self.listed_namespaces.clone(),
            revision: self.ledger.revision(),
            touched: self.ledger.take_touched(),
        };
        for object in puts {
            let key = object.key();
            trial.before.push(self.put_away(key));
            if is_read(&object) {
                self.put(object, Keep::Latest);
            } else {
                self.see(&object);
            }
        }
        for key in deletes {
            trial.before.push(self.put_away(key.clone()));
        }
        trial
    }

    /// Makes everything as it was before a trial.
    pub fn undo(&mut self, trial: Trial) {
        for before in trial.before.into_iter().rev() {
            self.take(&before.key);
            let of = object_key(&before.key);
            if let Some(object) = before.object {
                self.put(object, Keep::Latest);
            }
            if let Some(problems) = before.problems {
                self.problems.insert(of, problems);
            }
            if let Some(copies) = before.copies {
                self.copies.insert(before.key, copies);
            }
        }
        self.seen = trial.seen;
        self.listed_namespaces = trial.listed_namespaces;
        self.ledger.rewind(trial.revision, trial.touched);
    }

    fn put_away(&mut self, key: Key) -> Before {
        let of = object_key(&key);
        let problems = self.problems.get(&of).cloned();
        self.forgive(&of);
        let copies = self.copies.remove(&key);
        let object = self.take(&key);
        Before {
            key,
            object,
            problems,
            copies,
        }
    }
}
