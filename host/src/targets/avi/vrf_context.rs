//! The target: one VRF context of a controller.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::StatusCode;

use super::answer::Answer;
use super::seg::Group;
use super::session::Session;
use super::vrf::Vrf;
use super::{ADMIN, listing};
use crate::targets::{Changes, Error, Table, Target, Written};

const KIND: &str = "vrfcontext";

/// How many VRF contexts an error message names.
const NAMED: usize = 20;

#[derive(Debug)]
pub(super) struct VrfContext {
    session: Arc<Session>,
    cloud: String,
    vrf: String,
    name: String,
    uuid: Option<String>,
    /// What `read` saw last, until it is written.
    seen: Option<Vrf>,
    /// Whether only tenant admin may write to it.
    is_admins: bool,
    /// Whose routes these are, once somebody has said so.
    owner: Option<String>,
    cloud_wide: Option<CloudWide>,
}

/// What is looked after once per cloud, by the first of its VRF contexts.
#[derive(Debug)]
pub(super) struct CloudWide {
    /// The names of all VRF contexts of the settings.
    pub(super) configured: Vec<String>,
    pub(super) group: Option<Group>,
}

impl VrfContext {
    pub(super) fn new(
        session: &Arc<Session>,
        cloud: &str,
        vrf: &str,
        cloud_wide: Option<CloudWide>,
    ) -> Self {
        Self {
            session: Arc::clone(session),
            cloud: cloud.to_owned(),
            vrf: vrf.to_owned(),
            name: format!("avi vrf {vrf}"),
            uuid: None,
            seen: None,
            is_admins: false,
            owner: None,
            cloud_wide,
        }
    }

    async fn uuid(&mut self) -> Result<String, Error> {
        if let Some(uuid) = &self.uuid {
            return Ok(uuid.clone());
        }
        let uuid = self.find().await?;
        self.uuid = Some(uuid.clone());
        Ok(uuid)
    }

    async fn find(&self) -> Result<String, Error> {
        let found = self.list(Some(&self.vrf)).await?;
        let mut uuids: Vec<String> = found
            .iter()
            .filter(|vrf| vrf.name().as_ref() == Some(&self.vrf))
            .filter_map(Vrf::uuid)
            .collect();
        match (uuids.pop(), uuids.len()) {
            (Some(uuid), 0) => Ok(uuid),
            (Some(_), others) => Err(Error::Refused(format!(
                "{} VRF contexts of cloud {} are named {}; give the tenant that the right one belongs to with --tenant",
                others + 1,
                self.cloud,
                self.vrf
            ))),
            (None, _) => Err(self.unknown().await?),
        }
    }

    async fn unknown(&self) -> Result<Error, Error> {
        let there = self.list(None).await?;
        let mut names: Vec<String> = there.iter().filter_map(Vrf::name).collect();
        names.sort_unstable();
        let total = names.len();
        names.truncate(NAMED);
        let mut names = names.join(", ");
        if total > NAMED {
            names = format!("{names} and {} more", total - NAMED);
        }
        if names.is_empty() {
            "none".clone_into(&mut names);
        }
        Ok(Error::Refused(format!(
            "no VRF context {} in cloud {} that tenant {} can see; there: {names}; check --vrf and --cloud, and whether another tenant holds it (--tenant)",
            self.vrf,
            self.cloud,
            self.session.tenant()
        )))
    }

    async fn list(&self, name: Option<&str>) -> Result<Vec<Vrf>, Error> {
        listing::list(&self.session, KIND, &self.cloud, name)
            .await?
            .iter()
            .map(|vrf| Vrf::parse(vrf.get()).map_err(|error| unreadable("the list", &error)))
            .collect()
    }

    /// The body of an answer about the VRF context itself. One that does not
    /// exist may have been made anew under the same name.
    fn body(&mut self, answer: Answer) -> Result<String, Error> {
        if answer.is_missing() {
            self.uuid = None;
            return Err(Error::Unavailable(format!(
                "VRF context {} is no longer there: {}{}; it is looked up by name next time",
                self.vrf,
                answer.request,
                answer.message()
            )));
        }
        answer.into_body()
    }

    async fn put(&mut self, sent: &Vrf, owner: &str) -> Result<(), Error> {
        let uuid = self.uuid().await?;
        let text = sent.to_text()?;
        let tenant = self.is_admins.then_some(ADMIN);
        let mut answer = self.session.put(&[KIND, &uuid], tenant, &text).await?;
        if answer.status == StatusCode::BAD_REQUEST
            && answer.says("Cannot modify VrfContext")
            && tenant.unwrap_or(self.session.tenant()) != ADMIN
        {
            answer = self.session.put(&[KIND, &uuid], Some(ADMIN), &text).await?;
            self.is_admins = answer.status.is_success();
        }
        let request = answer.request.clone();
        let body = self.body(answer)?;
        let held = Vrf::parse(&body).map_err(|error| unreadable(&request, &error))?;
        held.holds(sent, owner).map_err(|difference| {
            Error::Refused(format!(
                "{request}: the controller accepted the routes, but {difference}; look for what else changes them"
            ))
        })
    }
}

#[async_trait]
impl Target for VrfContext {
    fn name(&self) -> &str {
        &self.name
    }

    async fn read(&mut self) -> Result<Table, Error> {
        self.seen = None;
        let uuid = self.uuid().await?;
        let answer = self.session.get(&[KIND, &uuid], &[]).await?;
        let request = answer.request.clone();
        let body = self.body(answer)?;
        let vrf = Vrf::parse(&body).map_err(|error| unreadable(&request, &error))?;
        if vrf.uuid().as_ref() != Some(&uuid) {
            return Err(unreadable(&request, "it has another `uuid`"));
        }
        if !vrf.is_versioned() {
            return Err(unreadable(&request, "it has no `_last_modified`"));
        }
        let mut table = Table {
            routes: vrf.observed(),
            ..Table::default()
        };
        self.seen = Some(vrf);
        if let Some(CloudWide {
            group: Some(group), ..
        }) = &self.cloud_wide
        {
            let finding = group.check(self.owner.as_deref()).await;
            table.stale = finding.mendable;
            table.notes.extend(finding.note);
        }
        Ok(table)
    }

    async fn write(&mut self, changes: &Changes) -> Result<Written, Error> {
        self.owner = Some(changes.owner.clone());
        let Some(mut vrf) = self.seen.take() else {
            return Err(Error::Conflict(format!(
                "VRF context {} was not read since it was last written",
                self.vrf
            )));
        };
        if !changes.is_empty() {
            vrf.apply(changes)?;
            self.put(&vrf, &changes.owner).await?;
        }
        if let Some(CloudWide {
            group: Some(group), ..
        }) = &self.cloud_wide
        {
            group.mark(&changes.owner).await?;
        }
        Ok(Written::default())
    }

    fn is_akos(&self) -> bool {
        true
    }

    async fn strays(&mut self, owner: &str) -> Result<Vec<Box<dyn Target>>, Error> {
        self.owner = Some(owner.to_owned());
        let Some(CloudWide { configured, .. }) = &self.cloud_wide else {
            return Ok(Vec::new());
        };
        let mut strays: Vec<Box<dyn Target>> = Vec::new();
        for vrf in self.list(None).await? {
            let (Some(name), Some(uuid)) = (vrf.name(), vrf.uuid()) else {
                return Err(unreadable("the list", "a VRF context without name or uuid"));
            };
            let routes = vrf.observed();
            let ours = |route: &crate::targets::Observed| route.owner.as_deref() == Some(owner);
            if !configured.contains(&name) && routes.iter().any(ours) {
                let mut stray = Self::new(&self.session, &self.cloud, &name, None);
                stray.uuid = Some(uuid);
                strays.push(Box::new(stray));
            }
        }
        Ok(strays)
    }
}

fn unreadable(what: &str, reason: &str) -> Error {
    Error::Unavailable(format!(
        "{what}: the answer is no VRF context: {reason}; nothing is written, tried again later"
    ))
}
