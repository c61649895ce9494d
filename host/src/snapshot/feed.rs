//! From files straight into a cluster: the policy takes in what was read while
//! the rest is read, and nothing is kept twice.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread;

use super::reader::Reader;
use super::{Input, Snapshot};
use crate::policy::{Cluster, Error, KindState};

/// How much is handed over at a time, in bytes.
const PART: usize = 1 << 20;

/// How many parts may wait for the policy.
const WAITING: usize = 4;

impl Snapshot {
    /// Reads all inputs into a cluster, with what is known of their kinds. The
    /// snapshot that is returned has everything but the objects. `progress` is
    /// told of objects that were read, how many more.
    pub fn feed(
        inputs: &[Input],
        cluster: &mut Cluster,
        mut progress: impl FnMut(usize),
    ) -> Result<Self, Error> {
        let (parts, received) = mpsc::sync_channel(WAITING);
        let (snapshot, loaded) = thread::scope(|scope| {
            let reader = scope.spawn(move || {
                let mut batch = Batch::new(parts);
                let mut add = |document: String| batch.add(document);
                let snapshot = Reader::new(&mut add).read(inputs);
                batch.send();
                snapshot
            });
            // When the policy fails, the reader goes on alone: its errors are
            // worth more than the time.
            let loaded = received.iter().try_for_each(|part: Vec<String>| {
                progress(part.len());
                cluster.load(&part).map(drop)
            });
            drop(received);
            (reader.join(), loaded)
        });
        loaded?;
        let snapshot = snapshot.map_err(|_| Error::Runtime("reading has crashed".to_owned()))?;
        snapshot.tell_kinds(cluster)?;
        Ok(snapshot)
    }

    /// Puts a snapshot that was read into a cluster.
    pub fn load_into(&self, cluster: &mut Cluster) -> Result<(), Error> {
        cluster.load(&self.documents)?;
        self.tell_kinds(cluster)
    }

    fn tell_kinds(&self, cluster: &mut Cluster) -> Result<(), Error> {
        for kind in &self.listed_kinds {
            cluster.set_kind(kind, &KindState::Listed)?;
        }
        for (kind, reasons) in self.gaps() {
            cluster.set_kind(kind, &KindState::Gap(reasons.join("; ")))?;
        }
        Ok(())
    }

    /// What is not known, and why, by kind. Nobody knows what would have been
    /// in input that cannot be read.
    fn gaps(&self) -> BTreeMap<&str, Vec<String>> {
        let mut gaps: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for gap in &self.gaps {
            gaps.entry(&gap.kind).or_default().push(gap.reason.clone());
        }
        for error in &self.errors {
            gaps.entry("*").or_default().push(error.to_string());
        }
        gaps
    }
}

/// Objects on their way.
struct Batch {
    parts: mpsc::SyncSender<Vec<String>>,
    documents: Vec<String>,
    bytes: usize,
}

impl Batch {
    fn new(parts: mpsc::SyncSender<Vec<String>>) -> Self {
        Self {
            parts,
            documents: Vec::new(),
            bytes: 0,
        }
    }

    fn add(&mut self, document: String) {
        self.bytes += document.len();
        self.documents.push(document);
        if self.bytes >= PART {
            self.send();
        }
    }

    fn send(&mut self) {
        self.bytes = 0;
        // Nobody takes it any more when the policy has failed.
        let _ = self.parts.send(std::mem::take(&mut self.documents));
    }
}
