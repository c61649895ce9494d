//! Changes that are tried out and taken back: what is reviewed has not
//! happened yet, and may never.

use std::collections::BTreeSet;

use super::copies::Copies;
use super::{Cluster, Keep, is_read, object_key};
use crate::objects::{Key, Kind, Object};
use crate::report::Problem;

/// A change that somebody wants to make, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Put(Box<Object>),
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

impl Step {
    pub fn key(&self) -> Key {
        match self {
            Self::Put(object) => object.key(),
            Self::Delete(key) => key.clone(),
        }
    }
}

impl Cluster {
    /// Makes changes that [`Cluster::undo`] takes back.
    pub fn try_out(&mut self, steps: &[Step]) -> Trial {
        let mut trial = Trial {
            before: Vec::new(),
            seen: self.seen.clone(),
            listed_namespaces: self.listed_namespaces.clone(),
            revision: self.ledger.revision(),
            touched: self.ledger.take_touched(),
        };
        for step in steps {
            trial.before.push(self.put_away(step.key()));
            match step {
                Step::Put(object) if is_read(object) => {
                    self.put(Object::clone(object), Keep::Latest);
                }
                Step::Put(object) => self.see(object),
                Step::Delete(_) => {}
            }
        }
        trial
    }

    /// Whether a trial changes what may concern every node.
    pub fn is_shaken_by(&self, trial: &Trial) -> bool {
        self.ledger.revision() != trial.revision
    }

    /// Whether more kinds or namespaces count as listed by a trial, or fewer
    /// objects as unreadable.
    pub fn has_gained_sight_by(&self, trial: &Trial) -> bool {
        self.seen != trial.seen
            || self.listed_namespaces != trial.listed_namespaces
            || trial.before.iter().any(|before| before.problems.is_some())
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
