//! Reads inputs one after the other, and hands their objects on as they come.

use std::io;

use super::source::{self, Source};
use super::split::{Object, Splitter};
use super::{Input, InputError, Limits, Location, Place, Snapshot, json, yaml};

pub(super) struct Reader<'h> {
    pub(super) snapshot: Snapshot,
    hand_on: &'h mut dyn FnMut(String),
}

impl<'h> Reader<'h> {
    pub(super) fn new(hand_on: &'h mut dyn FnMut(String)) -> Self {
        Self {
            snapshot: Snapshot::default(),
            hand_on,
        }
    }

    /// Reads all inputs as one cluster. The snapshot has everything but the
    /// objects.
    pub(super) fn read(mut self, inputs: &[Input]) -> Snapshot {
        let limits = Limits::default();
        for input in inputs {
            match input {
                Input::Stdin => {
                    let content = source::read(io::stdin().lock(), &limits);
                    self.add_content("standard input".to_owned(), content);
                }
                Input::Path(path) => self.add_path(path, &limits),
            }
        }
        self.snapshot
    }

    /// Reads what is in memory, text or archive, as if it were standard input.
    pub(super) fn read_bytes(mut self, name: &str, bytes: &[u8], limits: &Limits) -> Snapshot {
        self.add_content(name.to_owned(), source::read(bytes, limits));
        self.snapshot
    }

    /// `tolerant` is for files of folders: what is no Kubernetes object in
    /// them was not meant to be one.
    pub(super) fn add(&mut self, name: String, read: Result<String, String>, tolerant: bool) {
        let text = match read {
            Ok(text) => text,
            Err(message) => {
                self.snapshot.errors.push(InputError {
                    location: Location {
                        file: name,
                        line: None,
                    },
                    message,
                });
                return;
            }
        };
        let source = self.snapshot.sources.len();
        let (snapshot, hand_on) = (&mut self.snapshot, &mut self.hand_on);
        let mut keep = |object: Object<'_>| {
            let line = object.line;
            let at = Location {
                file: name.clone(),
                line: Some(line),
            };
            if snapshot.take_manifest(at, &object.id.0, &object.json) {
                return;
            }
            let of_object = snapshot.places.entry(object.id).or_default();
            of_object.push(Place { source, line });
            hand_on(object.json.into_owned());
        };
        let mut splitter = Splitter::new(&mut keep);
        if json::looks_like(&name, &text) {
            json::read(&text, &mut splitter);
        } else {
            yaml::read(&text, &mut splitter);
        }
        let found = splitter.finish();
        let snapshot = &mut self.snapshot;
        snapshot.listed_kinds.extend(found.listed_kinds);
        let locate = |line| Location {
            file: name.clone(),
            line: Some(line),
        };
        let errors = found.errors.into_iter().map(|(line, message)| InputError {
            location: locate(line),
            message,
        });
        snapshot.errors.extend(errors);
        for line in found.not_kubernetes {
            let message = "is no Kubernetes object: it has no `kind`".to_owned();
            if tolerant {
                snapshot.strangers.push(locate(line));
            } else {
                snapshot.errors.push(InputError {
                    location: locate(line),
                    message,
                });
            }
        }
        if found.secrets > 0 {
            snapshot.notes.push(format!(
                "{name}: {} Secrets were not read in",
                found.secrets
            ));
        }
        snapshot.sources.push(Source { name, text });
    }
}
