//! The ValidatingWebhookConfiguration: which authority the API server trusts.

use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;
use kube::api::{Api, ApiResource, DynamicObject, PostParams};
use kube::{Client, Error as KubeError};
use serde_json::Value;
use tracing::info;

use super::TRIES;
use super::error::Error;

pub(super) struct Webhooks {
    /// Not typed: fields that this version does not know have to stay.
    api: Api<DynamicObject>,
    name: String,
    /// The names that the certificate is for.
    services: Vec<String>,
}

impl Webhooks {
    pub(super) fn new(client: &Client, name: &str, services: &[String]) -> Self {
        let resource = ApiResource::erase::<ValidatingWebhookConfiguration>(&());
        Self {
            api: Api::all_with(client.clone(), &resource),
            name: name.to_owned(),
            services: services.to_vec(),
        }
    }

    /// Has the API server trust these authorities, unless it does already.
    pub(super) async fn trust(&self, authority: &str) -> Result<(), Error> {
        let bundle = ByteString(authority.as_bytes().to_vec());
        let bundle = serde_json::to_value(&bundle).unwrap_or_default();
        let mut tries = 0;
        loop {
            let found = self.api.get(&self.name).await;
            let mut configuration = found.map_err(|error| self.failed("read", &error))?;
            let changed = self.put_in(&mut configuration, &bundle)?;
            if changed == 0 {
                return Ok(());
            }
            tries += 1;
            let params = PostParams::default();
            let written = self.api.replace(&self.name, &params, &configuration).await;
            match written {
                Ok(_) => {
                    info!(
                        name = self.name,
                        webhooks = changed,
                        "the API server is told which authority to trust"
                    );
                    return Ok(());
                }
                Err(KubeError::Api(status)) if status.is_conflict() && tries < TRIES => {}
                Err(error) => return Err(self.failed("update", &error)),
            }
        }
    }

    /// How many webhooks trust something else until now.
    fn put_in(&self, configuration: &mut DynamicObject, bundle: &Value) -> Result<usize, Error> {
        let webhooks = configuration.data.get_mut("webhooks");
        let webhooks = webhooks.and_then(Value::as_array_mut);
        let mut ours = 0;
        let mut changed = 0;
        for webhook in webhooks.into_iter().flatten() {
            let Some(client) = webhook.get_mut("clientConfig") else {
                continue;
            };
            if !self.is_ours(client) {
                continue;
            }
            ours += 1;
            if let Some(fields) = client.as_object_mut()
                && fields.get("caBundle") != Some(bundle)
            {
                fields.insert("caBundle".to_owned(), bundle.clone());
                changed += 1;
            }
        }
        if ours == 0 {
            return Err(Error::NoSuchService {
                name: self.name.clone(),
                names: self.services.join(", "),
            });
        }
        Ok(changed)
    }

    /// Whether the webhook calls a Service that the certificate is for.
    fn is_ours(&self, client: &Value) -> bool {
        let text = |field| client.pointer(field).and_then(Value::as_str);
        let (Some(name), Some(namespace)) = (text("/service/name"), text("/service/namespace"))
        else {
            return false;
        };
        let called = format!("{name}.{namespace}.svc");
        self.services.contains(&called)
    }

    fn failed(&self, verb: &'static str, error: &KubeError) -> Error {
        let what = format!("the ValidatingWebhookConfiguration {}", self.name);
        let rights = format!(
            "get and update on validatingwebhookconfigurations (admissionregistration.k8s.io) of the name {}",
            self.name
        );
        Error::request(verb, what, &rights, error)
    }
}
