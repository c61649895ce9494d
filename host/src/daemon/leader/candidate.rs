//! One replica's dealings with the Lease.
//!
//! Every write carries the version that was read, so that of two candidates
//! who both find the Lease free only one gets it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use kube::api::{Api, PostParams};
use tokio::time::{Instant, timeout};

use super::super::api_error::{is_conflict, is_not_found};
use super::error::{Error, Verb};
use super::hold::Moment;
use super::options::Timing;

/// How often one attempt looks again because somebody wrote in between.
const TRIES: usize = 4;

pub(super) struct Candidate {
    pub(super) leases: Api<Lease>,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) identity: String,
    pub(super) timing: Timing,
    /// The Lease as this process wrote it last; None when somebody else may
    /// have written since.
    written: Option<Lease>,
    /// Somebody else's sign of life, and when it was first seen here.
    seen: Option<(Option<Sign>, Instant)>,
    annotations: BTreeMap<String, String>,
}

/// What changes in a Lease as long as its holder lives.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sign {
    holder: String,
    renewed: Option<MicroTime>,
    transitions: Option<i32>,
}

/// What came of an attempt.
pub(super) enum Attempt {
    /// The Lease is held, written by a request that was sent at that moment.
    Held(Moment),
    /// Somebody else has it, and nobody may take it before that time.
    Taken {
        holder: Option<String>,
        free_at: Instant,
    },
}

/// An annotation to set, or to take off.
pub(super) struct Change<'a> {
    pub(super) annotation: &'a str,
    pub(super) value: Option<&'a str>,
}

impl Candidate {
    pub(super) fn new(
        leases: Api<Lease>,
        namespace: String,
        name: String,
        identity: String,
        timing: Timing,
    ) -> Self {
        Self {
            leases,
            namespace,
            name,
            identity,
            timing,
            written: None,
            seen: None,
            annotations: BTreeMap::new(),
        }
    }

    /// The annotations of the Lease as last read or written.
    pub(super) fn annotations(&self) -> &BTreeMap<String, String> {
        &self.annotations
    }

    /// Takes the Lease if it is free, renews it if it is held already.
    pub(super) async fn attempt(&mut self, change: Option<&Change<'_>>) -> Result<Attempt, Error> {
        for _ in 0..TRIES {
            let found = self.look().await?;
            if let Some(free_at) = self.taken_until(found.as_ref()) {
                let holder = found.and_then(|lease| lease.spec?.holder_identity);
                return Ok(Attempt::Taken { holder, free_at });
            }
            let sent = Moment::now();
            let lease = self.claim(found, change);
            if self.write(lease).await? {
                return Ok(Attempt::Held(sent));
            }
        }
        Err(self.contended())
    }

    /// Frees the Lease for others at once, if it is held.
    pub(super) async fn give_back(&mut self) -> Result<(), Error> {
        for _ in 0..TRIES {
            let Some(mut lease) = self.look().await? else {
                return Ok(());
            };
            let spec = lease.spec.get_or_insert_default();
            if spec.holder_identity.as_deref() != Some(self.identity.as_str()) {
                return Ok(());
            }
            let now = Some(MicroTime(Timestamp::now()));
            spec.holder_identity = Some(String::new());
            spec.lease_duration_seconds = Some(1);
            spec.acquire_time.clone_from(&now);
            spec.renew_time = now;
            if self.write(lease).await? {
                self.written = None;
                return Ok(());
            }
        }
        Err(self.contended())
    }

    /// The Lease as it is: as it was written last, or else as the API has it.
    async fn look(&mut self) -> Result<Option<Lease>, Error> {
        if let Some(lease) = self.written.take() {
            return Ok(Some(lease));
        }
        let found = self.answer(self.leases.get_opt(&self.name)).await?;
        let found = found.map_err(|error| self.error(Verb::Read, &error))?;
        if let Some(lease) = &found {
            self.annotations = lease.metadata.annotations.clone().unwrap_or_default();
        }
        Ok(found)
    }

    /// Until when somebody else has the Lease; None when it is free.
    fn taken_until(&mut self, found: Option<&Lease>) -> Option<Instant> {
        let spec = found.and_then(|lease| lease.spec.as_ref());
        let holder = spec.and_then(|spec| spec.holder_identity.as_deref());
        let taken = match holder {
            Some(holder) => !holder.is_empty() && holder != self.identity,
            // Deleted under somebody who may still believe to lead. Who never
            // saw a holder comes into a cluster where there is none.
            None if found.is_none() => self.seen.is_some(),
            None => false,
        };
        if !taken {
            self.seen = None;
            return None;
        }
        let sign = spec.map(|spec| Sign {
            holder: holder.unwrap_or_default().to_owned(),
            renewed: spec.renew_time.clone(),
            transitions: spec.lease_transitions,
        });
        let now = Instant::now();
        let since = match &self.seen {
            Some((seen, since)) if *seen == sign => *since,
            _ => {
                self.seen = Some((sign, now));
                now
            }
        };
        let free_at = since + self.patience(spec);
        (now < free_at).then_some(free_at)
    }

    /// How long a silent holder is waited for: what it asked for, if that is
    /// longer than what this process would ask for.
    fn patience(&self, spec: Option<&LeaseSpec>) -> Duration {
        let asked = spec.and_then(|spec| spec.lease_duration_seconds);
        let asked = asked.and_then(|seconds| u64::try_from(seconds).ok());
        self.timing
            .lease_duration
            .max(Duration::from_secs(asked.unwrap_or_default()))
    }

    /// The Lease as it is to be written. What others keep in it stays.
    fn claim(&self, found: Option<Lease>, change: Option<&Change<'_>>) -> Lease {
        let now = Some(MicroTime(Timestamp::now()));
        let is_new = found.is_none();
        let mut lease = found.unwrap_or_else(|| Lease {
            metadata: ObjectMeta {
                namespace: Some(self.namespace.clone()),
                name: Some(self.name.clone()),
                ..ObjectMeta::default()
            },
            spec: None,
        });
        let spec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_deref() != Some(self.identity.as_str()) {
            let before = spec.lease_transitions.unwrap_or_default();
            spec.lease_transitions = Some(if is_new { 0 } else { before.saturating_add(1) });
            spec.holder_identity = Some(self.identity.clone());
            spec.acquire_time.clone_from(&now);
        }
        let seconds = self.timing.lease_duration.as_millis().div_ceil(1000);
        spec.lease_duration_seconds = Some(i32::try_from(seconds).unwrap_or(i32::MAX));
        spec.renew_time = now;
        if let Some(Change { annotation, value }) = change {
            let annotations = lease.metadata.annotations.get_or_insert_default();
            match value {
                Some(value) => annotations.insert((*annotation).to_owned(), (*value).to_owned()),
                None => annotations.remove(*annotation),
            };
        }
        lease
    }

    /// False when somebody else wrote first: look again.
    async fn write(&mut self, lease: Lease) -> Result<bool, Error> {
        let parameters = PostParams {
            field_manager: Some("podroute".to_owned()),
            ..PostParams::default()
        };
        let (verb, answer) = if lease.metadata.resource_version.is_some() {
            let request = self.leases.replace(&self.name, &parameters, &lease);
            let answer = self.answer(request).await?;
            // Deleted since: the next look finds that, and one that creates.
            if matches!(&answer, Err(error) if is_not_found(error)) {
                return Ok(false);
            }
            (Verb::Update, answer)
        } else {
            let request = self.leases.create(&parameters, &lease);
            let answer = self.answer(request).await?;
            (Verb::Create, answer)
        };
        match answer {
            Ok(lease) => {
                self.annotations = lease.metadata.annotations.clone().unwrap_or_default();
                self.written = Some(lease);
                Ok(true)
            }
            Err(error) if is_conflict(&error) => Ok(false),
            Err(error) => Err(self.error(verb, &error)),
        }
    }

    /// A connection that is dead leaves time for another request.
    async fn answer<T>(&self, request: impl Future<Output = T>) -> Result<T, Error> {
        let after = self.timing.request_timeout();
        timeout(after, request).await.map_err(|_| Error::Timeout {
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            after,
        })
    }

    fn error(&self, verb: Verb, error: &kube::Error) -> Error {
        Error::request(verb, &self.namespace, &self.name, error)
    }

    fn contended(&self) -> Error {
        Error::Contended {
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }
}
