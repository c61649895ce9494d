//! Service engine groups: their service engines get the routes of a cluster
//! only if the group carries the cluster's label.

use std::sync::Arc;

use reqwest::StatusCode;

use super::object::{self, Fields, Label};
use super::session::Session;
use super::{ADMIN, OWNER_LABEL, listing};
use crate::targets::Error;

const KIND: &str = "serviceenginegroup";

/// The group whose label is looked after.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) session: Arc<Session>,
    pub(super) cloud: String,
    pub(super) name: String,
    /// Whether to write the label where there is none at all.
    pub(super) write: bool,
}

/// What a look at the group's labels gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) note: Option<String>,
    /// Whether [`Group::mark`] would mend it.
    pub(super) mendable: bool,
}

impl Group {
    /// Whether the group gets this cluster's routes. Without an owner only
    /// what is wrong for any cluster shows. A group that cannot be read is no
    /// reason to leave the routes alone.
    pub(super) async fn check(&self, owner: Option<&str>) -> Finding {
        let found = match self.find().await {
            Ok(Some(group)) => group.labels().map_err(|error| self.unreadable(&error)),
            Ok(None) => Err(Error::Refused(format!(
                "service engine group {} is not in cloud {}; check --service-engine-group and --tenant",
                self.name, self.cloud
            ))),
            Err(error) => Err(error),
        };
        let labels = match found {
            Ok(labels) => labels,
            Err(error) => {
                return Finding {
                    note: Some(format!(
                        "the label of the service engine group is not known: {error}"
                    )),
                    mendable: false,
                };
            }
        };
        let label = match owner {
            Some(owner) => format!("{OWNER_LABEL}={owner}"),
            None => format!("{OWNER_LABEL} with the cluster's name"),
        };
        let unserved = "its service engines get none of this cluster's routes (engines that run already do not notice a new label)";
        let group = format!("service engine group {}", self.name);
        match (labels.owner, owner) {
            (Some(found), Some(owner)) if found != owner => Finding {
                note: Some(format!(
                    "{group} belongs to cluster {found}: {unserved}; give each cluster a group of its own"
                )),
                mendable: false,
            },
            (Some(_), _) => Finding {
                note: None,
                mendable: false,
            },
            (None, _) if labels.count > 0 => Finding {
                note: Some(format!(
                    "{group} has other labels but not {label}: {unserved}; use a group of its own for this cluster, or replace its labels"
                )),
                mendable: false,
            },
            (None, _) if self.write => Finding {
                note: None,
                mendable: true,
            },
            (None, _) => Finding {
                note: Some(format!(
                    "{group} has no label {label}: {unserved}; add it there, or set --write-se-group-labels"
                )),
                mendable: false,
            },
        }
    }

    /// Writes the label if the group has none at all. Labels that are there
    /// are somebody's, and stay.
    pub(super) async fn mark(&self, owner: &str) -> Result<(), Error> {
        if !self.write {
            return Ok(());
        }
        let Some(mut group) = self.find().await? else {
            return Ok(());
        };
        if group
            .labels()
            .map_err(|error| self.unreadable(&error))?
            .count
            > 0
        {
            return Ok(());
        }
        let Some(uuid) = group.uuid() else {
            return Err(self.unreadable("no `uuid`"));
        };
        let answer = self.session.get(&[KIND, &uuid], &[]).await?;
        group = Labelled(
            serde_json::from_str(&answer.into_body()?)
                .map_err(|error| self.unreadable(&error.to_string()))?,
        );
        if group
            .labels()
            .map_err(|error| self.unreadable(&error))?
            .count
            > 0
        {
            return Ok(());
        }
        if !group.0.contains_key("_last_modified") {
            return Err(self.unreadable("no `_last_modified`"));
        }
        let label = Label {
            key: OWNER_LABEL.to_owned(),
            value: Some(owner.to_owned()),
        };
        group.0.insert("labels".to_owned(), object::raw(&[label])?);
        let body = object::raw(&group.0)?;
        let path = [KIND, &uuid];
        let mut answer = self.session.put(&path, None, body.get()).await?;
        if answer.status == StatusCode::BAD_REQUEST && self.session.tenant() != ADMIN {
            answer = self.session.put(&path, Some(ADMIN), body.get()).await?;
        }
        answer.into_body().map(drop)
    }

    async fn find(&self) -> Result<Option<Labelled>, Error> {
        let groups = listing::list(&self.session, KIND, &self.cloud, Some(&self.name)).await?;
        for group in groups {
            let fields: Fields = serde_json::from_str(group.get())
                .map_err(|error| self.unreadable(&error.to_string()))?;
            if object::get::<String>(&fields, "name").as_deref() == Some(&self.name) {
                return Ok(Some(Labelled(fields)));
            }
        }
        Ok(None)
    }

    fn unreadable(&self, reason: &str) -> Error {
        Error::Unavailable(format!(
            "service engine group {}: the answer is not one: {reason}; tried again later",
            self.name
        ))
    }
}

/// A group as the controller wrote it.
struct Labelled(Fields);

struct Labels {
    count: usize,
    owner: Option<String>,
}

impl Labelled {
    fn uuid(&self) -> Option<String> {
        object::get(&self.0, "uuid")
    }

    fn labels(&self) -> Result<Labels, String> {
        let labels = object::list(&self.0, "labels")?;
        Ok(Labels {
            count: labels.len(),
            owner: object::owner(&labels),
        })
    }
}
