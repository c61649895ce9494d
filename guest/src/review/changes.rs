//! Changes as they come in, and what can be read of them.

use crate::cluster::Step;
use crate::objects::Key;
use crate::objects::document::Contents;
use crate::report::Problem;

/// A change that somebody wants to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The JSON text of an object as it is to become.
    Put(String),
    Delete(Key),
}

/// Changes that have been read.
pub struct Changes {
    /// In their order.
    pub steps: Vec<Step>,
    /// What could not be read. An object that could not is no step.
    pub problems: Vec<Problem>,
}

impl Changes {
    pub fn read(changes: &[Change]) -> Self {
        let mut read = Self {
            steps: Vec::new(),
            problems: Vec::new(),
        };
        for change in changes {
            match change {
                Change::Put(text) => {
                    let contents = Contents::read(text);
                    let objects = contents.objects.into_iter();
                    read.steps
                        .extend(objects.map(|object| Step::Put(Box::new(object))));
                    read.problems.extend(contents.problems);
                }
                Change::Delete(key) => read.steps.push(Step::Delete(key.clone())),
            }
        }
        read
    }
}
